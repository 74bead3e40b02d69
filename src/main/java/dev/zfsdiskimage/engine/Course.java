package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.Reason.Handling;
import dev.zfsdiskimage.guest.DiskCheck;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.guest.Progress.Outcome;
import dev.zfsdiskimage.recipe.Recipe;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Finds out where a build stands and what comes next. */
final class Course {
  /** VM conditions of a cluster come and go; younger ones are not believed. */
  private static final Duration DEBOUNCE = Duration.ofSeconds(30);

  /** A guest that has said its last word powers off by itself within this. */
  private static final Duration LAST_WORD = Duration.ofSeconds(30);

  /** From the last word to the power button, when the guest does not power off. */
  private static final Duration POWER_OFF = Duration.ofSeconds(90);

  /** A console that was not read yet may tell of an end that came in time. */
  private static final Duration TO_READ = Duration.ofMinutes(2);

  private static final int MAX_DIFFERENCES_SHOWN = 5;

  private static final String INTERRUPTED =
      "suspended: the build was stopped, and a new attempt begins when it goes on";

  private final Recipe recipe;
  private final Observed observed;
  private final Instant now;
  private final History history;
  private final int attempt;

  Course(Recipe recipe, Observed observed, Instant now) {
    this.recipe = recipe;
    this.observed = observed;
    this.now = now;
    this.history = new History(recipe, observed);
    this.attempt = observed.attempt();
  }

  Next next() {
    Next next = unhindered();
    return observed
        .refused()
        .filter(refused -> !next.actions().isEmpty())
        .map(refused -> held(next, refused))
        .orElse(next);
  }

  /** What nothing can be done about for now is told, beside what was to be done about it. */
  private static Next held(Next next, Vm.Trouble refused) {
    boolean makes = next.actions().stream().anyMatch(Course::makes);
    Reason reason = next.phase() == Phase.FAILED ? next.reason() : refused.reason();
    String message = makes ? refused.message() : next.message() + "; " + refused.message();
    return Next.hold(next.phase(), reason, message, Optional.of(DEBOUNCE));
  }

  private static boolean makes(Action action) {
    return action instanceof Action.ProvisionDisks
        || action instanceof Action.StartVm
        || action instanceof Action.Check
        || action instanceof Action.Save
        || action instanceof Action.VerifyBoot
        || action instanceof Action.VerifyGrow;
  }

  private Next unhindered() {
    Optional<Observed.Published> published = observed.published();
    if (published.isPresent() && published.get().present()) {
      return Next.hold(Phase.READY, Reason.SUCCEEDED, "both images are ready", Optional.empty());
    }
    Optional<Failure> lastStraw = history.lastStraw();
    if (lastStraw.isPresent()) {
      return givenUp(lastStraw.get());
    }
    if (attempt > 0 && published.isPresent() && attempt <= published.get().attempt()) {
      return discard(Reason.IMAGE_LOST, "an image that was saved is gone");
    }
    if (attempt > 0 && history.wasInterrupted(attempt)) {
      return Next.act(Phase.SUSPENDED, INTERRUPTED, new Action.DiscardAttempt(attempt))
          .because(Reason.SUSPENDED);
    }
    Optional<Failure> spoiling = history.spoiling(attempt);
    if (attempt > 0 && spoiling.isPresent()) {
      return discard(Reason.RETRYING, failedAttempt(spoiling.get()));
    }
    return attempt == 0 ? begin() : build();
  }

  private Next givenUp(Failure failure) {
    if (attempt == 0) {
      return Next.hold(Phase.FAILED, failure.reason(), failure.message(), Optional.empty());
    }
    return Next.act(Phase.FAILED, failure.message(), new Action.DiscardAttempt(attempt))
        .because(failure.reason());
  }

  private Next discard(Reason reason, String message) {
    return Next.act(Phase.PENDING, message, new Action.DiscardAttempt(attempt)).because(reason);
  }

  private Next begin() {
    int number = history.lastAttempt() + 1;
    return pauseAfterFailure(Phase.PENDING)
        .or(this::suspended)
        .or(this::queued)
        .orElseGet(
            () ->
                Next.act(
                    Phase.PROVISIONING,
                    "making blank disks" + ofTries(number),
                    new Action.ProvisionDisks(number)));
  }

