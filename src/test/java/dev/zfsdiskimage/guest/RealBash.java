package dev.zfsdiskimage.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** Runs the machine's own programs, to hold ours against them. */
final class RealBash {
  private RealBash() {}

  /** What {@code command} writes; its complaints go to the test's log. */
  static byte[] run(Path folder, String... command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(List.of(command));
      builder.environment().put("LC_ALL", "C");
      builder.directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
      Process process = builder.start();
      process.getOutputStream().close();
      try (InputStream out = process.getInputStream()) {
        byte[] all = out.readAllBytes();
        int status = process.waitFor();
        if (status != 0) {
          throw new AssertionError(List.of(command) + " ended with " + status);
        }
        return all;
      }
    } catch (IOException broken) {
      throw new AssertionError(broken);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new AssertionError(stopped);
    }
  }
}
