package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** What the operator does to a cluster, in the few forms in which it does it. */
interface Cluster {
  /**
   * Creates an object.
   *
   * @return whether it is new; false where one of its name was there
   */
  boolean create(HasMetadata object);

  /** Replaces an object, if it is still the version that was read. */
  void replace(HasMetadata object);

  /** Begins to delete an object and what it owns, if it is still the very one that was read. */
  void delete(HasMetadata object);

  /** Whether some pod in the namespace uses the claim, whoever made it. */
  boolean isUsed(String namespace, String claim);
}
