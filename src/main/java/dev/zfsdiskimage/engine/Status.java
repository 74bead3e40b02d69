package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is true of a build, in the terms of the resource's status.
 *
 * @param attempt the current attempt, or the last one; 0 before the first
 * @param conditions in the order of {@link ConditionType}; types that do not apply are absent
 * @param steps what was begun in the current attempt, in order
 * @param failure the failure that ended the build or the newest attempt; empty while the first one
 *     goes well and once the images are ready
 */
public record Status(
    Phase phase,
    int attempt,
    List<Condition> conditions,
    List<Step> steps,
    Optional<Failure> failure) {

  /** One condition; when it last changed is known only to who keeps the previous status. */
  public record Condition(
      ConditionType type, ZfsDiskImageStatus.Status value, Reason reason, String message) {}

  /** A stage or a step of the guest program. */
  public record Step(String name, Instant started, Optional<Instant> finished) {}

  /** The condition of this type, when it applies. */
  public Optional<Condition> condition(ConditionType type) {
    return conditions.stream().filter(condition -> condition.type() == type).findFirst();
  }

  /** The same, with more words in its summary. */
  public Status adding(String words) {
    List<Condition> more =
        conditions.stream()
            .map(
                known ->
                    known.type() == ConditionType.READY
                        ? new Condition(
                            known.type(),
                            known.value(),
                            known.reason(),
                            known.message() + "; " + words)
                        : known)
            .toList();
    return new Status(phase, attempt, more, steps, failure);
  }

  /** Whether nothing more will happen by itself: ready or failed for good. */
  public boolean terminal() {
    return phase == Phase.READY || phase == Phase.FAILED;
  }
}
