package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.Optional;

/** Whose an object is: its controller's, which its labels and its name do not say. */
final class Owners {
  private Owners() {}

  static boolean isOwnedBy(HasMetadata object, String uid) {
    return controller(object).filter(owner -> owner.getUid().equals(uid)).isPresent();
  }

  /** The owner in words. */
  static String describe(HasMetadata object) {
    return controller(object)
        .map(owner -> owner.getKind() + " " + owner.getName() + " (uid " + owner.getUid() + ")")
        .orElse("nobody");
  }

  private static Optional<OwnerReference> controller(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .findFirst();
  }
}
