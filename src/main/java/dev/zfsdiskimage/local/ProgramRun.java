package dev.zfsdiskimage.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs one program of this machine to its end. */
final class ProgramRun {
  private static final int LAST_LINES = 40;
  private static final int MOST_OUTPUT_BYTES = 16 << 20;

  private final ChildProcesses children;

  ProgramRun(ChildProcesses children) {
    this.children = children;
  }

  /**
   * How a program ended.
   *
   * @param status its exit status
   * @param output what it wrote to stdout, as UTF-8
   * @param errors the last lines it wrote to stderr
   */
  record Result(int status, String output, List<String> errors) {
    boolean succeeded() {
      return status == 0;
    }

    /** The last lines of stderr, or of stdout when there are none. */
    String complaint() {
      String text = String.join("\n", errors).strip();
      return text.isEmpty() ? output.strip() : text;
    }

    boolean noSpace() {
      return HostSpace.saysFull(complaint());
    }
  }

  /** A program to run: its words, what to add to its environment, and where. */
  record Command(List<String> words, Map<String, String> environment, Optional<Path> folder) {
    static Command of(String... words) {
      return of(List.of(words));
    }

    static Command of(List<String> words) {
      return new Command(words, Map.of(), Optional.empty());
    }
  }

  Result run(List<String> words) throws IOException, InterruptedException {
    return run(Command.of(words), line -> {});
  }

  /**
   * Runs a program.
   *
   * @param errorLine gets each line of stderr as it comes
   * @throws InterruptedException when this thread is interrupted; the program is stopped then
   */
  Result run(Command command, Consumer<String> errorLine) throws IOException, InterruptedException {
    Process process = children.start(builder(command), ChildProcesses.AtOurDeath.TERM);
    process.getOutputStream().close();
    Deque<String> last = new ArrayDeque<>();
    byte[][] output = {new byte[0]};
    Thread errorReader = reader(() -> readLines(process.getErrorStream(), last, errorLine));
    Thread outputReader = reader(() -> output[0] = readAtMost(process.getInputStream()));
    try {
      int status = process.waitFor();
      errorReader.join();
      outputReader.join();
      return new Result(status, new String(output[0], StandardCharsets.UTF_8), List.copyOf(last));
    } catch (InterruptedException e) {
      ChildProcesses.stop(process);
      throw e;
    }
  }

  /**
   * Runs a program whose stdout and stderr are one text.
   *
   * @param line gets each line as it comes
   */
  Result runMerged(Command command, Consumer<String> line)
      throws IOException, InterruptedException {
    ProcessBuilder builder = builder(command).redirectErrorStream(true);
    Process process = children.start(builder, ChildProcesses.AtOurDeath.TERM);
    process.getOutputStream().close();
    Deque<String> last = new ArrayDeque<>();
    Thread reader = reader(() -> readLines(process.getInputStream(), last, line));
    try {
      int status = process.waitFor();
      reader.join();
      return new Result(status, "", List.copyOf(last));
    } catch (InterruptedException e) {
      ChildProcesses.stop(process);
      throw e;
    }
  }

  private static ProcessBuilder builder(Command command) {
    ProcessBuilder builder = new ProcessBuilder(command.words());
    builder.environment().putAll(command.environment());
    command.folder().ifPresent(folder -> builder.directory(folder.toFile()));
    return builder;
  }

  private interface Reading {
    void read() throws IOException;
  }

  private static Thread reader(Reading reading) {
    Thread thread =
        new Thread(
            () -> {
              try {
                reading.read();
              } catch (IOException e) {
                // The pipe of a program that was stopped; its exit status tells.
              }
            },
            "program-output");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void readLines(InputStream stream, Deque<String> last, Consumer<String> eachLine)
      throws IOException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (last.size() == LAST_LINES) {
          last.removeFirst();
        }
        last.addLast(line);
        eachLine.accept(line);
      }
    }
  }

  private static byte[] readAtMost(InputStream stream) throws IOException {
    try (stream) {
      byte[] head = stream.readNBytes(MOST_OUTPUT_BYTES);
      stream.transferTo(java.io.OutputStream.nullOutputStream());
      return head;
    }
  }
}
