package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.recipe.Recipe.OnDelete;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.List;

/**
 * Whether finished images go with their resource: those of every revision, whatever is being built.
 * A claim that the garbage collector finds without an owner stays.
 *
 * @param owner the resource
 */
record ImageOwnership(OnDelete onDelete, OwnerReference owner) {

  /** Sees to it that all these images are the resource's, or nobody's. */
  void see(View view, Records records, Cluster cluster) {
    for (Ledger.Published published : records.finished().values()) {
      for (Ledger.ImageClaim image : published.claims()) {
        view.image(image).ifPresent(claim -> see(claim, cluster));
      }
    }
  }

  private void see(PersistentVolumeClaim claim, Cluster cluster) {
    ObjectMeta wanted = of(claim.getMetadata());
    if (!wanted.getOwnerReferences().equals(claim.getMetadata().getOwnerReferences())) {
      cluster.replace(new PersistentVolumeClaimBuilder(claim).withMetadata(wanted).build());
    }
  }

  /** The metadata with the owner that it should have; other owners stay. */
  ObjectMeta of(ObjectMeta known) {
    List<OwnerReference> others =
        known.getOwnerReferences().stream()
            .filter(other -> !other.getUid().equals(owner.getUid()))
            .toList();
    boolean owned = others.size() < known.getOwnerReferences().size();
    return switch (onDelete) {
      case RETAIN -> new ObjectMetaBuilder(known).withOwnerReferences(others).build();
      // A claim that somebody else has taken over is theirs.
      case DELETE ->
          owned || !others.isEmpty()
              ? known
              : new ObjectMetaBuilder(known).withOwnerReferences(owner).build();
    };
  }
}
