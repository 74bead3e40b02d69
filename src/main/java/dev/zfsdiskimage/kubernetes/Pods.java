package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The pods of the VMs and Jobs of one look. Each kind's news come at a pace of their own: a VM's
 * end may be known before the pod that it ran in. So the cluster is asked before a pod is believed
 * to be gone.
 */
final class Pods {
  private static final Set<String> OVER = Set.of("Succeeded", "Failed");

  private final View view;
  private final Function<HasMetadata, List<Pod>> cluster;
  private final Map<String, List<Pod>> asked = new HashMap<>();

  /**
   * @param cluster asks the cluster for the pods of an object
   */
  Pods(View view, Function<HasMetadata, List<Pod>> cluster) {
    this.view = view;
    this.cluster = cluster;
  }

  /** The pods of a Job or a VM, newest first, as far as they are known. */
  List<Pod> of(HasMetadata owner) {
    return asked.getOrDefault(owner.getMetadata().getUid(), view.pods(owner));
  }

  /** The same, and asked for where none that is known is {@code enough}. */
  List<Pod> of(HasMetadata owner, Predicate<Pod> enough) {
    List<Pod> known = of(owner);
    return known.stream().anyMatch(enough)
        ? known
        : asked.computeIfAbsent(
            owner.getMetadata().getUid(), uid -> View.owned(cluster.apply(owner), owner));
  }

  /** Whether its containers have ended, for good. */
  static boolean isOver(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getPhase() != null
        && OVER.contains(pod.getStatus().getPhase());
  }
}
