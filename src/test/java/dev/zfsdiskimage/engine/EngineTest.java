package dev.zfsdiskimage.engine;

import static dev.zfsdiskimage.engine.Scene.at;
import static dev.zfsdiskimage.engine.Scene.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Status.Condition;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.guest.Progress.Outcome;
import dev.zfsdiskimage.guest.SampleRecipes;
import dev.zfsdiskimage.guest.SampleReports;
import dev.zfsdiskimage.recipe.Recipe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EngineTest {
  private static final Recipe VERIFIED =
      SampleRecipes.verifying(
          new Recipe.Verify(
              true,
              Optional.of(
                  new Recipe.Boot(
                      List.of(Firmware.BIOS, Firmware.UEFI), "login:", Duration.ofMinutes(10))),
              Optional.of(new Recipe.Grow(1 << 30))));

  @Nested
  class Beginning {
    @Test
    void firstVisitMakesDisksAndKnowsNothingOfReadiness() {
      Decision decision = new Scene().decide(0);

      assertThat(decision.actions()).containsExactly(new Action.ProvisionDisks(1));
      assertThat(decision.status().phase()).isEqualTo(Phase.PROVISIONING);
      assertThat(value(decision, ConditionType.READY)).isEqualTo(ZfsDiskImageStatus.Status.UNKNOWN);
      assertThat(value(decision, ConditionType.RECONCILING))
          .isEqualTo(ZfsDiskImageStatus.Status.TRUE);
      assertThat(decision.status().condition(ConditionType.STALLED)).isEmpty();
    }

    @Test
    void conditionsOfChecksNobodyAskedForAreAbsent() {
      Scene scene = new Scene();

      assertThat(scene.decide(0).status().condition(ConditionType.VERIFIED)).isEmpty();
      scene.recipe = VERIFIED;
      assertThat(scene.decide(0).status().condition(ConditionType.VERIFIED)).isPresent();
    }

    @Test
    void othersFirst() {
      Scene scene = new Scene();
      scene.ahead = 2;

      Decision decision = scene.decide(0);

      assertThat(decision.actions()).isEmpty();
      assertThat(decision.status().phase()).isEqualTo(Phase.PENDING);
      assertThat(message(decision, ConditionType.RECONCILING)).contains("2 other builds");
    }

    @ParameterizedTest
    @CsvSource({
      "1, another build",
      "10, 10 other builds",
      "11, more than 10 other builds",
      "20, more than 10 other builds",
      "21, more than 20 other builds",
      "51, more than 50 other builds",
      "100, more than 50 other builds",
      "101, more than 100 other builds",
      "999, more than 500 other builds",
      "1001, more than 1000 other builds"
    })
    void farFromItsTurnItIsToldRoughlySoThatTheMessageRarelyChanges(int ahead, String told) {
      Scene scene = new Scene();
      scene.ahead = ahead;

      assertThat(message(scene.decide(0), ConditionType.RECONCILING))
          .isEqualTo("waiting for " + told + " to end");
    }

    @Test
    void suspendedBeginsNothingAndIsNeitherReconcilingNorStalled() {
      Scene scene = new Scene();
      scene.suspended = true;

      Decision decision = scene.decide(0);

      assertThat(decision.actions()).isEmpty();
      assertThat(decision.status().phase()).isEqualTo(Phase.SUSPENDED);
      assertThat(reason(decision, ConditionType.READY)).isEqualTo(Reason.SUSPENDED);
      assertThat(decision.status().condition(ConditionType.RECONCILING)).isEmpty();
      assertThat(decision.status().condition(ConditionType.STALLED)).isEmpty();
    }

    @Test
    void disksInTheMakingAreWaitedFor() {
      Scene scene = Scene.provisioned();
      scene.disks = new Work.Running(1, at(0));

      Decision decision = scene.decide(60);

      assertThat(decision.actions()).isEmpty();
      assertThat(decision.nextLook()).contains(Duration.ofMinutes(59));
    }

    @Test
    void disksThatCannotBeMadeForNowGiveTheReasonOnceItIsBelieved() {
      Scene scene = Scene.provisioned();
      scene.disks = new Work.Waiting(1, Reason.QUOTA_EXCEEDED, "exceeded quota: 2Gi", at(0));

      Decision young = scene.decide(10);
      assertThat(reason(young, ConditionType.RECONCILING)).isEqualTo(Reason.IN_PROGRESS);
      assertThat(young.nextLook()).contains(Duration.ofSeconds(20));

      Decision old = scene.decide(31);
      assertThat(old.actions()).isEmpty();
      assertThat(reason(old, ConditionType.RECONCILING)).isEqualTo(Reason.QUOTA_EXCEEDED);
      assertThat(message(old, ConditionType.READY))
          .contains("exceeded quota: 2Gi")
          .contains(Reason.QUOTA_EXCEEDED.remedy());
    }

    @Test
    void waitingNeverFails() {
      Scene scene = Scene.provisioned();
      scene.disks = new Work.Waiting(1, Reason.QUOTA_EXCEEDED, "exceeded quota", at(0));

      assertThat(scene.decide(1_000_000).actions()).isEmpty();
      assertThat(scene.decide(1_000_000).status().terminal()).isFalse();
    }

    @Test
    void disksThatTakeForEverFail() {
      Scene scene = Scene.provisioned();
      scene.disks = new Work.Running(1, at(0));

      assertThat(failed(scene.decide(3600)).reason()).isEqualTo(Reason.BUILD_DEADLINE_EXCEEDED);
    }

    @Test
    void disksThatCouldNotBeMadeFailTheAttempt() {
      Scene scene = Scene.provisioned();
      scene.disks =
          new Work.Failed(1, Reason.PAYLOAD_UNAVAILABLE, "connection refused", at(0), at(9));

      Failure failure = failed(scene.decide(10));

      assertThat(failure.stage()).isEqualTo(Stage.PROVISION);
      assertThat(failure.reason()).isEqualTo(Reason.PAYLOAD_UNAVAILABLE);
      assertThat(failure.message()).isEqualTo("connection refused");
    }

    @Test
    void readyDisksStartTheVm() {
      assertThat(Scene.provisioned().decide(5).actions()).containsExactly(new Action.StartVm(1));
    }

    @Test
    void suspendedStopsARunningVm() {
      Scene scene = Scene.installing(10);
      scene.suspended = true;

      Decision decision = scene.decide(20);

      assertThat(decision.actions()).singleElement().isInstanceOf(Action.StopVm.class);
      assertThat(decision.status().phase()).isEqualTo(Phase.SUSPENDED);
    }

    @Test
    void suspendedLetsADoneGuestPowerOff() {
      Scene scene = Scene.finished();
      scene.suspended = true;

      assertThat(scene.decide(101).actions()).isEmpty();
    }

    @Test
    void interruptedAttemptIsDiscardedAndNoFailure() {
      Scene scene = Scene.installing(10);
      scene.suspended = true;
      scene.vm = Scene.stopped(Vm.End.STOPPED, false);
      Action.RecordFailure record =
          (Action.RecordFailure) scene.decide(20).actions().iterator().next();
      assertThat(record.failure().reason()).isEqualTo(Reason.SUSPENDED);
      scene.failures.add(record.failure());
      assertThat(scene.decide(21).actions()).containsExactly(new Action.DiscardAttempt(1));

      Scene discarded = new Scene();
      discarded.suspended = true;
      discarded.failures.addAll(scene.failures);
      assertThat(discarded.decide(22).status().phase()).isEqualTo(Phase.SUSPENDED);
      discarded.suspended = false;
      Decision decision = discarded.decide(23);

      assertThat(decision.actions()).containsExactly(new Action.ProvisionDisks(2));
      assertThat(decision.status().failure()).isEmpty();
    }

    @Test
    void whatTheClusterRefusesIsToldAndTriedAgainLater() {
      Scene scene = Scene.provisioned();
      scene.refused =
          Optional.of(new Vm.Trouble(Reason.QUOTA_EXCEEDED, "exceeded quota: small", at(4)));

      Decision decision = scene.decide(5);

      assertThat(decision.actions()).isEmpty();
      assertThat(reason(decision, ConditionType.READY)).isEqualTo(Reason.QUOTA_EXCEEDED);
      assertThat(decision.nextLook()).isPresent();
      scene.refused = Optional.empty();
      assertThat(scene.decide(35).actions()).containsExactly(new Action.StartVm(1));
    }

    @Test
    void suspendedDoesNotStartTheVm() {
      Scene scene = Scene.provisioned();
      scene.suspended = true;

      assertThat(scene.decide(5).actions()).isEmpty();
      assertThat(scene.decide(5).status().phase()).isEqualTo(Phase.SUSPENDED);
    }
  }

  @Nested
  class BuilderVm {
    @ParameterizedTest
    @EnumSource(
        value = Reason.class,
        names = {"UNSCHEDULABLE", "BUILDER_IMAGE_PULL", "POD_SECURITY_DENIED", "VOLUME_ATTACH"})
    void whatHoldsItUpIsToldAndWaitedFor(Reason reason) {
      Scene scene = Scene.provisioned();
      scene.vm = new Vm.Starting(at(0), Optional.of(new Vm.Trouble(reason, "no room", at(5))));

      assertThat(reason(scene.decide(20), ConditionType.READY)).isEqualTo(Reason.IN_PROGRESS);
      Decision decision = scene.decide(500_000);
      assertThat(decision.actions()).isEmpty();
      assertThat(reason(decision, ConditionType.READY)).isEqualTo(reason);
    }

    @Test
    void startThatNeverEndsFailsWhenNothingExplainsIt() {
      Scene scene = Scene.provisioned();
      scene.vm = new Vm.Starting(at(0), Optional.empty());

      assertThat(scene.decide(3599).nextLook()).contains(Duration.ofSeconds(1));
      assertThat(failed(scene.decide(3600)).reason()).isEqualTo(Reason.VM_START_FAILED);
    }

    @Test
    void troubleThatComesAndGoesIsNotBelieved() {
      Scene scene = Scene.installing(10);
      scene.vm =
          new Vm.Running(
              at(0),
              Optional.of(at(1)),
              Optional.of(at(10)),
              Optional.of(new Vm.Trouble(Reason.NODE_LOST, "NotReady", at(10))));

      assertThat(scene.decide(39).actions()).isEmpty();
      assertThat(scene.decide(39).nextLook()).contains(Duration.ofSeconds(1));
      assertThat(failed(scene.decide(40)).reason()).isEqualTo(Reason.NODE_LOST);
    }

    @Test
    void pausedByAnInputOutputErrorIsBelievedAtOnce() {
      Scene scene = Scene.installing(10);
      scene.vm =
          new Vm.Running(
              at(0),
              Optional.of(at(1)),
              Optional.of(at(10)),
              Optional.of(new Vm.Trouble(Reason.DISK_IO_ERROR, "PausedIOError", at(11))));

      assertThat(failed(scene.decide(11)).reason()).isEqualTo(Reason.DISK_IO_ERROR);
    }

    @Test
    void silentGuestFailsAfterTheStartDeadline() {
      Scene scene = Scene.booting();

      assertThat(scene.decide(299).actions()).isEmpty();
      assertThat(scene.decide(299).nextLook()).contains(Duration.ofSeconds(1));
      Failure failure = failed(scene.decide(300));
      assertThat(failure.reason()).isEqualTo(Reason.GUEST_SILENT);
      assertThat(failure.message()).contains("5 min");
    }

    @Test
    void guestWhoseConsoleIsStillToBeReadIsNotSilent() {
      Scene scene = Scene.booting();
      scene.vm = heard(new Vm.Hearing(at(200), false, Optional.empty()));
      assertThat(scene.decide(3599).actions()).isEmpty();

      scene.vm = heard(new Vm.Hearing(at(3599), true, Optional.empty()));

      assertThat(failed(scene.decide(3599)).reason()).isEqualTo(Reason.GUEST_SILENT);
    }

    @Test
    void consoleThatNobodyCanReadEndsTheBuildAtItsDeadlineOrALittleLater() {
      Scene scene = Scene.booting();
      scene.vm = heard(new Vm.Hearing(at(3590), false, Optional.of("HTTP 403")));

      assertThat(scene.decide(3709).actions()).isEmpty();
      assertThat(scene.decide(3709).nextLook()).contains(Duration.ofSeconds(1));
      Failure failure = failed(scene.decide(3710));
      assertThat(failure.reason()).isEqualTo(Reason.BUILD_DEADLINE_EXCEEDED);
      assertThat(failure.message()).contains("its console could not be read: HTTP 403");
    }

    @Test
    void guestThatIsDoneIsNotLateThoughItsEndWasReadAfterTheDeadline() {
      Scene scene = Scene.finished();
      scene.vm =
          new Vm.Running(at(0), Optional.of(at(4000)), Optional.of(at(4000)), Optional.empty());

      assertThat(scene.decide(4010).actions()).isEmpty();
    }

    private static Vm heard(Vm.Hearing hearing) {
      return new Vm.Running(at(0), Optional.empty(), Optional.empty(), hearing, Optional.empty());
    }

    @Test
    void failureThatCannotBeRecordedIsToldWithWhyItCannot() {
      Scene scene = Scene.booting();
      scene.refused = Optional.of(new Vm.Trouble(Reason.REQUEST_REFUSED, "403: no", at(300)));

      Decision decision = scene.decide(300);

      assertThat(decision.actions()).isEmpty();
      assertThat(reason(decision, ConditionType.READY)).isEqualTo(Reason.REQUEST_REFUSED);
      assertThat(message(decision, ConditionType.READY)).contains("has not sent", "403: no");
    }

    @Test
    void failedBuildKeepsItsReasonThoughItsRemainsMayNotBeDeleted() {
      Scene scene = Scene.provisioned();
      scene.failures.add(Scene.failure(1, Stage.BUILD, 1, Reason.SCRIPT_FAILED, at(100)));
      scene.refused = Optional.of(new Vm.Trouble(Reason.REQUEST_REFUSED, "403: no", at(110)));

      Decision decision = scene.decide(120);

      assertThat(decision.actions()).isEmpty();
      assertThat(reason(decision, ConditionType.STALLED)).isEqualTo(Reason.SCRIPT_FAILED);
      assertThat(message(decision, ConditionType.READY)).contains("it broke", "403: no");
    }

    @Test
    void guestThatHasSpokenIsNotSilent() {
      Decision decision = Scene.installing(2).decide(301);

      assertThat(decision.actions()).isEmpty();
      assertThat(message(decision, ConditionType.INSTALLED)).isEqualTo("step install");
      assertThat(value(decision, ConditionType.POOL_CREATED))
          .isEqualTo(ZfsDiskImageStatus.Status.TRUE);
    }

    @Test
    void buildThatTakesTooLongFailsForGoodAndSaysWhereItStood() {
      Failure failure = failed(Scene.installing(600).decide(3600));

      assertThat(failure.reason()).isEqualTo(Reason.BUILD_DEADLINE_EXCEEDED);
      assertThat(failure.step()).contains("install");
      assertThat(failure.message()).contains("60 min", "install", "50 min ago");
      assertThat(failure.console()).containsExactly("last words");
      assertThat(failure.done())
          .contains(ConditionType.POOL_CREATED, ConditionType.DISKS_PROVISIONED);
    }

    @Test
    void guestThatFailedMayFinishItsSentenceThenTheFailureIsRecorded() {
      Scene scene = Scene.installing(100);
      scene.progress =
          Scene.progress(
              new Outcome.Failed("install", Reason.SCRIPT_FAILED, 7, "no such file"),
              Set.of(ConditionType.PARTITIONED),
              "install");

      assertThat(scene.decide(129).actions()).isEmpty();
      assertThat(scene.decide(129).nextLook()).contains(Duration.ofSeconds(1));
      Failure failure = failed(scene.decide(130));
      assertThat(failure.reason()).isEqualTo(Reason.SCRIPT_FAILED);
      assertThat(failure.message())
          .isEqualTo("step install failed with exit status 7: no such file");
    }

    @Test
    void panicOnTheConsoleOfARunningVmFails() {
      Scene scene = Scene.installing(100);
      scene.progress =
          Scene.progress(new Outcome.Panicked("Kernel panic - x"), Set.of(), "install");

      assertThat(scene.decide(129).actions()).isEmpty();
      assertThat(failed(scene.decide(130)).reason()).isEqualTo(Reason.GUEST_PANICKED);
    }

    @Test
    void guestThatIsDoneAndDoesNotPowerOffIsStopped() {
      Scene scene = Scene.finished();

      assertThat(scene.decide(189).actions()).isEmpty();
      assertThat(scene.decide(190).actions()).singleElement().isInstanceOf(Action.StopVm.class);
      scene.vm = new Vm.Stopping(at(191));
      assertThat(scene.decide(192).actions()).isEmpty();
      scene.vm = Scene.stopped(Vm.End.STOPPED, true);
      assertThat(scene.decide(193).actions()).containsExactly(new Action.Check(1, 1));
    }

    @Test
    void stoppedVmIsRemovedBeforeItsDisksAreTouched() {
      Scene scene = Scene.poweredOff();
      scene.vm = Scene.stopped(Vm.End.POWERED_OFF, false);

      assertThat(scene.decide(111).actions()).containsExactly(new Action.RemoveVm(1));
      assertThat(scene.decide(111).status().phase()).isEqualTo(Phase.SAVING);
    }

    @ParameterizedTest
    @CsvSource({
      "PANICKED, GUEST_PANICKED",
      "KILLED, VM_KILLED",
      "EVICTED, EVICTED",
      "NODE_LOST, NODE_LOST",
      "IO_ERROR, DISK_IO_ERROR",
      "HOST_DISK_FULL, HOST_DISK_FULL",
      "START_FAILED, VM_START_FAILED"
    })
    void badEndOfAnUnfinishedBuildIsItsFailure(Vm.End end, Reason reason) {
      Scene scene = Scene.installing(100);
      scene.vm = Scene.stopped(end, false);

      assertThat(failed(scene.decide(111)).reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @EnumSource(Vm.End.class)
    void whateverTheEndDisksThatAreSaidToBeDoneAreLookedAt(Vm.End end) {
      Scene scene = Scene.poweredOff();
      scene.vm = Scene.stopped(end, true);

      assertThat(scene.decide(111).actions()).containsExactly(new Action.Check(1, 1));
    }

    @Test
    void panicBeforePowerOffIsAPanicThoughTheVmLooksPoweredOff() {
      Scene scene = Scene.installing(100);
      scene.progress =
          Scene.progress(new Outcome.Panicked("Kernel panic - x"), Set.of(), "install");
      scene.vm = Scene.stopped(Vm.End.POWERED_OFF, false);

      assertThat(failed(scene.decide(111)).message()).isEqualTo("Kernel panic - x");
    }

    @Test
    void failureOfTheGuestCountsMoreThanHowItsVmEnded() {
      Scene scene = Scene.installing(100);
      scene.progress =
          Scene.progress(
              new Outcome.Failed("install", Reason.ROOT_DISK_FULL, 1, ""), Set.of(), "install");
      scene.vm = Scene.stopped(Vm.End.KILLED, false);

      assertThat(failed(scene.decide(111)).reason()).isEqualTo(Reason.ROOT_DISK_FULL);
    }

    @Test
    void vanishedDisksAreAFailure() {
      Scene scene = Scene.poweredOff();
      scene.disks = Work.ABSENT;

      assertThat(failed(scene.decide(111)).reason()).isEqualTo(Reason.IMAGE_LOST);
    }
  }

  @Nested
  class Checking {
    @Test
    void mutePowerOffIsLookedAtAndGoodDisksAreGood() {
      Scene scene = Scene.checked();
      scene.progress = Progress.NONE;

      assertThat(scene.decide(151).actions()).containsExactly(new Action.Save(1, 1));
    }

    @Test
    void earlyPowerOffWithUnfinishedDisksStoppedEarly() {
      Scene scene = Scene.checked();
      scene.progress = Scene.progress(new Outcome.Unknown(), Set.of(), "install");
      scene.report = Optional.of(SampleReports.unfinished(scene.recipe));

      Failure failure = failed(scene.decide(151));

      assertThat(failure.reason()).isEqualTo(Reason.GUEST_STOPPED_EARLY);
      assertThat(failure.stage()).isEqualTo(Stage.BUILD);
      assertThat(failure.message()).contains("in step install", "exported");
    }

    @Test
    void badDisksOfAGuestThatSaidFinishedFailTheCheck() {
      Scene scene = Scene.checked();
      scene.report = Optional.of(SampleReports.unfinished(scene.recipe));

      Failure failure = failed(scene.decide(151));

      assertThat(failure.reason()).isEqualTo(Reason.CHECK_FAILED);
      assertThat(failure.message()).contains("label's state is \"active\"");
    }

    @Test
    void poolOfAnotherGuidFailsTheCheck() {
      Scene scene = Scene.checked();
      scene.progress =
          new Progress(
              9,
              Optional.of("export"),
              Optional.empty(),
              Scene.ALL_GUEST_STEPS,
              List.of(),
              new Outcome.Finished(),
              OptionalLong.empty(),
              Optional.of(new Progress.PoolSeen("77", 1, "2.3.9")),
              0,
              List.of());

      assertThat(failed(scene.decide(151)).message()).contains("must be \"77\"");
    }

    @Test
    void checkWithoutAReportIsRunAgainOnTheSameDisks() {
      Scene scene = Scene.checked();
      scene.report = Optional.empty();

      Failure failure = failed(scene.decide(151));
      assertThat(failure.reason()).isEqualTo(Reason.GUEST_SILENT);
      assertThat(failure.stage()).isEqualTo(Stage.CHECK);

      scene.failures.add(failure);
      Decision pause = scene.decide(151);
      assertThat(pause.actions()).isEmpty();
      assertThat(pause.nextLook()).contains(Duration.ofSeconds(10));
      assertThat(reason(pause, ConditionType.READY)).isEqualTo(Reason.RETRYING);
      assertThat(scene.decide(161).actions()).containsExactly(new Action.Check(1, 2));
    }

    @Test
    void checkThatHangsFails() {
      Scene scene = Scene.poweredOff();
      scene.check = new Work.Running(1, at(120));

      assertThat(scene.decide(120 + 1799).actions()).isEmpty();
      assertThat(failed(scene.decide(120 + 1800)).reason())
          .isEqualTo(Reason.SAVE_DEADLINE_EXCEEDED);
    }
  }

  @Nested
  class SavingAndVerifying {
    @Test
    void goodDisksAreSaved() {
      assertThat(Scene.checked().decide(151).actions()).containsExactly(new Action.Save(1, 1));
    }

    @ParameterizedTest
    @EnumSource(
        value = Reason.class,
        names = {"SAVE_FAILED", "POST_BUILD_FAILED", "HOST_DISK_FULL"})
    void failedSaveFailsForGood(Reason reason) {
      Scene scene = Scene.checked();
      scene.save = new Work.Failed(1, reason, "exit status 3", at(150), at(155));

      scene.failures.add(failed(scene.decide(156)));
      Decision decision = scene.decide(157);

      assertThat(decision.status().phase()).isEqualTo(Phase.FAILED);
      assertThat(reason(decision, ConditionType.SAVED)).isEqualTo(reason);
      assertThat(decision.actions()).containsExactly(new Action.DiscardAttempt(1));
    }

    @Test
    void savedImagesArePublishedWhenNoMoreWasAsked() {
      assertThat(Scene.saved(SampleRecipes.minimal()).decide(161).actions())
          .containsExactly(new Action.Publish(1));
    }

    @Test
    void verifyingGoesOneAfterTheOther() {
      Scene scene = Scene.saved(VERIFIED);

      assertThat(scene.decide(161).actions())
          .containsExactly(new Action.VerifyBoot(1, Firmware.BIOS, 1));
      scene.boots.put(Firmware.BIOS, new Work.Running(1, at(161)));
      assertThat(scene.decide(162).actions()).isEmpty();
      assertThat(scene.decide(162).status().phase()).isEqualTo(Phase.VERIFYING);
      scene.boots.put(Firmware.BIOS, Scene.done());
      assertThat(scene.decide(163).actions())
          .containsExactly(new Action.VerifyBoot(1, Firmware.UEFI, 1));
      scene.boots.put(Firmware.UEFI, Scene.done());
      assertThat(scene.decide(164).actions()).containsExactly(new Action.VerifyGrow(1, 1));
      assertThat(value(scene.decide(164), ConditionType.VERIFIED))
          .isEqualTo(ZfsDiskImageStatus.Status.UNKNOWN);
      scene.grow = Scene.done();
      assertThat(scene.decide(165).actions()).containsExactly(new Action.Publish(1));
      assertThat(value(scene.decide(165), ConditionType.VERIFIED))
          .isEqualTo(ZfsDiskImageStatus.Status.TRUE);
    }

    @Test
    void workThatIsDueGoesOnInTheSameRunUnlessSuspended() {
      Scene scene = Scene.saved(VERIFIED);
      scene.boots.put(Firmware.BIOS, Scene.done());
      scene.boots.put(Firmware.UEFI, Scene.done());
      scene.grow = new Work.Due(2, at(164));

      assertThat(scene.decide(165).actions()).containsExactly(new Action.VerifyGrow(1, 2));
      scene.suspended = true;
      assertThat(scene.decide(166).actions()).isEmpty();
    }

    @Test
    void bootTrialThatMayHaveHadBadLuckIsRunAgain() {
      Scene scene = Scene.saved(VERIFIED);
      scene.boots.put(
          Firmware.BIOS, new Work.Failed(1, Reason.GUEST_SILENT, "nothing said", at(161), at(200)));

      scene.failures.add(failed(scene.decide(200)));

      assertThat(scene.decide(210).actions())
          .containsExactly(new Action.VerifyBoot(1, Firmware.BIOS, 2));
    }

    @Test
    void imageThatDoesNotBootIsNotReady() {
      Scene scene = Scene.saved(VERIFIED);
      scene.boots.put(
          Firmware.BIOS, new Work.Failed(1, Reason.BOOT_FAILED, "no login:", at(161), at(200)));

      scene.failures.add(failed(scene.decide(200)));
      Decision decision = scene.decide(201);

      assertThat(decision.status().phase()).isEqualTo(Phase.FAILED);
      assertThat(reason(decision, ConditionType.VERIFIED)).isEqualTo(Reason.BOOT_FAILED);
      assertThat(value(decision, ConditionType.SAVED)).isEqualTo(ZfsDiskImageStatus.Status.TRUE);
    }

    @Test
    void watcherOfABootThatHangsIsNotWaitedForForEver() {
      Scene scene = Scene.saved(VERIFIED);
      scene.boots.put(Firmware.BIOS, new Work.Running(1, at(161)));

      assertThat(failed(scene.decide(161 + 15 * 60)).reason()).isEqualTo(Reason.BOOT_FAILED);
    }

    @Test
    void publishedImagesAreReady() {
      Scene scene = Scene.saved(VERIFIED);
      scene.published = Optional.of(new Observed.Published(1, true));

      Decision decision = scene.decide(300);

      assertThat(decision.actions()).isEmpty();
      assertThat(decision.nextLook()).isEmpty();
      assertThat(decision.status().phase()).isEqualTo(Phase.READY);
      assertThat(decision.status().conditions())
          .extracting(Condition::type)
          .containsExactly(
              ConditionType.DISKS_PROVISIONED,
              ConditionType.PARTITIONED,
              ConditionType.POOL_CREATED,
              ConditionType.INSTALLED,
              ConditionType.EXPORTED,
              ConditionType.SAVED,
              ConditionType.VERIFIED,
              ConditionType.READY);
      assertThat(decision.status().conditions())
          .allMatch(condition -> condition.value() == ZfsDiskImageStatus.Status.TRUE);
      assertThat(decision.status().steps())
          .extracting(Status.Step::name)
          .containsExactly("provision", "partition", "export", "check", "save");
    }

    @Test
    void readyImagesStayReadyWhenSuspended() {
      Scene scene = Scene.saved(SampleRecipes.minimal());
      scene.published = Optional.of(new Observed.Published(1, true));
      scene.suspended = true;

      assertThat(scene.decide(300).status().phase()).isEqualTo(Phase.READY);
    }
  }

  @Nested
  class Failing {
    @Test
    void passingFailureDiscardsTheAttemptThenPausesThenBeginsTheNext() {
      Scene scene = Scene.installing(100);
      scene.vm = Scene.stopped(Vm.End.EVICTED, true);
      scene.failures.add(failed(scene.decide(111)));

      Decision discard = scene.decide(112);
      assertThat(discard.actions()).containsExactly(new Action.DiscardAttempt(1));
      assertThat(discard.status().phase()).isEqualTo(Phase.PENDING);
      assertThat(reason(discard, ConditionType.READY)).isEqualTo(Reason.RETRYING);
      assertThat(message(discard, ConditionType.READY)).contains("try 1 of 3 failed: Evicted");
      assertThat(value(discard, ConditionType.POOL_CREATED))
          .isEqualTo(ZfsDiskImageStatus.Status.TRUE);
      assertThat(value(discard, ConditionType.INSTALLED))
          .isEqualTo(ZfsDiskImageStatus.Status.FALSE);

      Scene after = new Scene();
      after.failures.addAll(scene.failures);
      assertThat(after.decide(112).actions()).isEmpty();
      assertThat(after.decide(112).nextLook()).contains(Duration.ofSeconds(9));
      assertThat(after.decide(121).actions()).containsExactly(new Action.ProvisionDisks(2));
    }

    @Test
    void pausesGrow() {
      assertThat(Backoff.after(1)).isEqualTo(Duration.ofSeconds(10));
      assertThat(Backoff.after(2)).isEqualTo(Duration.ofSeconds(20));
      assertThat(Backoff.after(5)).isEqualTo(Duration.ofSeconds(160));
      assertThat(Backoff.after(6)).isEqualTo(Duration.ofMinutes(5));
      assertThat(Backoff.after(1000)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void lastTryFailsForGood() {
      Scene scene = new Scene();
      scene.lastGood = Optional.of("abc");
      for (int attempt = 1; attempt <= 3; attempt++) {
        scene.failures.add(failure(attempt, Stage.BUILD, 1, Reason.GUEST_PANICKED, at(attempt)));
      }

      Decision decision = scene.decide(500_000);

      assertThat(decision.actions()).isEmpty();
      assertThat(decision.nextLook()).isEmpty();
      assertThat(decision.status().phase()).isEqualTo(Phase.FAILED);
      assertThat(value(decision, ConditionType.READY)).isEqualTo(ZfsDiskImageStatus.Status.FALSE);
      assertThat(value(decision, ConditionType.STALLED)).isEqualTo(ZfsDiskImageStatus.Status.TRUE);
      assertThat(decision.status().condition(ConditionType.RECONCILING)).isEmpty();
      assertThat(message(decision, ConditionType.READY))
          .contains("it broke")
          .contains(Reason.GUEST_PANICKED.remedy())
          .contains("images of revision abc stay in place");
      assertThat(decision.status().attempt()).isEqualTo(3);
      assertThat(decision.status().failure()).contains(scene.failures.get(2));
    }

    @ParameterizedTest
    @EnumSource(
        value = Reason.class,
        names = {
          "SCRIPT_FAILED",
          "STEP_FAILED",
          "ROOT_DISK_FULL",
          "BOOT_DISK_FULL",
          "GUEST_OUT_OF_MEMORY",
          "DISK_SIZE_WRONG",
          "PAYLOAD_INVALID",
          "BUILD_DEADLINE_EXCEEDED"
        })
    void permanentFailureIsNotTriedAgain(Reason reason) {
      Scene scene = Scene.installing(10);
      scene.failures.add(failure(1, Stage.BUILD, 1, reason, at(11)));

      Decision decision = scene.decide(12);

      assertThat(decision.status().phase()).isEqualTo(Phase.FAILED);
      assertThat(decision.actions()).containsExactly(new Action.DiscardAttempt(1));
      assertThat(reason(decision, ConditionType.STALLED)).isEqualTo(reason);
    }

    @Test
    void everyFailureOfAnyStageCountsAgainstTheRetries() {
      Scene scene = Scene.saved(VERIFIED);
      scene.failures.add(failure(1, Stage.CHECK, 1, Reason.GUEST_SILENT, at(1)));
      scene.failures.add(failure(1, Stage.SAVE, 1, Reason.EVICTED, at(2)));
      scene.failures.add(failure(1, Stage.VERIFY_BIOS, 1, Reason.GUEST_SILENT, at(3)));

      assertThat(scene.decide(500_000).status().phase()).isEqualTo(Phase.FAILED);
    }

    @Test
    void stuckCleaningIsToldWhileItLasts() {
      Scene scene = Scene.installing(10);
      scene.failures.add(failure(1, Stage.BUILD, 1, Reason.EVICTED, at(11)));
      scene.cleanupBlocked = Optional.of("PVC web-1-boot has had a deletion timestamp for 6 min");

      Decision decision = scene.decide(400);

      assertThat(decision.actions()).containsExactly(new Action.DiscardAttempt(1));
      assertThat(reason(decision, ConditionType.RECONCILING)).isEqualTo(Reason.CLEANUP_BLOCKED);
      assertThat(message(decision, ConditionType.READY)).contains("PVC web-1-boot");
    }

    @Test
    void lostImageIsBuiltAgainAndOldFailuresAreForgotten() {
      Scene scene = Scene.saved(SampleRecipes.minimal());
      scene.attempt = 3;
      scene.failures.add(failure(1, Stage.BUILD, 1, Reason.EVICTED, at(1)));
      scene.failures.add(failure(2, Stage.BUILD, 1, Reason.EVICTED, at(2)));
      scene.published = Optional.of(new Observed.Published(3, false));

      Decision discard = scene.decide(1000);
      assertThat(discard.actions()).containsExactly(new Action.DiscardAttempt(3));
      assertThat(value(discard, ConditionType.READY)).isEqualTo(ZfsDiskImageStatus.Status.FALSE);
      assertThat(reason(discard, ConditionType.READY)).isEqualTo(Reason.IMAGE_LOST);

      Scene after = new Scene();
      after.failures.addAll(scene.failures);
      after.published = scene.published;
      assertThat(after.decide(1001).actions()).containsExactly(new Action.ProvisionDisks(4));
    }

    @Test
    void whatCannotBecomeARecipeIsRefusedWithItsRemedy() {
      Status status =
          Engine.refused(Reason.INVALID_SPEC, "spec.root.size: too small", Optional.of("abc"));

      assertThat(status.phase()).isEqualTo(Phase.FAILED);
      assertThat(status.condition(ConditionType.READY).orElseThrow().message())
          .contains("spec.root.size: too small", "to remedy: ", "revision abc");
      assertThat(status.condition(ConditionType.STALLED)).isPresent();
    }
  }

  private static Failure failed(Decision decision) {
    assertThat(decision.actions()).singleElement().isInstanceOf(Action.RecordFailure.class);
    return ((Action.RecordFailure) decision.actions().get(0)).failure();
  }

  private static ZfsDiskImageStatus.Status value(Decision decision, ConditionType type) {
    return condition(decision, type).value();
  }

  private static Reason reason(Decision decision, ConditionType type) {
    return condition(decision, type).reason();
  }

  private static String message(Decision decision, ConditionType type) {
    return condition(decision, type).message();
  }

  private static Condition condition(Decision decision, ConditionType type) {
    return decision.status().condition(type).orElseThrow();
  }
}
