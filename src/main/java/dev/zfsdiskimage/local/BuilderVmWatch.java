package dev.zfsdiskimage.local;

import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.guest.Console;
import dev.zfsdiskimage.guest.Progress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Follows the builder VM of an attempt by its events. Used by one thread. */
final class BuilderVmWatch {
  private final Path disks;
  private final Clock clock;
  private final Console console;
  private final Instant started;
  private Optional<Instant> firstMessage = Optional.empty();
  private Optional<Instant> lastMessage = Optional.empty();
  private boolean panicked;
  private boolean poweredOffByGuest;
  private Optional<VmEvent.DiskFailed> diskFailed = Optional.empty();
  private Optional<Instant> toldToStop = Optional.empty();
  private Optional<Vm.Stopped> stopped = Optional.empty();

  /**
   * @param disks the folder with the VM's disks, for a person who has to free space there
   */
  BuilderVmWatch(String nonce, Path disks, Clock clock) {
    this.disks = disks;
    this.clock = clock;
    this.console = new Console(nonce);
    this.started = clock.instant();
  }

  void accept(VmEvent event) {
    if (event instanceof VmEvent.ConsoleOutput output) {
      read(output);
    } else if (event instanceof VmEvent.GuestPanicked) {
      panicked = true;
    } else if (event instanceof VmEvent.DiskFailed failed) {
      diskFailed = Optional.of(failed);
    } else if (event instanceof VmEvent.ShuttingDown shuttingDown) {
      poweredOffByGuest |= shuttingDown.byGuest();
    } else if (event instanceof VmEvent.Exited exited) {
      stopped = Optional.of(end(exited));
    }
  }

  private void read(VmEvent.ConsoleOutput output) {
    long before = console.progress().messages();
    console.accept(output.bytes().toArray());
    if (console.progress().messages() > before) {
      lastMessage = Optional.of(clock.instant());
      firstMessage = firstMessage.or(() -> lastMessage);
    }
  }

  private Vm.Stopped end(VmEvent.Exited exited) {
    return new Vm.Stopped(
        Optional.of(started), clock.instant(), why(exited), message(exited), false);
  }

  private Vm.End why(VmEvent.Exited exited) {
    if (diskFailed.isPresent()) {
      return diskFailed.get().noSpace() ? Vm.End.HOST_DISK_FULL : Vm.End.IO_ERROR;
    }
    if (panicked) {
      return Vm.End.PANICKED;
    }
    if (toldToStop.isPresent()) {
      return Vm.End.STOPPED;
    }
    if (exited.status() == 0) {
      // QEMU also ends with 0 when it is told to by a signal.
      return poweredOffByGuest ? Vm.End.POWERED_OFF : Vm.End.KILLED;
    }
    boolean bySignal = exited.status() > 128;
    return bySignal ? Vm.End.KILLED : Vm.End.START_FAILED;
  }

  private String message(VmEvent.Exited exited) {
    if (diskFailed.isPresent()) {
      return diskFailed.get().noSpace()
          ? HostSpace.full(disks).getMessage()
          : diskFailed.get().message();
    }
    if (!exited.message().isEmpty()) {
      return exited.message();
    }
    return exited.status() == 0 ? "" : "QEMU ended with status " + exited.status();
  }

  void toldToStop() {
    toldToStop = Optional.of(clock.instant());
  }

  /** Says that nothing of the VM is left. */
  void removed() {
    stopped =
        stopped.map(end -> new Vm.Stopped(end.started(), end.at(), end.end(), end.message(), true));
  }

  /** Whether the VM stands still because its disk could not be written. */
  boolean standsStill() {
    return diskFailed.isPresent() && stopped.isEmpty();
  }

  Vm vm() {
    if (stopped.isPresent()) {
      return stopped.get();
    }
    if (toldToStop.isPresent()) {
      return new Vm.Stopping(toldToStop.get());
    }
    return new Vm.Running(started, firstMessage, lastMessage, Optional.empty());
  }

  Progress progress() {
    return console.progress();
  }
}
