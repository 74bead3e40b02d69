package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.api.ZfsDiskImageStatus.Condition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A look at a resource that has failed as a whole: whether it is ready nobody knows, and what else
 * its status says is as old as it was.
 */
record FailedLook(Reason reason, String message) {
  private static final Set<ConditionType> SUMMARY =
      EnumSet.of(ConditionType.READY, ConditionType.RECONCILING, ConditionType.STALLED);

  /** Where its metrics are taken, JOSDK wraps what a reconciler throws. */
  static FailedLook of(Exception failure) {
    Throwable cause = failure;
    while (!(cause instanceof KubernetesClientException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof KubernetesClientException answer) {
      Optional<Refusal> refusal = Refusal.of(answer);
      return new FailedLook(
          refusal.map(Refusal::reason).orElse(Reason.RETRYING), Refusal.words(answer));
    }
    return new FailedLook(
        Reason.RETRYING,
        Refusal.shortened(
            "the operator could not look at the resource, and its log says where: " + cause));
  }

  /** The status so far, but for the summary. */
  ZfsDiskImageStatus over(Optional<ZfsDiskImageStatus> before, long generation, Instant now) {
    List<Condition> known = before.map(ZfsDiskImageStatus::conditions).orElse(List.of());
    List<Condition> conditions =
        Stream.concat(
                known.stream().filter(condition -> !SUMMARY.contains(condition.type())),
                Stream.of(
                    condition(
                        ConditionType.READY,
                        ZfsDiskImageStatus.Status.UNKNOWN,
                        known,
                        generation,
                        now),
                    condition(
                        ConditionType.RECONCILING,
                        ZfsDiskImageStatus.Status.TRUE,
                        known,
                        generation,
                        now)))
            .toList();
    return new ZfsDiskImageStatus(
        generation,
        before
            .map(ZfsDiskImageStatus::phase)
            .filter(phase -> phase != Phase.READY && phase != Phase.FAILED)
            .orElse(Phase.PENDING),
        before.map(ZfsDiskImageStatus::revision).orElse(null),
        before.map(ZfsDiskImageStatus::attempt).orElse(0),
        conditions,
        before.map(ZfsDiskImageStatus::steps).orElse(List.of()),
        before.map(ZfsDiskImageStatus::images).orElse(null),
        before.map(ZfsDiskImageStatus::pool).orElse(null),
        before.map(ZfsDiskImageStatus::console).orElse(null));
  }

  private Condition condition(
      ConditionType type,
      ZfsDiskImageStatus.Status value,
      List<Condition> before,
      long generation,
      Instant now) {
    String since =
        before.stream()
            .filter(known -> known.type() == type && known.status() == value)
            .map(Condition::lastTransitionTime)
            .findFirst()
            .orElseGet(() -> Times.format(now));
    return new Condition(type, value, generation, since, reason, message);
  }
}
