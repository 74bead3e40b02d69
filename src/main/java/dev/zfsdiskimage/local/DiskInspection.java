package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.guest.Console;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.GuestProgram;
import dev.zfsdiskimage.guest.Progress.Outcome;
import dev.zfsdiskimage.local.VirtualMachine.Disk;
import dev.zfsdiskimage.local.VirtualMachine.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Looks at finished disks in a VM that has them read-only. */
final class DiskInspection {
  private final Hypervisor hypervisor;
  private final IsoImage isoImage;
  private final Recorder recorder;

  DiskInspection(Hypervisor hypervisor, ProgramRun programs, Recorder recorder) {
    this.hypervisor = hypervisor;
    this.isoImage = new IsoImage(programs);
    this.recorder = recorder;
  }

  /**
   * Runs the check.
   *
   * @param program makes the check's program for a nonce
   * @param boot read-only
   * @param root read-only
   * @param folder for the config disk; must not exist, and stays
   * @throws BuildFailure when the VM does not come to its end; what the disks are like is in the
   *     report
   */
  DiskReport inspect(
      BuilderVm builder,
      Function<String, GuestProgram> program,
      Disk boot,
      Disk root,
      Path folder,
      Duration timeout)
      throws BuildFailure, InterruptedException {
    String nonce = Nonce.next();
    try {
      Files.createDirectory(folder);
      Path config = folder.resolve("config.iso");
      isoImage.write(program.apply(nonce).files(), "zdi-config", folder.resolve("config"), config);
      VirtualMachine machine = builder.with("zdi-check", config, List.of(boot, root), Network.NONE);
      try (VmSession session = new VmSession(hypervisor, machine)) {
        return await(session, new Console(nonce), timeout);
      }
    } catch (IOException e) {
      throw HostSpace.explain(e, folder.getParent(), Reason.VM_START_FAILED, "checking the disks");
    }
  }

  private DiskReport await(VmSession session, Console console, Duration timeout)
      throws BuildFailure, InterruptedException {
    long deadline = VmSession.in(timeout);
    boolean panicked = false;
    while (true) {
      Optional<VmEvent> event = session.next(deadline);
      if (event.isEmpty()) {
        throw new BuildFailure(
            Reason.GUEST_SILENT,
            "the check of the disks was not done within " + timeout.toSeconds() + " s");
      }
      if (event.get() instanceof VmEvent.ConsoleOutput output) {
        console.accept(output.bytes().toArray());
        recorder.console(output.bytes());
      } else if (event.get() instanceof VmEvent.GuestPanicked) {
        panicked = true;
      } else if (event.get() instanceof VmEvent.Exited exited) {
        boolean kernelPanicked = panicked;
        return console.report().orElseThrow(() -> why(console, exited, kernelPanicked));
      }
    }
  }

  private static BuildFailure why(Console console, VmEvent.Exited exited, boolean panicked) {
    Outcome outcome = console.progress().outcome();
    String tail = String.join("\n", console.progress().tail());
    if (outcome instanceof Outcome.Failed failed) {
      return new BuildFailure(
          Reason.CHECK_FAILED,
          "the disks could not be looked at: " + failed.message() + "\n" + tail);
    }
    if (panicked || outcome instanceof Outcome.Panicked) {
      return new BuildFailure(
          Reason.GUEST_PANICKED, "the VM that checks the disks panicked\n" + tail);
    }
    if (exited.status() != 0) {
      return new BuildFailure(
          Reason.VM_START_FAILED,
          "QEMU ended with %d: %s".formatted(exited.status(), exited.message()));
    }
    return new BuildFailure(
        Reason.GUEST_STOPPED_EARLY, "the check of the disks ended without a report\n" + tail);
  }
}
