package dev.zfsdiskimage.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.guest.Progress.Outcome;
import dev.zfsdiskimage.guest.SampleRecipes;
import dev.zfsdiskimage.guest.SampleReports;
import dev.zfsdiskimage.recipe.Recipe;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Walks through worlds in which anything may go wrong at any time, and holds what must hold. */
class RandomWalkTest {
  private static final int WALKS_A_TEST = 200;
  private static final int MAX_MOVES = 3000;

  @RepeatedTest(10)
  void everyWalkEndsWellOrSaysWhyNot(RepetitionInfo repetition) {
    Set<Phase> ends = new HashSet<>();
    int readyAfterFailures = 0;
    for (int walk = 0; walk < WALKS_A_TEST; walk++) {
      Status end = new World(repetition.getCurrentRepetition() * 1000L + walk, 0.12).walkToTheEnd();
      ends.add(end.phase());
      readyAfterFailures += end.phase() == Phase.READY && end.attempt() > 1 ? 1 : 0;
    }
    assertThat(ends).containsExactlyInAnyOrder(Phase.READY, Phase.FAILED);
    assertThat(readyAfterFailures).isPositive();
  }

  @Test
  void worldWithoutFaultsEndsReadyAtTheFirstAttempt() {
    for (int seed = 0; seed < 100; seed++) {
      World world = new World(seed, 0);
      assertThat(world.walkToTheEnd().phase()).isEqualTo(Phase.READY);
      assertThat(world.scene.attempt).isEqualTo(1);
    }
  }

  /** An adapter and the world behind it, as mean as its seed. */
  private static final class World {
    private static final List<Reason> WORK_FAULTS =
        List.of(
            Reason.EVICTED,
            Reason.NODE_LOST,
            Reason.GUEST_SILENT,
            Reason.SAVE_FAILED,
            Reason.HOST_DISK_FULL,
            Reason.VM_KILLED,
            Reason.PAYLOAD_UNAVAILABLE);
    private static final List<Reason> GUEST_FAULTS =
        List.of(Reason.SCRIPT_FAILED, Reason.DISK_NOT_BLANK, Reason.DISK_MISSING);

    private final String name;
    private final Random random;
    private final double meanness;
    private final Scene scene = new Scene();
    private final Set<List<Object>> recorded = new HashSet<>();
    private Instant now = Scene.T0;
    private int highestAttempt;
    private boolean reportIsGood;

    private World(long seed, double meanness) {
      this.name = "seed " + seed;
      this.random = new Random(seed);
      this.meanness = meanness;
      scene.recipe = recipe(random.nextInt(4));
    }

    private static Recipe recipe(int kind) {
      Optional<Recipe.Boot> boot =
          Optional.of(
              new Recipe.Boot(
                  List.of(Firmware.BIOS, Firmware.UEFI), "login:", Duration.ofMinutes(5)));
      Optional<Recipe.Grow> grow = Optional.of(new Recipe.Grow(1 << 30));
      return SampleRecipes.verifying(
          switch (kind) {
            case 0 -> SampleRecipes.NO_VERIFY;
            case 1 -> new Recipe.Verify(true, boot, Optional.empty());
            case 2 -> new Recipe.Verify(false, Optional.empty(), grow);
            default -> new Recipe.Verify(true, boot, grow);
          });
    }

    private Status walkToTheEnd() {
      for (int move = 0; move < MAX_MOVES; move++) {
        Observed seen = scene.observed();
        Decision decision = Engine.decide(scene.recipe, seen, now);
        assertThat(Engine.decide(scene.recipe, seen, now)).as(name).isEqualTo(decision);
        holds(decision);
        if (decision.status().terminal() && decision.actions().isEmpty()) {
          nothingHappensAnyMore();
          return decision.status();
        }
        if (!decision.status().terminal()) {
          assertThat(decision.nextLook().isPresent() || waitsForTheWorld(decision))
              .as(name + ": somebody must look again")
              .isTrue();
        }
        // Now and then the adapter dies before it acts, or acts twice.
        for (int times = random.nextInt(4); times > 0; times--) {
          decision.actions().forEach(this::act);
        }
        moveOn();
      }
      throw new AssertionError(name + ": still going on after " + MAX_MOVES + " moves");
    }

