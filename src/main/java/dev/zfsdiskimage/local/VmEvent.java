package dev.zfsdiskimage.local;

import dev.zfsdiskimage.recipe.Bytes;

/** What a running VM tells. */
sealed interface VmEvent {
  /** Bytes of the serial console, in order, none lost. */
  record ConsoleOutput(Bytes bytes) implements VmEvent {}

  /** The guest's kernel panicked and said so through pvpanic. */
  record GuestPanicked() implements VmEvent {}

  /**
   * A disk could not be written; QEMU has stopped the VM.
   *
   * @param noSpace whether the host's file system is full
   */
  record DiskFailed(String device, boolean noSpace, String message) implements VmEvent {}

  /**
   * The VM is shutting down.
   *
   * @param byGuest whether the guest asked for it
   */
  record ShuttingDown(boolean byGuest, String cause) implements VmEvent {}

  /**
   * QEMU's process has ended; always the last event, after all console output.
   *
   * @param status the process' exit status: 0 also after a panic; above 128 a signal
   * @param message the last lines QEMU wrote to stderr
   */
  record Exited(int status, String message) implements VmEvent {}
}
