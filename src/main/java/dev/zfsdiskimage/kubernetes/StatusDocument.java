package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Status;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Writes the engine's judgement as the resource's status. */
final class StatusDocument {
  private static final int MAX_MESSAGE = 4096;

  private final long generation;
  private final Optional<ZfsDiskImageStatus> before;
  private final Instant now;

  /**
   * @param before the status so far, from which the times of conditions that stay are taken, and
   *     nothing else
   */
  StatusDocument(long generation, Optional<ZfsDiskImageStatus> before, Instant now) {
    this.generation = generation;
    this.before = before;
    this.now = now;
  }

  /**
   * The status.
   *
   * @param good the newest good images
   */
  ZfsDiskImageStatus write(
      Status status, Optional<String> revision, Optional<Ledger.Published> good) {
    return new ZfsDiskImageStatus(
        generation,
        status.phase(),
        revision.orElse(null),
        status.attempt(),
        status.conditions().stream().map(this::condition).toList(),
        status.steps().stream().map(StatusDocument::step).toList(),
        good.map(Ledger.Published::images).orElse(null),
        good.map(Ledger.Published::pool).orElse(null),
        status.failure().flatMap(StatusDocument::console).orElse(null));
  }

  private ZfsDiskImageStatus.Condition condition(Status.Condition condition) {
    ZfsDiskImageStatus.Status value =
        switch (condition.value()) {
          case TRUE -> ZfsDiskImageStatus.Status.TRUE;
          case FALSE -> ZfsDiskImageStatus.Status.FALSE;
          case UNKNOWN -> ZfsDiskImageStatus.Status.UNKNOWN;
        };
    String since =
        before.map(ZfsDiskImageStatus::conditions).orElse(List.of()).stream()
            .filter(known -> known.type() == condition.type() && known.status() == value)
            .map(ZfsDiskImageStatus.Condition::lastTransitionTime)
            .findFirst()
            .orElseGet(() -> Times.format(now));
    return new ZfsDiskImageStatus.Condition(
        condition.type(),
        value,
        generation,
        since,
        condition.reason(),
        condition.message().isEmpty() ? null : shortened(condition.message()));
  }

  private static ZfsDiskImageStatus.Step step(Status.Step step) {
    return new ZfsDiskImageStatus.Step(
        step.name(), Times.format(step.started()), step.finished().map(Times::format).orElse(null));
  }

  private static Optional<String> console(Failure failure) {
    return failure.console().isEmpty()
        ? Optional.empty()
        : Optional.of(String.join("\n", failure.console()) + "\n");
  }

  private static String shortened(String text) {
    return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE - 1) + "…";
  }
}
