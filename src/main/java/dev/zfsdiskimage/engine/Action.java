package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.Firmware;

/**
 * Something for the adapter to do. Actions start things and return; how they go is observed later.
 * Doing one twice is the same as doing it once: the attempt and run say which thing is meant, and a
 * thing that exists already is left as it is.
 */
public sealed interface Action {
  /** Make attempt {@code attempt}'s blank disks, config disk and payload disks. */
  record ProvisionDisks(int attempt) implements Action {}

  /** Start the builder VM on the attempt's disks. It is started once in an attempt. */
  record StartVm(int attempt) implements Action {}

  /** Stop the builder VM, by the power button first. */
  record StopVm(int attempt, String why) implements Action {}

  /** Remove what is left of the stopped builder VM, after its console was read to the end. */
  record RemoveVm(int attempt) implements Action {}

  /** Look at the disks in a second VM that has them read-only. */
  record Check(int attempt, int run) implements Action {}

  /** Convert, hash, run {@code postBuild}. */
  record Save(int attempt, int run) implements Action {}

  /** Boot a copy-on-write copy of the saved images. */
  record VerifyBoot(int attempt, Firmware firmware, int run) implements Action {}

  /** Boot a copy of the saved images with a larger root disk, then look at that disk. */
  record VerifyGrow(int attempt, int run) implements Action {}

  /** Make the attempt's images the resource's newest good ones, and retire older ones. */
  record Publish(int attempt) implements Action {}

  /** Keep the failure, before anything of the attempt is removed. */
  record RecordFailure(Failure failure) implements Action {}

  /**
   * Stop and remove everything of the attempt: VMs, disks, half-made images. Never published
   * images.
   */
  record DiscardAttempt(int attempt) implements Action {}
}