  private Optional<Next> pauseAfterFailure(Phase phase) {
    return history
        .newest()
        .map(failure -> Duration.between(now, failure.at().plus(Backoff.after(history.size()))))
        .filter(Course::isPositive)
        .map(
            left ->
                Next.hold(
                    phase,
                    Reason.RETRYING,
                    failedAttempt(history.newest().orElseThrow()),
                    Optional.of(left)));
  }

  private Optional<Next> suspended() {
    return observed.suspended()
        ? Optional.of(
            Next.hold(
                Phase.SUSPENDED,
                Reason.SUSPENDED,
                "suspended: nothing new is begun",
                Optional.empty()))
        : Optional.empty();
  }

  private Optional<Next> queued() {
    return observed.ahead() > 0
        ? Optional.of(
            Next.hold(
                Phase.PENDING, Reason.WAITING, new Turn(observed.ahead()).told(), Optional.empty()))
        : Optional.empty();
  }

  private Next build() {
    Vm vm = observed.vm();
    if (vm instanceof Vm.Absent) {
      return provision();
    }
    if (vm instanceof Vm.Stopped stopped) {
      return stopped(stopped);
    }
    if (vm instanceof Vm.Stopping) {
      return Next.hold(
          Phase.BUILDING, Reason.IN_PROGRESS, "the builder VM is stopping", Optional.of(DEBOUNCE));
    }
    if (observed.suspended() && observed.progress().outcome() instanceof Outcome.Unknown) {
      return Next.act(
              Phase.SUSPENDED,
              "the builder VM is stopped because the resource is suspended",
              new Action.StopVm(attempt, INTERRUPTED))
          .because(Reason.SUSPENDED);
    }
    return vm instanceof Vm.Starting starting ? starting(starting) : running((Vm.Running) vm);
  }

  private Next provision() {
    Supplier<Next> startVm =
        () ->
            suspended()
                .orElseGet(
                    () ->
                        Next.act(
                            Phase.BUILDING,
                            "starting the builder VM" + ofTries(attempt),
                            new Action.StartVm(attempt)));
    return stage(
        Stage.PROVISION,
        observed.disks(),
        Phase.PROVISIONING,
        "making blank disks" + ofTries(attempt),
        run -> new Action.ProvisionDisks(attempt),
        new Limit(recipe.builder().timeouts().build(), Reason.BUILD_DEADLINE_EXCEEDED),
        startVm);
  }

  private Next starting(Vm.Starting vm) {
    Duration left = left(vm.since(), recipe.builder().timeouts().build());
    if (vm.trouble().isPresent()) {
      Vm.Trouble trouble = vm.trouble().get();
      Optional<Next> known = troubled(trouble);
      if (known.isPresent()) {
        return known.get();
      }
      left = left(trouble.since(), DEBOUNCE);
    } else if (!isPositive(left)) {
      return fail(
          Stage.BUILD,
          1,
          Reason.VM_START_FAILED,
          "the builder VM did not begin to run within "
              + inWords(recipe.builder().timeouts().build()));
    }
    return Next.hold(
        Phase.BUILDING,
        Reason.IN_PROGRESS,
        "the builder VM is starting" + ofTries(attempt),
        Optional.of(left));
  }

  /**
   * What follows from a trouble that is old enough to be believed. A paused VM with an I/O error is
   * believed at once: it may flap, and the guest's writes are lost all the same.
   */
  private Optional<Next> troubled(Vm.Trouble trouble) {
    boolean believed =
        trouble.reason() == Reason.DISK_IO_ERROR || !isPositive(left(trouble.since(), DEBOUNCE));
    if (!believed) {
      return Optional.empty();
    }
    return Optional.of(
        switch (trouble.reason().handling()) {
          case RETRIED, PERMANENT -> fail(Stage.BUILD, 1, trouble.reason(), trouble.message());
          case WAITING, NORMAL ->
              Next.hold(Phase.BUILDING, trouble.reason(), trouble.message(), Optional.of(DEBOUNCE));
        });
  }