    private static boolean waitsForTheWorld(Decision decision) {
      Reason reason = decision.status().condition(ConditionType.READY).orElseThrow().reason();
      return reason.handling() == Reason.Handling.WAITING
          || reason == Reason.SUSPENDED
          || reason == Reason.WAITING;
    }

    private void holds(Decision decision) {
      Status status = decision.status();
      ZfsDiskImageStatus.Status ready = status.condition(ConditionType.READY).orElseThrow().value();
      boolean stalled = status.condition(ConditionType.STALLED).isPresent();
      boolean reconciling = status.condition(ConditionType.RECONCILING).isPresent();
      assertThat(ready == ZfsDiskImageStatus.Status.TRUE)
          .as(name)
          .isEqualTo(status.phase() == Phase.READY);
      assertThat(stalled).as(name).isEqualTo(status.phase() == Phase.FAILED);
      assertThat(stalled && reconciling).as(name).isFalse();
      if (status.phase() == Phase.FAILED) {
        assertThat(ready).as(name).isEqualTo(ZfsDiskImageStatus.Status.FALSE);
        assertThat(status.condition(ConditionType.STALLED).orElseThrow().reason().handling())
            .as(name)
            .isIn(Reason.Handling.RETRIED, Reason.Handling.PERMANENT);
        assertThat(status.condition(ConditionType.READY).orElseThrow().message())
            .as(name)
            .contains("to remedy: ");
        assertThat(status.failure()).as(name).isPresent();
      }
      if (status.phase() == Phase.READY) {
        assertThat(scene.check).as(name).isInstanceOf(Work.Done.class);
        assertThat(reportIsGood).as(name).isTrue();
        assertThat(scene.save).as(name).isInstanceOf(Work.Done.class);
        assertThat(scene.vm).as(name).isInstanceOf(Vm.Stopped.class);
        scene
            .recipe
            .verify()
            .boot()
            .ifPresent(
                boot ->
                    boot.firmware()
                        .forEach(
                            one ->
                                assertThat(scene.boots.get(one))
                                    .as(name)
                                    .isInstanceOf(Work.Done.class)));
        if (scene.recipe.verify().grow().isPresent()) {
          assertThat(scene.grow).as(name).isInstanceOf(Work.Done.class);
        }
      }
      assertThat(status.attempt()).as(name).isGreaterThanOrEqualTo(highestAttempt);
      highestAttempt = status.attempt();
      assertThat(
              scene.failures.stream()
                  .filter(failure -> failure.reason() != Reason.SUSPENDED)
                  .count())
          .as(name)
          .isLessThanOrEqualTo(scene.recipe.builder().retries() + 1);
    }

    private void nothingHappensAnyMore() {
      for (int days : List.of(1, 10, 1000)) {
        Decision later =
            Engine.decide(scene.recipe, scene.observed(), now.plus(Duration.ofDays(days)));
        assertThat(later.actions()).as(name).isEmpty();
        assertThat(later.status().terminal()).as(name).isTrue();
        assertThat(later.nextLook()).as(name).isEmpty();
      }
    }

