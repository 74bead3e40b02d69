package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.GuestProgram;
import dev.zfsdiskimage.guest.PoolGrowth;
import dev.zfsdiskimage.local.VirtualMachine.Access;
import dev.zfsdiskimage.local.VirtualMachine.Disk;
import dev.zfsdiskimage.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The stages of an attempt but the builder VM itself. Each takes its time and may fail. */
final class Stages {
  private final Recipe recipe;
  private final Path shared;
  private final Provisioning provisioning;
  private final DiskInspection inspection;
  private final Saving saving;
  private final BootTrial bootTrial;
  private final Recorder recorder;

  /**
   * @param shared for files that all attempts have in common
   */
  Stages(
      Recipe recipe,
      Path shared,
      Provisioning provisioning,
      DiskInspection inspection,
      Saving saving,
      BootTrial bootTrial,
      Recorder recorder) {
    this.recipe = recipe;
    this.shared = shared;
    this.provisioning = provisioning;
    this.inspection = inspection;
    this.saving = saving;
    this.bootTrial = bootTrial;
    this.recorder = recorder;
  }

  Provisioning.Provisioned provision(AttemptFiles files) throws BuildFailure, InterruptedException {
    return provisioning.provision(files, shared);
  }

  DiskReport check(AttemptFiles files, BuilderVm builder, int run)
      throws BuildFailure, InterruptedException {
    return inspection.inspect(
        builder,
        nonce -> GuestProgram.check(recipe, nonce),
        Disk.raw("zdi-boot", files.bootDisk(), Access.READ_ONLY),
        Disk.raw("zdi-root", files.rootDisk(), Access.READ_ONLY),
        files.trial("check-" + run),
        recipe.builder().timeouts().save());
  }

  Saving.Saved save(AttemptFiles files) throws BuildFailure, InterruptedException {
    return saving.save(files);
  }

  void verifyBoot(AttemptFiles files, Firmware firmware, int run)
      throws BuildFailure, InterruptedException {
    Path folder = files.trial("verify-" + firmware + "-" + run);
    inFolder(
        folder,
        Reason.BOOT_FAILED,
        () -> {
          BootTrial.Overlays overlays =
              bootTrial.overlays(images(files), 0, folder, Reason.BOOT_FAILED);
          boot(overlays, firmware, folder, false);
          return null;
        });
  }

  /**
   * Fails unless the pool grows with its disk.
   *
   * @param before what the check saw in the finished disks
   */
  void verifyGrow(AttemptFiles files, BuilderVm builder, DiskReport before, int run)
      throws BuildFailure, InterruptedException {
    Path folder = files.trial("verify-grow-" + run);
    long by = recipe.verify().grow().orElseThrow().byBytes();
    inFolder(
        folder,
        Reason.GROW_FAILED,
        () -> {
          BootTrial.Overlays overlays =
              bootTrial.overlays(images(files), by, folder, Reason.GROW_FAILED);
          if (!boot(overlays, fastestFirmware(), folder, true)) {
            recorder.note(
                "the image did not power off at the power button; its VM was ended instead");
          }
          DiskReport after =
              inspection.inspect(
                  builder,
                  nonce -> GuestProgram.check(recipe, nonce),
                  overlays.bootDisk(Access.READ_ONLY),
                  overlays.rootDisk(Access.READ_ONLY),
                  folder.resolve("check"),
                  recipe.builder().timeouts().save());
          Optional<String> complaint = PoolGrowth.complaint(before, after);
          if (complaint.isPresent()) {
            throw new BuildFailure(Reason.GROW_FAILED, complaint.get());
          }
          recorder.activity("the pool has grown with its disk");
          return null;
        });
  }

  /** Growth does not depend on it, and OVMF takes longer. */
  private Firmware fastestFirmware() {
    List<Firmware> asked = recipe.verify().boot().orElseThrow().firmware();
    return asked.contains(Firmware.BIOS) ? Firmware.BIOS : asked.get(0);
  }

  private boolean boot(
      BootTrial.Overlays overlays, Firmware firmware, Path folder, boolean powerOff)
      throws BuildFailure, InterruptedException {
    Recipe.Boot asked = recipe.verify().boot().orElseThrow();
    VirtualMachine machine =
        bootTrial.machine(
            overlays, firmware, recipe.builder().memoryBytes(), recipe.builder().cores(), folder);
    return bootTrial.boot(machine, asked.expect(), asked.timeout(), powerOff, recorder);
  }

  private BootTrial.Images images(AttemptFiles files) {
    return new BootTrial.Images(
        files.bootImage(recipe.output()),
        files.rootImage(recipe.output()),
        recipe.output().format().qemuName());
  }

  /** What a trial wrote is worth nothing after it. */
  private static void inFolder(Path folder, Reason reason, Job<Void> trial)
      throws BuildFailure, InterruptedException {
    try {
      Files.createDirectory(folder);
      try {
        trial.run();
      } finally {
        WorkDirectory.delete(folder);
      }
    } catch (IOException e) {
      throw HostSpace.explain(e, folder.getParent(), reason, "trying the images");
    }
  }
}
