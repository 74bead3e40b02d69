package dev.zfsdiskimage.kubernetes.cluster;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;

/**
 * Kubernetes' protection of claims in use: a claim that was deleted is there, terminating, for as
 * long as a pod has it among its volumes, also a pod that has ended (seen on Kubernetes 1.36: until
 * the finished Jobs' pods went, a day later).
 */
final class ClaimProtection {
  static final String FINALIZER = "kubernetes.io/pvc-protection";

  private final ApiServer api;

  ClaimProtection(ApiServer api) {
    this.api = api;
  }

  /** Lets go of the deleted claims that no pod has any more. */
  void release() {
    for (PersistentVolumeClaim claim : api.list(PersistentVolumeClaim.class)) {
      boolean held =
          claim.getMetadata().getDeletionTimestamp() != null
              && claim.getMetadata().getFinalizers().contains(FINALIZER);
      if (held && !isUsed(claim)) {
        api.edit(
            PersistentVolumeClaim.class,
            claim.getMetadata().getNamespace(),
            claim.getMetadata().getName(),
            edited -> {
              List<String> finalizers = new ArrayList<>(edited.getMetadata().getFinalizers());
              finalizers.remove(FINALIZER);
              edited.getMetadata().setFinalizers(finalizers);
            });
      }
    }
  }

  private boolean isUsed(PersistentVolumeClaim claim) {
    return api.list(Pod.class).stream()
        .filter(pod -> pod.getMetadata().getNamespace().equals(claim.getMetadata().getNamespace()))
        .filter(pod -> pod.getSpec() != null)
        .flatMap(pod -> pod.getSpec().getVolumes().stream())
        .anyMatch(
            volume ->
                volume.getPersistentVolumeClaim() != null
                    && volume
                        .getPersistentVolumeClaim()
                        .getClaimName()
                        .equals(claim.getMetadata().getName()));
  }
}