    private void act(Action action) {
      if (action instanceof Action.ProvisionDisks provision) {
        if (scene.attempt == provision.attempt() && !(scene.disks instanceof Work.Absent)) {
          return;
        }
        assertThat(scene.attempt).as(name + ": the old attempt is gone").isZero();
        assertThat(provision.attempt()).as(name).isGreaterThan(lastFailedAttempt());
        scene.attempt = provision.attempt();
        scene.disks = begun(1);
      } else if (action instanceof Action.StartVm) {
        if (scene.vm instanceof Vm.Absent) {
          nothingElseRuns();
          scene.vm = new Vm.Starting(now, Optional.empty());
        }
      } else if (action instanceof Action.StopVm) {
        if (scene.vm instanceof Vm.Running || scene.vm instanceof Vm.Starting) {
          scene.vm = new Vm.Stopping(now);
        }
      } else if (action instanceof Action.RemoveVm) {
        Vm.Stopped stopped = (Vm.Stopped) scene.vm;
        scene.vm =
            new Vm.Stopped(stopped.started(), stopped.at(), stopped.end(), stopped.message(), true);
      } else if (action instanceof Action.Check check) {
        if (isNew(scene.check, check.run())) {
          nothingElseRuns();
          scene.check = begun(check.run());
          scene.report = Optional.empty();
        }
      } else if (action instanceof Action.Save save) {
        if (isNew(scene.save, save.run())) {
          nothingElseRuns();
          scene.save = begun(save.run());
        }
      } else if (action instanceof Action.VerifyBoot boot) {
        Work work = scene.boots.getOrDefault(boot.firmware(), Work.ABSENT);
        if (isNew(work, boot.run())) {
          nothingElseRuns();
          scene.boots.put(boot.firmware(), begun(boot.run()));
        }
      } else if (action instanceof Action.VerifyGrow grow) {
        boolean goesOn = scene.grow instanceof Work.Due due && due.run() == grow.run();
        if (goesOn || isNew(scene.grow, grow.run())) {
          nothingElseRuns();
          scene.grow = begun(grow.run());
        }
      } else if (action instanceof Action.Publish publish) {
        scene.published = Optional.of(new Observed.Published(publish.attempt(), true));
      } else if (action instanceof Action.RecordFailure record) {
        Failure failure = record.failure();
        List<Object> key = List.of(failure.attempt(), failure.stage(), failure.run());
        if (recorded.add(key)) {
          scene.failures.add(failure);
        }
      } else if (action instanceof Action.DiscardAttempt discard) {
        if (scene.attempt != discard.attempt()) {
          return;
        }
        assertThat(scene.published.isPresent()).as(name).isFalse();
        scene.attempt = 0;
        scene.disks = Work.ABSENT;
        scene.vm = Vm.ABSENT;
        scene.progress = Progress.NONE;
        scene.check = Work.ABSENT;
        scene.report = Optional.empty();
        scene.save = Work.ABSENT;
        scene.boots.clear();
        scene.grow = Work.ABSENT;
      }
    }

    private int lastFailedAttempt() {
      return scene.failures.stream().mapToInt(Failure::attempt).max().orElse(0);
    }

    private Work begun(int run) {
      return bad()
          ? new Work.Waiting(run, Reason.QUOTA_EXCEEDED, "no quota", now)
          : new Work.Running(run, now);
    }

    private static boolean isNew(Work work, int run) {
      if (work instanceof Work.Failed failed) {
        return failed.run() < run;
      }
      return work instanceof Work.Absent || (work instanceof Work.Done done && done.run() < run);
    }

    /** Of everything that uses a VM or writes to the disks, one at a time. */
    private void nothingElseRuns() {
      assertThat(
              scene.vm instanceof Vm.Absent
                  || (scene.vm instanceof Vm.Stopped stopped && stopped.removed()))
          .as(name)
          .isTrue();
      assertThat(scene.disks).as(name).isInstanceOf(Work.Done.class);
      for (Work work : List.of(scene.check, scene.save, scene.grow)) {
        assertThat(work).as(name).isNotInstanceOfAny(Work.Running.class, Work.Waiting.class);
      }
      assertThat(scene.boots.values())
          .as(name)
          .noneMatch(work -> work instanceof Work.Running || work instanceof Work.Waiting);
    }

