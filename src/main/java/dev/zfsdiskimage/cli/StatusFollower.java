package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Stage;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.engine.Status.Condition;
import dev.zfsdiskimage.engine.Status.Step;
import dev.zfsdiskimage.local.BuildListener;
import dev.zfsdiskimage.recipe.Bytes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns each new status of a build into what has changed since the last. */
final class StatusFollower implements BuildListener {
  private static final String VM_START = "start-vm";
  private static final List<String> STAGES =
      Arrays.stream(Stage.values()).map(Stage::word).toList();

  private final BuildDisplay display;
  private final InstantSource clock;
  private final Map<String, Step> running = new LinkedHashMap<>();
  private final Set<String> ended = new LinkedHashSet<>();
  private final Map<ConditionType, Condition> conditions = new EnumMap<>(ConditionType.class);
  private int attempt;
  private int failedAttempt;

  StatusFollower(BuildDisplay display, InstantSource clock) {
    this.display = display;
    this.clock = clock;
  }

  @Override
  public synchronized void status(Status status) {
    if (status.attempt() != attempt) {
      giveUpWhatRuns();
      ended.clear();
      attempt = status.attempt();
    }
    vmStarted(status);
    for (Step step : status.steps()) {
      if (failed(step, status)) {
        running.put(step.name(), step);
      } else {
        step(mayHaveFailed(step, status) ? unfinished(step) : step);
      }
    }
    vmStarts(status);
    if (status.terminal()) {
      giveUpWhatRuns();
    } else {
      status.failure().ifPresent(this::triedAgain);
    }
    for (Condition condition : status.conditions()) {
      if (!sameButForWords(condition, conditions.put(condition.type(), condition))) {
        display.condition(condition);
      }
    }
  }

  /** The words of an unfinished condition name the step, of which the display knows. */
  private static boolean sameButForWords(Condition one, Condition other) {
    return other != null && one.value() == other.value() && one.reason() == other.reason();
  }

  @Override
  public void activity(String text) {
    display.doing(text);
  }

  @Override
  public synchronized void poolBytes(long bytes) {
    // Of the guest's steps, not of a stage that runs beside them.
    running.keySet().stream()
        .filter(step -> !STAGES.contains(step) && !step.equals(VM_START))
        .reduce((older, newer) -> newer)
        .ifPresent(step -> display.came(step, bytes));
  }

  @Override
  public void note(String text) {
    display.note(text);
  }

  @Override
  public void console(Bytes bytes) {
    // It goes to build.log; a failure shows its last lines.
  }

  /**
   * A step of the guest that fails ends too, and why is known only once the VM has stopped. What
   * comes after a step shows that it went well.
   */
  private static boolean mayHaveFailed(Step step, Status status) {
    return status.phase() == Phase.BUILDING
        && !STAGES.contains(step.name())
        && step.equals(status.steps().get(status.steps().size() - 1));
  }

  private static boolean failed(Step step, Status status) {
    return status
        .failure()
        .filter(failure -> failure.attempt() == status.attempt())
        .flatMap(Failure::step)
        .filter(step.name()::equals)
        .isPresent();
  }

  private static Step unfinished(Step step) {
    return new Step(step.name(), step.started(), Optional.empty());
  }

  /**
   * The builder VM says nothing until its program runs, which takes a while when it is emulated.
   */
  private void vmStarts(Status status) {
    boolean silent = status.steps().stream().allMatch(step -> STAGES.contains(step.name()));
    if (silent && status.phase() == Phase.BUILDING && !running.containsKey(VM_START)) {
      step(new Step(VM_START, clock.instant(), Optional.empty()));
    }
  }

  private void vmStarted(Status status) {
    Step start = running.get(VM_START);
    status.steps().stream()
        .filter(step -> start != null && !STAGES.contains(step.name()))
        .findFirst()
        .ifPresent(
            first -> step(new Step(VM_START, start.started(), Optional.of(first.started()))));
  }

  private void step(Step step) {
    if (ended.contains(step.name())) {
      return;
    }
    if (running.put(step.name(), step) == null) {
      display.started(step.name());
    }
    if (step.finished().isPresent()) {
      running.remove(step.name());
      ended.add(step.name());
      display.finished(step.name(), Duration.between(step.started(), step.finished().get()));
    }
  }

  private void giveUpWhatRuns() {
    running.forEach(
        (name, step) ->
            display.failed(
                name, Duration.between(step.started(), step.finished().orElse(clock.instant()))));
    ended.addAll(running.keySet());
    running.clear();
  }

  private void triedAgain(Failure failure) {
    if (failure.attempt() > failedAttempt) {
      failedAttempt = failure.attempt();
      giveUpWhatRuns();
      display.note(
          "attempt "
              + failure.attempt()
              + " failed: "
              + failure.reason().word()
              + ": "
              + Printable.line(failure.message())
              + "; it is tried again");
    }
  }
}