  private Next running(Vm.Running vm) {
    Progress progress = observed.progress();
    Instant lastWord = vm.lastMessage().orElse(vm.since());
    boolean quiet = !isPositive(left(lastWord, LAST_WORD));
    if (progress.outcome() instanceof Outcome.Failed failed && quiet) {
      return fail(failed);
    }
    if (progress.outcome() instanceof Outcome.Panicked panicked && quiet) {
      return fail(Stage.BUILD, 1, Reason.GUEST_PANICKED, panicked.message());
    }
    if (progress.outcome() instanceof Outcome.Finished && !isPositive(left(lastWord, POWER_OFF))) {
      return Next.act(
          Phase.BUILDING,
          "the guest program is done and the builder VM did not power off",
          new Action.StopVm(attempt, "the guest program is done and the VM did not power off"));
    }
    Duration look = Duration.ofDays(1);
    if (vm.trouble().isPresent()) {
      Optional<Next> known = troubled(vm.trouble().get());
      if (known.isPresent() && !known.get().actions().isEmpty()) {
        return known.get();
      }
      look = shorter(look, left(vm.trouble().get().since(), DEBOUNCE));
    }
    // Silence is judged by those who have listened: after a restart the log is still to be read.
    boolean silent =
        vm.hearing().whole() && progress.messages() == 0 && vm.firstMessage().isEmpty();
    Duration start = recipe.builder().timeouts().start();
    if (silent && !isPositive(left(vm.since(), start))) {
      return fail(
          Stage.BUILD,
          1,
          Reason.GUEST_SILENT,
          "the builder VM has run for " + inWords(start) + " and has not sent a message");
    }
    if (silent) {
      look = shorter(look, left(vm.since(), start));
    }
    boolean saidItsLast = !(progress.outcome() instanceof Outcome.Unknown);
    Duration build = leftToBuild(vm);
    if (!saidItsLast && !isPositive(build)) {
      return fail(Stage.BUILD, 1, Reason.BUILD_DEADLINE_EXCEEDED, late(vm));
    }
    look = shorter(look, build);
    if (saidItsLast) {
      look =
          shorter(
              look,
              left(
                  lastWord,
                  progress.outcome() instanceof Outcome.Finished ? POWER_OFF : LAST_WORD));
    }
    return Next.hold(
        Phase.BUILDING,
        Reason.IN_PROGRESS,
        progress.step().map(step -> "step " + step).orElse("the builder VM boots")
            + ofTries(attempt),
        Optional.of(look));
  }

  private Duration leftToBuild(Vm.Running vm) {
    Duration left = left(vm.since(), recipe.builder().timeouts().build());
    Duration toRead = left(vm.hearing().since(), TO_READ);
    return vm.hearing().whole() || left.compareTo(toRead) > 0 ? left : toRead;
  }

  private String late(Vm.Running vm) {
    String words =
        "the builder VM was not done within "
            + inWords(recipe.builder().timeouts().build())
            + observed.progress().step().map(step -> "; its step was " + step).orElse("")
            + vm.lastMessage().map(last -> ", its last message " + ago(last)).orElse("");
    return vm.hearing().whole()
        ? words
        : words
            + "; its console could not be read"
            + vm.hearing().trouble().map(trouble -> ": " + trouble).orElse("");
  }

  /** The disks decide, unless it is known already that they cannot be good. */
  private Next stopped(Vm.Stopped vm) {
    Outcome outcome = observed.progress().outcome();
    if (outcome instanceof Outcome.Failed failed) {
      return fail(failed);
    }
    if (vm.end() == Vm.End.STOPPED && !saidToBeDone() && outcome instanceof Outcome.Unknown) {
      return interrupted();
    }
    Optional<Next> lost = saidToBeDone() ? Optional.empty() : lost(vm, outcome);
    if (lost.isPresent()) {
      return lost.get();
    }
    if (!vm.removed()) {
      return Next.act(
          Phase.SAVING, "removing the stopped builder VM", new Action.RemoveVm(attempt));
    }
    if (!(observed.save() instanceof Work.Done) && !(observed.disks() instanceof Work.Done)) {
      return fail(
          Stage.BUILD, 1, Reason.IMAGE_LOST, "the disks of attempt " + attempt + " are gone");
    }
    return check();
  }

  /** Nobody stops a VM that is not done but for a suspended resource. */
  private Next interrupted() {
    Failure interruption =
        new Failure(
            attempt,
            Stage.BUILD,
            1,
            Reason.SUSPENDED,
            INTERRUPTED,
            now,
            observed.progress().step(),
            Reached.by(recipe, observed),
            List.of());
    return Next.act(Phase.SUSPENDED, INTERRUPTED, new Action.RecordFailure(interruption))
        .because(Reason.SUSPENDED);
  }

  private boolean saidToBeDone() {
    return observed.progress().outcome() instanceof Outcome.Finished
        || observed.progress().done().contains(ConditionType.EXPORTED);
  }

