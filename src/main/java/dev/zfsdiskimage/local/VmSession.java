package dev.zfsdiskimage.local;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A VM whose events one thread waits for. Closing it ends the VM. */
final class VmSession implements AutoCloseable {
  private final Inbox<VmEvent> events = new Inbox<>();
  private final RunningVm vm;

  VmSession(Hypervisor hypervisor, VirtualMachine machine) throws IOException {
    this.vm = hypervisor.start(machine, event -> events.put(event, () -> false));
  }

  /** The next event, or empty when none comes by {@code deadline} of {@link System#nanoTime}. */
  Optional<VmEvent> next(long deadline) throws InterruptedException {
    return events.next(Duration.ofNanos(deadline - System.nanoTime()));
  }

  /** A deadline for {@link #next}. */
  static long in(Duration duration) {
    return System.nanoTime() + duration.toNanos();
  }

  RunningVm vm() {
    return vm;
  }

  @Override
  public void close() {
    events.close();
    vm.close();
  }
}
