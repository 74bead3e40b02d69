package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/**
 * The labels that say what an object is. Whose it is they do not say: anybody can copy them, and
 * its controller's uid decides.
 */
final class Labels {
  static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  static final String OPERATOR = "zfs-disk-image-operator";
  static final String SELECTOR = MANAGED_BY + "=" + OPERATOR;

  /** Name of the resource. */
  static final String IMAGE = "zfsdiskimage.dev/image";

  /** Uid of the resource; a pod whose VM or Job is gone is known by nothing else. */
  static final String RESOURCE_UID = "zfsdiskimage.dev/resource-uid";

  static final String REVISION = "zfsdiskimage.dev/revision";

  /** From 1 on; absent on what belongs to a whole revision. */
  static final String ATTEMPT = "zfsdiskimage.dev/attempt";

  /** What the object is in its attempt, as {@link Part} says it. */
  static final String PART = "zfsdiskimage.dev/part";

  /** Which run of its stage it serves, from 1. */
  static final String RUN = "zfsdiskimage.dev/run";

  private Labels() {}

  static Optional<String> of(HasMetadata object, String label) {
    return Optional.ofNullable(object.getMetadata().getLabels()).map(labels -> labels.get(label));
  }

  static boolean has(HasMetadata object, String label, String value) {
    return of(object, label).filter(value::equals).isPresent();
  }

  /** A label that is a number; 0 where it is absent. */
  static int number(HasMetadata object, String label) {
    return of(object, label)
        .filter(text -> text.matches("[0-9]{1,6}"))
        .map(Integer::parseInt)
        .orElse(0);
  }
}
