package dev.zfsdiskimage.ship;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Programs of this machine that check what ships. */
final class Program {
  private Program() {}

  /** How a program ended and what it said. */
  record Result(int status, String output, String errors) {}

  /** Runs it to its end; empty where there is no such program. */
  static Optional<Result> run(String... command) throws IOException {
    Path output = Files.createTempFile("program", ".out");
    Path errors = Files.createTempFile("program", ".err");
    try {
      Process process;
      try {
        process =
            new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
      } catch (IOException missing) {
        return Optional.empty();
      }
      int status = process.waitFor();
      return Optional.of(new Result(status, Files.readString(output), Files.readString(errors)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + command[0] + " ran", e);
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }
}