  private Optional<Next> lost(Vm.Stopped vm, Outcome outcome) {
    Reason reason =
        switch (vm.end()) {
          case PANICKED -> Reason.GUEST_PANICKED;
          case KILLED -> Reason.VM_KILLED;
          case EVICTED -> Reason.EVICTED;
          case NODE_LOST -> Reason.NODE_LOST;
          case IO_ERROR -> Reason.DISK_IO_ERROR;
          case HOST_DISK_FULL -> Reason.HOST_DISK_FULL;
          case START_FAILED -> Reason.VM_START_FAILED;
          case POWERED_OFF, STOPPED ->
              outcome instanceof Outcome.Panicked ? Reason.GUEST_PANICKED : Reason.SUCCEEDED;
        };
    if (reason == Reason.SUCCEEDED) {
      return Optional.empty();
    }
    String words = outcome instanceof Outcome.Panicked panicked ? panicked.message() : vm.message();
    return Optional.of(fail(Stage.BUILD, 1, reason, words.isEmpty() ? reason.word() : words));
  }

  private Next check() {
    Work work = observed.check();
    if (work instanceof Work.Done done && observed.report().isEmpty()) {
      // Without its report a check has not happened.
      work =
          new Work.Failed(
              done.run(),
              Reason.GUEST_SILENT,
              "the check of the disks ended without a whole report",
              done.started(),
              done.finished());
    }
    return stage(
        Stage.CHECK,
        work,
        Phase.SAVING,
        "checking the disks",
        run -> new Action.Check(attempt, run),
        saveLimit(),
        this::judge);
  }

  private Next judge() {
    List<String> differences =
        DiskCheck.differences(
            recipe,
            observed.report().orElseThrow(),
            observed.progress().pool().map(Progress.PoolSeen::guid));
    if (differences.isEmpty()) {
      return save();
    }
    String words = list(differences);
    if (saidToBeDone()) {
      int run = ((Work.Done) observed.check()).run();
      return fail(Stage.CHECK, run, Reason.CHECK_FAILED, words);
    }
    String where =
        observed.progress().step().map(step -> " in step " + step).orElse(" without a message");
    return fail(
        Stage.BUILD,
        1,
        Reason.GUEST_STOPPED_EARLY,
        "the builder VM stopped" + where + ", and its disks are not finished: " + words);
  }

  private Next save() {
    return stage(
        Stage.SAVE,
        observed.save(),
        Phase.SAVING,
        "saving the images",
        run -> new Action.Save(attempt, run),
        saveLimit(),
        this::verify);
  }

  private Next verify() {
    Supplier<Next> following = this::publish;
    if (recipe.verify().grow().isPresent()) {
      following = () -> grow(this::publish);
    }
    if (recipe.verify().boot().isPresent()) {
      List<Firmware> firmware = recipe.verify().boot().get().firmware();
      for (int i = firmware.size() - 1; i >= 0; i--) {
        Firmware one = firmware.get(i);
        Supplier<Next> then = following;
        following = () -> boot(one, then);
      }
    }
    return following.get();
  }

  private Next boot(Firmware firmware, Supplier<Next> then) {
    return stage(
        Stage.verifying(firmware),
        observed.boot(firmware),
        Phase.VERIFYING,
        "booting a copy of the images under " + firmware,
        run -> new Action.VerifyBoot(attempt, firmware, run),
        new Limit(bootTimeout(), Reason.BOOT_FAILED),
        then);
  }

  private Next grow(Supplier<Next> then) {
    return stage(
        Stage.VERIFY_GROW,
        observed.grow(),
        Phase.VERIFYING,
        "booting a copy of the images with a larger root disk",
        run -> new Action.VerifyGrow(attempt, run),
        // Boots once, then looks at the disk in a check.
        new Limit(bootTimeout().plus(recipe.builder().timeouts().save()), Reason.GROW_FAILED),
        then);
  }

  /** The boot's own timeout is kept by who watches it; this one catches a watcher that hangs. */
  private Duration bootTimeout() {
    return recipe
        .verify()
        .boot()
        .map(Recipe.Boot::timeout)
        .orElse(recipe.builder().timeouts().build())
        .plus(recipe.builder().timeouts().start());
  }

  private Next publish() {
    return suspended()
        .orElseGet(
            () ->
                Next.act(
                    recipe.verify().boot().isPresent() || recipe.verify().grow().isPresent()
                        ? Phase.VERIFYING
                        : Phase.SAVING,
                    "publishing the images",
                    new Action.Publish(attempt)));
  }

