package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;

/** Work on this machine that failed for a reason a person can act on. */
public final class BuildFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /**
   * @param message names the file or value and what is wrong with it
   */
  public BuildFailure(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** As the other, with the error under it. */
  public BuildFailure(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why it failed. */
  public Reason reason() {
    return reason;
  }
}
