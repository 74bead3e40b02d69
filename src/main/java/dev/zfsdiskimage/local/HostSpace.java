package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells a full file system of this machine from other failures. */
final class HostSpace {
  private HostSpace() {}

  /** Whether a program's or the JVM's message is about a file system that is full. */
  static boolean saysFull(String message) {
    return message != null
        && (message.contains("No space left on device")
            || message.contains("Disk quota exceeded")
            || message.contains("ENOSPC"));
  }

  /** The failure of a write under {@code folder}. */
  static BuildFailure full(Path folder) {
    Path known = known(folder);
    return new BuildFailure(
        Reason.HOST_DISK_FULL,
        "the file system of "
            + known
            + " is full"
            + free(known)
            + "; free space there or choose another output directory");
  }

  /** The nearest folder that a person knows of: not a work directory, which goes away. */
  private static Path known(Path folder) {
    Path known = folder.toAbsolutePath();
    for (Path at = known; at.getFileName() != null; at = at.getParent()) {
      if (at.getFileName().toString().startsWith(WorkDirectory.PREFIX)) {
        known = at.getParent();
      }
    }
    while (known.getParent() != null && !Files.isDirectory(known)) {
      known = known.getParent();
    }
    return known;
  }

  /** Why an input or output operation under {@code folder} failed. */
  static BuildFailure explain(IOException error, Path folder, Reason otherwise, String doing) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (saysFull(cause.getMessage())) {
        return full(folder);
      }
    }
    return new BuildFailure(otherwise, doing + ": " + error.getMessage(), error);
  }

  private static String free(Path folder) {
    try {
      long bytes = Files.getFileStore(folder).getUsableSpace();
      return " (" + (bytes >> 20) + " MiB free)";
    } catch (IOException e) {
      return "";
    }
  }
}
