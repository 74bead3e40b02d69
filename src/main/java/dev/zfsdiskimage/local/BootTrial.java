package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.guest.ConsoleText;
import dev.zfsdiskimage.local.VirtualMachine.Access;
import dev.zfsdiskimage.local.VirtualMachine.Disk;
import dev.zfsdiskimage.local.VirtualMachine.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Boots images on copy-on-write disks: whatever happens in there, the images stay as they are. */
final class BootTrial {
  private static final Duration AFTER_POWER_OFF_FAILED = Duration.ofSeconds(10);

  private final Hypervisor hypervisor;
  private final QemuImg qemuImg;
  private final Firmwares firmwares;

  BootTrial(Hypervisor hypervisor, QemuImg qemuImg, Firmwares firmwares) {
    this.hypervisor = hypervisor;
    this.qemuImg = qemuImg;
    this.firmwares = firmwares;
  }

  /**
   * Finished images.
   *
   * @param format as QEMU names it
   */
  record Images(Path boot, Path root, String format) {}

  /**
   * Copy-on-write disks over images.
   *
   * @param root may be larger than its image
   */
  record Overlays(Path boot, Path root) {
    List<Disk> disks(Access access) {
      return List.of(bootDisk(access), rootDisk(access));
    }

    Disk bootDisk(Access access) {
      return new Disk("zdi-boot", boot, "qcow2", access);
    }

    Disk rootDisk(Access access) {
      return new Disk("zdi-root", root, "qcow2", access);
    }
  }

  /**
   * Makes overlays in {@code folder}.
   *
   * @param growBy by how many bytes the root disk is larger than its image
   */
  Overlays overlays(Images images, long growBy, Path folder, Reason reason)
      throws BuildFailure, InterruptedException {
    Overlays overlays =
        new Overlays(folder.resolve("boot.overlay"), folder.resolve("root.overlay"));
    long bootBytes = qemuImg.info(images.boot(), images.format()).virtualBytes();
    long rootBytes = qemuImg.info(images.root(), images.format()).virtualBytes();
    qemuImg.overlay(images.boot(), images.format(), overlays.boot(), bootBytes, reason);
    qemuImg.overlay(images.root(), images.format(), overlays.root(), rootBytes + growBy, reason);
    return overlays;
  }

  /** A VM that boots the overlays as a machine would boot the images. */
  VirtualMachine machine(
      Overlays overlays, Firmware firmware, long memoryBytes, int cores, Path folder)
      throws BuildFailure {
    return new VirtualMachine(
        "zdi-boot-trial",
        hypervisor.accelerator(),
        memoryBytes >> 20,
        cores,
        Network.ISOLATED,
        firmware(firmware, folder),
        overlays.disks(Access.READ_WRITE),
        VirtualMachine.Console.STDOUT,
        Optional.empty());
  }

  /**
   * What such a VM runs first.
   *
   * @param folder gets the VM's own copy of the UEFI variables
   */
  VirtualMachine.Boot firmware(Firmware firmware, Path folder) throws BuildFailure {
    if (firmware == Firmware.BIOS) {
      return new VirtualMachine.Boot.Bios();
    }
    try {
      Firmwares.Uefi uefi =
          firmwares
              .uefi()
              .orElseThrow(
                  () ->
                      new BuildFailure(
                          Reason.BOOT_FAILED,
                          "no UEFI firmware for QEMU is installed; install it with: apt-get install ovmf"));
      Path variables = folder.resolve("uefi-variables");
      Files.copy(uefi.variables(), variables);
      return new VirtualMachine.Boot.Uefi(uefi.code(), variables);
    } catch (IOException e) {
      throw HostSpace.explain(e, folder, Reason.BOOT_FAILED, "copying the UEFI variables");
    }
  }

  /**
   * Boots until {@code expect} stands on the console.
   *
   * @param powerOff whether to power the VM off then and wait until it is; otherwise it is ended at
   *     once
   * @return whether the VM ended as asked; false when the power button had no effect
   */
  boolean boot(
      VirtualMachine machine, String expect, Duration timeout, boolean powerOff, Recorder recorder)
      throws BuildFailure, InterruptedException {
    ConsoleText text = new ConsoleText();
    Path folder = machine.disks().get(0).file().getParent();
    try (VmSession session = new VmSession(hypervisor, machine)) {
      awaitText(session, text, expect, timeout, folder, recorder);
      recorder.activity("the console shows \"" + expect + "\"");
      return !powerOff || powerOff(session, timeout, recorder);
    } catch (IOException e) {
      throw HostSpace.explain(e, folder, Reason.VM_START_FAILED, "starting QEMU");
    }
  }

  private static void awaitText(
      VmSession session,
      ConsoleText text,
      String expect,
      Duration timeout,
      Path folder,
      Recorder recorder)
      throws BuildFailure, InterruptedException {
    long deadline = VmSession.in(timeout);
    while (!text.contains(expect)) {
      VmEvent event =
          session
              .next(deadline)
              .orElseThrow(
                  () ->
                      new BuildFailure(
                          Reason.BOOT_FAILED,
                          "\"%s\" did not stand on the console within %d s; it ends with:\n%s"
                              .formatted(expect, timeout.toSeconds(), text.tail())));
      if (event instanceof VmEvent.ConsoleOutput output) {
        recorder.console(output.bytes());
        text.add(output.bytes().toArray());
        // A guest without pvpanic only prints it, and hangs.
        if (!text.contains(expect) && text.contains("Kernel panic - not syncing")) {
          throw panicked(text);
        }
      } else if (event instanceof VmEvent.GuestPanicked) {
        throw panicked(text);
      } else if (event instanceof VmEvent.DiskFailed failed) {
        throw failed.noSpace()
            ? HostSpace.full(folder)
            : new BuildFailure(Reason.DISK_IO_ERROR, failed.message());
      } else if (event instanceof VmEvent.Exited exited) {
        throw exited.status() == 0
            ? new BuildFailure(
                Reason.BOOT_FAILED,
                "the image powered off or rebooted before \"%s\" stood on the console; it ends with:\n%s"
                    .formatted(expect, text.tail()))
            : new BuildFailure(
                Reason.VM_START_FAILED,
                "QEMU ended with %d: %s".formatted(exited.status(), exited.message()));
      }
    }
  }

  private static BuildFailure panicked(ConsoleText text) {
    return new BuildFailure(
        Reason.GUEST_PANICKED,
        "the image's kernel panicked; the console ends with:\n" + text.tail());
  }

  private static boolean powerOff(VmSession session, Duration timeout, Recorder recorder)
      throws InterruptedException {
    session.vm().powerDown();
    if (exits(session, timeout, recorder)) {
      return true;
    }
    session.vm().quit();
    exits(session, AFTER_POWER_OFF_FAILED, recorder);
    return false;
  }

  private static boolean exits(VmSession session, Duration timeout, Recorder recorder)
      throws InterruptedException {
    long deadline = VmSession.in(timeout);
    while (true) {
      Optional<VmEvent> event = session.next(deadline);
      if (event.isEmpty()) {
        return false;
      }
      if (event.get() instanceof VmEvent.ConsoleOutput output) {
        recorder.console(output.bytes());
      }
      if (event.get() instanceof VmEvent.Exited) {
        return true;
      }
    }
  }
}
