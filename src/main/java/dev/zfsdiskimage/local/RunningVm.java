package dev.zfsdiskimage.local;

import dev.zfsdiskimage.recipe.Bytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.Consumer;

/** A VM that runs, and what it tells. Closing it ends it at once. */
final class RunningVm implements AutoCloseable {
  private static final int LAST_LINES = 20;

  private final Process process;
  private final QmpConnection qmp;
  private final Consumer<VmEvent> events;
  private final Deque<String> complaints = new ArrayDeque<>();
  private final Thread consoleReader;
  private final Thread complaintReader;
  private final Thread waiter;

  /**
   * Takes over a QEMU process.
   *
   * @param events called from several threads; console output in order
   */
  RunningVm(Process process, QmpConnection qmp, Consumer<VmEvent> events) {
    this.process = process;
    this.qmp = qmp;
    this.events = events;
    consoleReader = start("console", this::readConsole);
    complaintReader = start("qemu-stderr", this::readComplaints);
    waiter = start("qemu-exit", this::awaitExit);
  }

  private static Thread start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Presses the power button. */
  void powerDown() {
    qmp.powerDown();
  }

  /** Ends QEMU without asking the guest, its writes to the disks finished. */
  void quit() {
    qmp.quit();
  }

  /** Ends QEMU at once; its last event tells when it is gone. */
  void kill() {
    process.destroyForcibly();
  }

  /** The process' number. */
  long pid() {
    return process.pid();
  }

  /** Ends QEMU at once and returns when it is gone and has told its last. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      waiter.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readConsole() {
    byte[] buffer = new byte[16384];
    try (InputStream output = process.getInputStream()) {
      for (int read = output.read(buffer); read >= 0; read = output.read(buffer)) {
        events.accept(new VmEvent.ConsoleOutput(Bytes.of(Arrays.copyOf(buffer, read))));
      }
    } catch (IOException e) {
      // The pipe of a QEMU that was killed.
    }
  }

  private void readComplaints() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (complaints.size() == LAST_LINES) {
          complaints.removeFirst();
        }
        complaints.addLast(line);
      }
    } catch (IOException e) {
      // The pipe of a QEMU that was killed.
    }
  }

  private void awaitExit() {
    try {
      int status = process.waitFor();
      consoleReader.join();
      complaintReader.join();
      qmp.close();
      events.accept(new VmEvent.Exited(status, String.join("\n", complaints)));
    } catch (IOException e) {
      events.accept(new VmEvent.Exited(process.exitValue(), e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