    /** Time passes, and something happens that the engine did not decide. */
    private void moveOn() {
      now = now.plusSeconds(bad() ? 400 : 1 + random.nextInt(40));
      if (random.nextInt(20) == 0) {
        scene.suspended = bad();
        scene.ahead = bad() ? 1 : 0;
      }
      scene.disks = work(scene.disks);
      scene.save = work(scene.save);
      scene.grow =
          scene.grow instanceof Work.Running running && random.nextInt(3) == 0
              ? new Work.Due(running.run(), running.since())
              : work(scene.grow);
      for (Map.Entry<Firmware, Work> boot : scene.boots.entrySet()) {
        boot.setValue(work(boot.getValue()));
      }
      Work check = work(scene.check);
      if (check instanceof Work.Done && !(scene.check instanceof Work.Done) && !bad()) {
        reportIsGood =
            Scene.ALL_GUEST_STEPS.equals(scene.progress.done())
                || scene.progress.outcome() instanceof Outcome.Finished;
        scene.report =
            Optional.of(
                reportIsGood
                    ? SampleReports.good(scene.recipe)
                    : SampleReports.unfinished(scene.recipe));
      }
      scene.check = check;
      moveVm();
    }

    private Work work(Work work) {
      if (work instanceof Work.Waiting waiting) {
        return random.nextBoolean() ? new Work.Running(waiting.run(), now) : work;
      }
      if (work instanceof Work.Running running && random.nextInt(3) == 0) {
        return bad()
            ? new Work.Failed(
                running.run(), one(WORK_FAULTS), "it went wrong", running.since(), now)
            : new Work.Done(running.run(), running.since(), now);
      }
      return work;
    }

    private void moveVm() {
      if (scene.vm instanceof Vm.Starting starting) {
        if (bad()) {
          scene.vm =
              new Vm.Starting(
                  starting.since(),
                  Optional.of(new Vm.Trouble(Reason.UNSCHEDULABLE, "no node", now)));
        } else if (random.nextBoolean()) {
          scene.vm = new Vm.Running(now, Optional.empty(), Optional.empty(), Optional.empty());
        }
      } else if (scene.vm instanceof Vm.Stopping stopping) {
        scene.vm =
            new Vm.Stopped(
                Optional.of(stopping.since()), now, Vm.End.STOPPED, "", random.nextBoolean());
      } else if (scene.vm instanceof Vm.Running running) {
        runGuest(running);
      }
    }

    private void runGuest(Vm.Running running) {
      boolean ended = !(scene.progress.outcome() instanceof Outcome.Unknown);
      if (bad()) {
        switch (random.nextInt(4)) {
          case 0 -> scene.vm = stopped(running, one(List.of(Vm.End.values())));
          case 1 -> {
            if (!ended) {
              scene.progress = told(new Outcome.Failed("install", one(GUEST_FAULTS), 1, "x"));
            }
          }
          case 2 ->
              scene.vm =
                  new Vm.Running(
                      running.since(),
                      running.firstMessage(),
                      running.lastMessage(),
                      Optional.of(
                          new Vm.Trouble(
                              one(List.of(Reason.NODE_LOST, Reason.DISK_IO_ERROR)), "flap", now)));
          default -> {
            if (!ended) {
              scene.progress = told(new Outcome.Panicked("Kernel panic - not syncing"));
            }
          }
        }
      } else if (ended && random.nextInt(3) == 0) {
        scene.vm = stopped(running, Vm.End.POWERED_OFF);
      } else if (!ended) {
        Optional<Instant> spoke = Optional.of(now);
        scene.vm =
            new Vm.Running(
                running.since(),
                running.firstMessage().or(() -> spoke),
                spoke,
                random.nextBoolean() ? Optional.empty() : running.trouble());
        scene.progress =
            random.nextInt(6) == 0
                ? Scene.progress(new Outcome.Finished(), Scene.ALL_GUEST_STEPS, "export")
                : told(new Outcome.Unknown());
      }
    }

    private Progress told(Outcome outcome) {
      return Scene.progress(outcome, Set.of(ConditionType.PARTITIONED), "install");
    }

    private Vm.Stopped stopped(Vm.Running running, Vm.End end) {
      return new Vm.Stopped(Optional.of(running.since()), now, end, "", random.nextBoolean());
    }

    private boolean bad() {
      return random.nextDouble() < meanness;
    }

    private <T> T one(List<T> things) {
      return things.get(random.nextInt(things.size()));
    }
  }
}
