package dev.zfsdiskimage.guest;

/** The recipe's inline contents do not fit on the config disk; the message names the largest. */
public final class ConfigDiskFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConfigDiskFullException(long bytes, String largest) {
    super(
        "inline contents need "
            + bytes
            + " bytes on the config disk, which holds "
            + GuestProgram.MAX_BYTES
            + "; the largest are "
            + largest
            + ": hand large files over in a payload");
  }
}
