package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Status.Condition;
import dev.zfsdiskimage.recipe.Recipe;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Puts the engine's judgement into a status. */
final class StatusWriter {
  private final Recipe recipe;
  private final Observed observed;
  private final Next next;
  private final History history;

  StatusWriter(Recipe recipe, Observed observed, Next next) {
    this.recipe = recipe;
    this.observed = observed;
    this.next = next;
    this.history = new History(recipe, observed);
  }

  static Status refused(Reason reason, String message, Optional<String> lastGood) {
    String words = failureInWords(reason, message, lastGood, Optional.empty());
    return new Status(
        Phase.FAILED,
        0,
        List.of(
            new Condition(ConditionType.READY, ZfsDiskImageStatus.Status.FALSE, reason, words),
            new Condition(ConditionType.STALLED, ZfsDiskImageStatus.Status.TRUE, reason, words)),
        List.of(),
        Optional.empty());
  }

  Status status() {
    List<Condition> conditions = new ArrayList<>(stepConditions());
    conditions.addAll(summary());
    return new Status(next.phase(), attempt(), List.copyOf(conditions), steps(), failure());
  }

  private int attempt() {
    if (observed.attempt() > 0) {
      return observed.attempt();
    }
    return history.lastAttempt();
  }

  private Optional<Failure> failure() {
    return switch (next.phase()) {
      case READY -> Optional.empty();
      case FAILED -> history.lastStraw();
      default -> history.newest();
    };
  }

  private List<Condition> stepConditions() {
    List<ConditionType> all = Reached.all(recipe);
    if (next.phase() == Phase.READY) {
      return all.stream().map(type -> reached(type, observed.attempt())).toList();
    }
    Optional<Failure> ended = ended();
    Set<ConditionType> done = ended.map(Failure::done).orElseGet(this::reachedNow);
    List<Condition> conditions = new ArrayList<>();
    boolean current = true;
    for (ConditionType type : all) {
      if (done.contains(type)) {
        conditions.add(reached(type, attempt()));
      } else if (current) {
        current = false;
        conditions.add(
            ended
                .map(
                    failure ->
                        new Condition(
                            type,
                            ZfsDiskImageStatus.Status.FALSE,
                            failure.reason(),
                            failure.message()))
                .orElseGet(() -> unfinished(type)));
      } else {
        conditions.add(
            new Condition(type, ZfsDiskImageStatus.Status.UNKNOWN, Reason.WAITING, "not begun"));
      }
    }
    return conditions;
  }

  /** Of an attempt whose published images are lost, nothing holds any more. */
  private Set<ConditionType> reachedNow() {
    int lost = observed.published().map(Observed.Published::attempt).orElse(0);
    return observed.attempt() > lost ? Reached.by(recipe, observed) : Set.of();
  }

  /** The failure of the attempt that the status speaks of, when that attempt is over. */
  private Optional<Failure> ended() {
    if (next.phase() == Phase.FAILED) {
      return history.lastStraw();
    }
    return observed.attempt() > 0 ? history.spoiling(observed.attempt()) : Optional.empty();
  }

  private static Condition reached(ConditionType type, int attempt) {
    String message = attempt > 1 ? "reached in attempt " + attempt : "";
    return new Condition(type, ZfsDiskImageStatus.Status.TRUE, Reason.SUCCEEDED, message);
  }

  private Condition unfinished(ConditionType type) {
    return new Condition(type, ZfsDiskImageStatus.Status.UNKNOWN, next.reason(), next.message());
  }

  private List<Condition> summary() {
    return switch (next.phase()) {
      case READY ->
          List.of(
              new Condition(
                  ConditionType.READY,
                  ZfsDiskImageStatus.Status.TRUE,
                  Reason.SUCCEEDED,
                  next.message()));
      case FAILED -> {
        String words =
            failureInWords(
                next.reason(), next.message(), observed.lastGood(), observed.cleanupBlocked());
        yield List.of(
            new Condition(
                ConditionType.READY, ZfsDiskImageStatus.Status.FALSE, next.reason(), words),
            new Condition(
                ConditionType.STALLED, ZfsDiskImageStatus.Status.TRUE, next.reason(), words));
      }
      case SUSPENDED -> List.of(notYet());
      default ->
          List.of(
              notYet(),
              new Condition(
                  ConditionType.RECONCILING,
                  ZfsDiskImageStatus.Status.TRUE,
                  reason(),
                  ongoingInWords()));
    };
  }

  /** Not known yet, unless images that were ready are known to be lost. */
  private Condition notYet() {
    boolean lost = observed.published().isPresent();
    return new Condition(
        ConditionType.READY,
        lost ? ZfsDiskImageStatus.Status.FALSE : ZfsDiskImageStatus.Status.UNKNOWN,
        lost ? Reason.IMAGE_LOST : reason(),
        ongoingInWords());
  }

  private Reason reason() {
    return observed.cleanupBlocked().isPresent() ? Reason.CLEANUP_BLOCKED : next.reason();
  }

  private String ongoingInWords() {
    StringBuilder words = new StringBuilder();
    observed
        .cleanupBlocked()
        .ifPresent(
            blocked ->
                words
                    .append(blocked)
                    .append(": ")
                    .append(Reason.CLEANUP_BLOCKED.remedy())
                    .append("; "));
    words.append(next.message());
    if (next.reason().handling() == Reason.Handling.WAITING || next.reason() == Reason.SUSPENDED) {
      words.append("; to remedy: ").append(next.reason().remedy());
    }
    if (observed.published().isPresent()) {
      words.append("; an image that was saved is gone, so both are built again");
    }
    observed.lastGood().ifPresent(revision -> words.append(keeps(revision)));
    return words.toString();
  }

  private static String failureInWords(
      Reason reason, String message, Optional<String> lastGood, Optional<String> cleanupBlocked) {
    StringBuilder words = new StringBuilder(message);
    if (!reason.remedy().isEmpty()) {
      words.append("; to remedy: ").append(reason.remedy());
    }
    cleanupBlocked.ifPresent(blocked -> words.append("; cleaning up is blocked: ").append(blocked));
    lastGood.ifPresent(revision -> words.append(keeps(revision)));
    return words.toString();
  }

  private static String keeps(String revision) {
    return "; the images of revision " + revision + " stay in place";
  }

  private List<Status.Step> steps() {
    List<Status.Step> steps = new ArrayList<>();
    add(steps, Stage.PROVISION, observed.disks());
    vmStarted()
        .ifPresent(
            started ->
                observed
                    .progress()
                    .steps()
                    .forEach(
                        step ->
                            steps.add(
                                new Status.Step(
                                    step.name(),
                                    started.plus(step.started()),
                                    step.finished().map(started::plus)))));
    add(steps, Stage.CHECK, observed.check());
    add(steps, Stage.SAVE, observed.save());
    for (Firmware firmware : recipe.verify().boot().map(Recipe.Boot::firmware).orElse(List.of())) {
      add(steps, Stage.verifying(firmware), observed.boot(firmware));
    }
    add(steps, Stage.VERIFY_GROW, observed.grow());
    return List.copyOf(steps);
  }

  private static void add(List<Status.Step> steps, Stage stage, Work work) {
    work.startedAt()
        .ifPresent(started -> steps.add(new Status.Step(stage.word(), started, work.finishedAt())));
  }

  private Optional<Instant> vmStarted() {
    if (observed.vm() instanceof Vm.Running running) {
      return Optional.of(running.since());
    }
    return observed.vm() instanceof Vm.Stopped stopped ? stopped.started() : Optional.empty();
  }
}