  private Limit saveLimit() {
    return new Limit(recipe.builder().timeouts().save(), Reason.SAVE_DEADLINE_EXCEEDED);
  }

  /** How long a stage may run, and what it is called when it runs longer. */
  private record Limit(Duration time, Reason reason) {}

  private Next stage(
      Stage stage,
      Work work,
      Phase phase,
      String doing,
      IntFunction<Action> start,
      Limit limit,
      Supplier<Next> then) {
    if (work instanceof Work.Done) {
      return then.get();
    }
    if (work instanceof Work.Running running) {
      Duration left = left(running.since(), limit.time());
      return isPositive(left)
          ? Next.hold(phase, Reason.IN_PROGRESS, doing, Optional.of(left))
          : fail(
              stage,
              running.run(),
              limit.reason(),
              doing + " took longer than " + inWords(limit.time()));
    }
    if (work instanceof Work.Due due) {
      return suspended().orElseGet(() -> Next.act(phase, doing, start.apply(due.run())));
    }
    if (work instanceof Work.Waiting waiting) {
      boolean believed = !isPositive(left(waiting.since(), DEBOUNCE));
      return believed
          ? Next.hold(phase, waiting.reason(), waiting.message(), Optional.empty())
          : Next.hold(
              phase, Reason.IN_PROGRESS, doing, Optional.of(left(waiting.since(), DEBOUNCE)));
    }
    if (work instanceof Work.Failed failed && !history.has(attempt, stage, failed.run())) {
      return fail(stage, failed.run(), failed.reason(), failed.message());
    }
    int run = history.nextRun(attempt, stage);
    return (run > 1 ? pauseAfterFailure(phase) : Optional.<Next>empty())
        .or(this::suspended)
        .orElseGet(() -> Next.act(phase, doing, start.apply(run)));
  }

  private Next fail(Outcome.Failed failed) {
    String message =
        "step "
            + failed.step()
            + " failed with exit status "
            + failed.exitStatus()
            + (failed.message().isEmpty() ? "" : ": " + failed.message());
    return record(Stage.BUILD, 1, failed.reason(), message, Optional.of(failed.step()));
  }

  private Next fail(Stage stage, int run, Reason reason, String message) {
    Optional<String> step = stage == Stage.BUILD ? observed.progress().step() : Optional.empty();
    return record(stage, run, reason, message, step);
  }

  private Next record(Stage stage, int run, Reason reason, String message, Optional<String> step) {
    Failure failure =
        new Failure(
            attempt,
            stage,
            run,
            reason,
            message,
            now,
            step,
            Reached.by(recipe, observed),
            stage == Stage.BUILD ? observed.progress().tail() : List.of());
    boolean last = reason.handling() != Handling.RETRIED || history.size() + 1 >= history.tries();
    return Next.act(phaseOf(stage), message, new Action.RecordFailure(failure))
        .because(last ? reason : Reason.RETRYING);
  }

  private static Phase phaseOf(Stage stage) {
    return switch (stage) {
      case PROVISION -> Phase.PROVISIONING;
      case BUILD -> Phase.BUILDING;
      case CHECK, SAVE, PUBLISH -> Phase.SAVING;
      case VERIFY_BIOS, VERIFY_UEFI, VERIFY_GROW -> Phase.VERIFYING;
    };
  }

  private String failedAttempt(Failure failure) {
    return "try "
        + history.size()
        + " of "
        + history.tries()
        + " failed: "
        + failure.reason().word()
        + ": "
        + failure.message();
  }

  private String ofTries(int number) {
    return number > 1 ? " (attempt " + number + ")" : "";
  }

  private Duration left(Instant since, Duration limit) {
    return Duration.between(now, since.plus(limit));
  }

  private String ago(Instant then) {
    return inWords(Duration.between(then, now)) + " ago";
  }

  private static boolean isPositive(Duration duration) {
    return !duration.isNegative() && !duration.isZero();
  }

  private static Duration shorter(Duration one, Duration other) {
    return isPositive(other) && other.compareTo(one) < 0 ? other : one;
  }

  /** {@code 90 s}, {@code 20 min}. */
  private static String inWords(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds >= 120 ? (seconds / 60) + " min" : seconds + " s";
  }

  private static String list(List<String> differences) {
    int shown = Math.min(MAX_DIFFERENCES_SHOWN, differences.size());
    String words = String.join("; ", differences.subList(0, shown));
    return differences.size() > shown
        ? words + "; and " + (differences.size() - shown) + " more"
        : words;
  }
}
