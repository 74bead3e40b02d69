package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** An object that is to be made has the name of one that must not be touched. */
final class NameTakenException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param there the one that has the name
   * @param why it must not be touched
   */
  NameTakenException(HasMetadata there, String why) {
    super(there.getKind() + " " + there.getMetadata().getName() + " exists and " + why);
  }
}
