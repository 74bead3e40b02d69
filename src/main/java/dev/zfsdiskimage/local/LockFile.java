package dev.zfsdiskimage.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Opens files that stand for locks. Their names are known, so others may have put something there.
 */
final class LockFile {
  private LockFile() {}

  /**
   * Opens {@code file}, and makes it when it is not there.
   *
   * @throws IOException when it is a link or anything else but a plain file
   */
  static FileChannel open(Path file) throws IOException {
    requirePlain(file);
    // A link that has come since then fails here.
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        LinkOption.NOFOLLOW_LINKS);
  }

  private static void requirePlain(Path file) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (found.isSymbolicLink()) {
      throw refused(file, "is a link, which zdi does not follow");
    }
    if (!found.isRegularFile()) {
      throw refused(file, "is no plain file");
    }
  }

  /** Why {@code file} is not taken as a lock. */
  static IOException refused(Path file, String why) {
    return new IOException(file + " " + why + "; remove it, or choose another directory");
  }
}
