package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Stage;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.engine.Status.Condition;
import dev.zfsdiskimage.engine.Status.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatusFollowerTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final List<String> shown = new ArrayList<>();
  private final StatusFollower follower = new StatusFollower(new Recording(), () -> at(100));

  private final class Recording implements BuildDisplay {
    @Override
    public void note(String text) {
      shown.add("note " + text);
    }

    @Override
    public void started(String step) {
      shown.add("started " + step);
    }

    @Override
    public void came(String step, long bytes) {
      shown.add("came " + step + " " + bytes);
    }

    @Override
    public void doing(String text) {
      shown.add("doing " + text);
    }

    @Override
    public void finished(String step, Duration took) {
      shown.add("finished " + step + " " + took.toSeconds());
    }

    @Override
    public void failed(String step, Duration took) {
      shown.add("failed " + step + " " + took.toSeconds());
    }

    @Override
    public void condition(Condition condition) {
      shown.add("condition " + condition.type().word() + " " + condition.value());
    }

    @Override
    public void close() {
      shown.add("closed");
    }
  }

  private static Instant at(long seconds) {
    return START.plusSeconds(seconds);
  }

  private static Step running(String name, long started) {
    return new Step(name, at(started), Optional.empty());
  }

  private static Step done(String name, long started, long finished) {
    return new Step(name, at(started), Optional.of(at(finished)));
  }

  private static Status status(Phase phase, int attempt, Step... steps) {
    return new Status(phase, attempt, List.of(), List.of(steps), Optional.empty());
  }

  @Test
  void tellsEachStepOnceHoweverOftenTheStatusIsTold() {
    follower.status(status(Phase.BUILDING, 1, done("provision", 0, 2), running("pool", 12)));
    follower.status(status(Phase.BUILDING, 1, done("provision", 0, 2), running("pool", 12)));
    follower.status(
        status(
            Phase.BUILDING,
            1,
            done("provision", 0, 2),
            done("pool", 12, 15),
            running("mount", 15)));

    assertThat(shown)
        .containsExactly(
            "started provision",
            "finished provision 2",
            "started pool",
            "finished pool 3",
            "started mount");
  }

  @Test
  void neverCallsAStepDoneThatTurnsOutToHaveFailed() {
    follower.status(status(Phase.BUILDING, 1, running("install", 10)));
    follower.status(status(Phase.BUILDING, 1, done("install", 10, 15)));
    Failure failure =
        new Failure(
            1,
            Stage.BUILD,
            1,
            Reason.SCRIPT_FAILED,
            "exit status 7",
            at(20),
            Optional.of("install"),
            Set.of(),
            List.of());
    follower.status(
        new Status(
            Phase.FAILED, 1, List.of(), List.of(done("install", 10, 15)), Optional.of(failure)));

    assertThat(shown).containsExactly("started install", "failed install 5");
  }

  @Test
  void callsTheGuestsLastStepDoneWhenTheBuildGoesOn() {
    follower.status(status(Phase.BUILDING, 1, done("export", 10, 15)));
    follower.status(status(Phase.SAVING, 1, done("export", 10, 15), running("check", 16)));

    assertThat(shown).containsExactly("started export", "finished export 5", "started check");
  }

  @Test
  void showsTheVmStartingUntilItsProgramSpeaks() {
    follower.status(status(Phase.BUILDING, 1, done("provision", 0, 2)));
    follower.status(status(Phase.BUILDING, 1, done("provision", 0, 2), running("partition", 109)));

    assertThat(shown)
        .containsExactly(
            "started provision",
            "finished provision 2",
            "started start-vm",
            "finished start-vm 9",
            "started partition");
  }

  @Test
  void givesThePoolsBytesToTheGuestsStep() {
    follower.status(status(Phase.BUILDING, 1, running("install", 10)));

    follower.poolBytes(4096);

    assertThat(shown).containsExactly("started install", "came install 4096");
  }

  @Test
  void endsWhatRunsAndSaysWhyWhenAnotherAttemptIsMade() {
    follower.status(status(Phase.BUILDING, 1, running("install", 10)));
    Failure failure =
        new Failure(
            1,
            Stage.BUILD,
            1,
            Reason.GUEST_PANICKED,
            "double fault",
            at(100),
            Optional.of("install"),
            Set.of(),
            List.of());
    follower.status(new Status(Phase.PROVISIONING, 1, List.of(), List.of(), Optional.of(failure)));
    follower.status(
        new Status(
            Phase.BUILDING,
            2,
            List.of(),
            List.of(running("partition", 130)),
            Optional.of(failure)));

    assertThat(shown)
        .containsExactly(
            "started install",
            "failed install 90",
            "note attempt 1 failed: GuestPanicked: double fault; it is tried again",
            "started partition");
  }

  @Test
  void tellsAConditionOnlyWhenItChanges() {
    Condition condition =
        new Condition(
            ConditionType.READY, ZfsDiskImageStatus.Status.UNKNOWN, Reason.IN_PROGRESS, "building");
    Status status = new Status(Phase.PENDING, 0, List.of(condition), List.of(), Optional.empty());

    follower.status(status);
    follower.status(status);

    assertThat(shown).containsExactly("condition Ready UNKNOWN");
  }
}
