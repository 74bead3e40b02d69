package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChildProcessesTest {
  @Test
  void endsAProgramAndWhatItStartedWhenClosed() throws Exception {
    long grandchild;
    Process child;
    try (ChildProcesses children = new ChildProcesses(TestPrograms.machine())) {
      child =
          children.start(
              new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; wait"),
              ChildProcesses.AtOurDeath.TERM);
      grandchild = Long.parseLong(firstLine(child));
    }

    assertThat(child.isAlive()).isFalse();
    assertEnds(grandchild);
  }

  @Test
  void startsNothingOnceClosed() {
    ChildProcesses children = new ChildProcesses(TestPrograms.machine());
    children.close();

    assertThatThrownBy(
            () -> children.start(new ProcessBuilder("true"), ChildProcesses.AtOurDeath.TERM))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("stopped");
  }

  @Test
  void namesAProgramThatIsNotThere() {
    try (ChildProcesses children = new ChildProcesses(TestPrograms.machine())) {
      assertThatThrownBy(
              () ->
                  children.start(
                      new ProcessBuilder("no-such-program"), ChildProcesses.AtOurDeath.TERM))
          .hasMessageContaining("no-such-program");
    }
  }

  @Test
  void programsEndWithAJvmThatIsKilled() throws Exception {
    Process jvm =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long child = Long.parseLong(firstLine(jvm));
    assertThat(ProcessHandle.of(child)).isPresent();

    // SIGKILL: no shutdown hook runs.
    jvm.destroyForcibly().waitFor();

    assertEnds(child);
  }

  /** Starts a child, says its number and waits to be killed. */
  static final class Parent {
    private Parent() {}

    public static void main(String... arguments) throws Exception {
      ChildProcesses children = new ChildProcesses(TestPrograms.machine());
      Process child =
          children.start(new ProcessBuilder("sleep", "1000"), ChildProcesses.AtOurDeath.KILL);
      System.out.println(child.pid());
      child.waitFor();
    }
  }

  private static String firstLine(Process process) throws IOException {
    BufferedReader lines = process.inputReader();
    return lines.readLine();
  }

  private static void assertEnds(long pid) throws Exception {
    java.util.Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isPresent()) {
      process.get().onExit().get(20, TimeUnit.SECONDS);
    }
  }
}
