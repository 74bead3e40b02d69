package dev.zfsdiskimage.kubernetes;

import static dev.zfsdiskimage.kubernetes.TestCluster.ready;
import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.guest.SampleReports;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.JobEnd;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.Machine;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a build is known to go wrong, as KubeVirt and Kubernetes show it. */
class FailureScenarioTest {
  private static final Duration DEBOUNCE = Duration.ofSeconds(31);

  /** Longer than a VM may run without a message. */
  private static final Duration FIRST_MESSAGE = Duration.ofMinutes(10);

  /** What befalls the builder VM, and what the cluster must have come to see meanwhile. */
  private interface Trouble {
    void strike(TestCluster cluster, Machine machine);
  }

  private final TestCluster cluster = new TestCluster();

  @AfterEach
  void close() {
    cluster.close();
  }

  static Stream<Arguments> troublesThatPass() {
    return Stream.of(
        passing(
            Reason.QUOTA_EXCEEDED,
            machine ->
                refused(
                    machine,
                    "FailedCreate",
                    "pods \"virt-launcher-web\" is forbidden: exceeded quota: small")),
        passing(
            Reason.POD_SECURITY_DENIED,
            machine ->
                refused(
                    machine,
                    "FailedCreate",
                    "pods \"virt-launcher\" is forbidden: violates PodSecurity"
                        + " \"restricted:latest\"")),
        passing(
            Reason.BUILDER_IMAGE_PULL,
            machine -> refused(machine, "ErrImagePull", "manifest unknown")),
        passing(
            Reason.BUILDER_IMAGE_PULL,
            machine -> {
              machine.schedule();
              machine.podWaits("ErrImageNeverPull", "image is not present with pull policy Never");
            }),
        passing(
            Reason.UNSCHEDULABLE,
            machine -> {
              machine.phase("Scheduling");
              machine.condition(
                  "PodScheduled", "False", "Unschedulable", "0/3 nodes: insufficient memory");
            }),
        passing(
            Reason.PVC_NOT_FOUND,
            machine -> {
              machine.phase("Pending");
              machine.event("FailedPvcNotFound", "PVC images/data does not exist");
            }),
        passing(
            Reason.VOLUME_ATTACH,
            machine -> {
              machine.schedule();
              machine.podEvent("FailedMount", "MountVolume.SetUp failed: no such device");
            }));
  }

  /** The trouble is named, nothing is torn down, and when it has gone the build goes on. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("troublesThatPass")
  void troubleThatMayPassIsNamedAndWaitedFor(Reason reason, SimulatedKubeVirt.Guest trouble) {
    CountDownLatch struck = new CountDownLatch(1);
    CountDownLatch remedied = new CountDownLatch(1);
    cluster.kubevirt.guest(
        "build",
        machine -> {
          trouble.run(machine);
          struck.countDown();
          remedied.await();
          machine.condition("Synchronized", "True", null, null);
          machine.condition("PodScheduled", "True", null, null);
          if (machine.isScheduled()) {
            machine.begin();
          } else {
            machine.run();
          }
          machine.print(machine.speech().goodBuild());
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.await("the trouble", () -> struck.getCount() == 0);

    cluster.pass(DEBOUNCE);
    ZfsDiskImageStatus status = cluster.await("web", ready(reason));

    assertThat(status.phase()).isEqualTo(Phase.BUILDING);
    assertThat(TestCluster.condition(status, ConditionType.READY).get().message())
        .contains(reason.remedy());
    assertThat(TestCluster.condition(status, ConditionType.STALLED)).isEmpty();
    remedied.countDown();
    assertThat(cluster.awaitPhase("web", Phase.READY).attempt()).isEqualTo(1);
  }

  static Stream<Arguments> troublesThatAreRetried() {
    return Stream.of(
        retried(
            Reason.DISK_IO_ERROR,
            Duration.ZERO,
            (cluster, machine) -> {
              machine.run();
              machine.print(machine.speech().beginning());
              machine.condition(
                  "Paused", "True", "PausedIOError", "VMI was paused, low-level IO error detected");
              cluster.await("the failure is noted", () -> cluster.failures().size() == 1);
              machine.condition("Paused", "False", null, null);
            }),
        retried(
            Reason.GUEST_PANICKED,
            Duration.ZERO,
            (cluster, machine) -> {
              machine.run();
              machine.print(machine.speech().beginning());
              machine.event("GuestPanicked", "VirtualMachineInstance guest panicked");
              machine.fail();
            }),
        retried(
            Reason.NODE_LOST,
            DEBOUNCE,
            (cluster, machine) -> {
              machine.run();
              machine.statusReason("NodeUnresponsive");
            }),
        retried(
            Reason.GUEST_SILENT,
            FIRST_MESSAGE,
            (cluster, machine) -> {
              machine.run();
              machine.print(List.of("[    0.000000] Linux version 6.12.107"));
            }),
        retried(
            Reason.EVICTED,
            Duration.ZERO,
            (cluster, machine) -> {
              machine.run();
              machine.print(machine.speech().beginning());
              machine.podCondition("DisruptionTarget", "True", "EvictionByEvictionAPI", "drained");
              cluster.awaitSeen();
              machine.powerOff();
            }),
        retried(
            Reason.VM_KILLED,
            Duration.ZERO,
            (cluster, machine) -> {
              machine.run();
              machine.print(machine.speech().beginning());
              machine.vanishLauncher();
            }),
        retried(
            Reason.VM_START_FAILED,
            DEBOUNCE,
            (cluster, machine) -> {
              machine.schedule();
              machine.phase("Scheduled");
              machine.condition(
                  "Synchronized", "False", "Synchronizing with the Domain failed.", "no space");
            }));
  }

  /** The first attempt is given up for the reason, and the second one is good. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("troublesThatAreRetried")
  void troubleThatSpoilsAnAttemptIsToldAndRetried(
      Reason reason, Duration patience, Trouble trouble) {
    CountDownLatch struck = new CountDownLatch(1);
    cluster.kubevirt.guest(
        "build",
        machine -> {
          if (machine.attempt() == 1) {
            trouble.strike(cluster, machine);
            struck.countDown();
          } else {
            machine.run();
            machine.print(machine.speech().goodBuild());
            machine.powerOff();
          }
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.await("the trouble", () -> struck.getCount() == 0);

    cluster.pass(patience);
    cluster.await("an event names the reason", () -> isToldAsRetry(reason));
    cluster.passPauseAfterFailure(1);
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(status.attempt()).isEqualTo(2);
    assertThat(cluster.failures()).containsExactly(reason);
    cluster.await(
        "the first attempt's disks go",
        () -> cluster.api.list(PersistentVolumeClaim.class).size() == 2);
  }

  @Test
  void lookAtTheDisksWhoseKernelPanicsIsTriedAgain() {
    cluster.kubevirt.guest(
        "check",
        TestCluster.panicsOnce(cluster.goodCheck(Map.of()), SimulatedKubeVirt.Machine::powerOff));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.passPauseAfterFailure(1);
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.failures()).containsExactly(Reason.GUEST_PANICKED);
    assertThat(status.attempt()).isEqualTo(1);
  }

  @Test
  void lookAtTheDisksThatFailsSaysWhy() {
    cluster.kubevirt.guest(
        "check",
        machine -> {
          machine.run();
          machine.print(machine.speech().failure("check", 1, "StepFailed"));
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    ZfsDiskImageStatus.Condition ready = TestCluster.condition(status, ConditionType.READY).get();
    assertThat(ready.reason()).isEqualTo(Reason.CHECK_FAILED);
    assertThat(ready.message()).contains("the disks could not be looked at: exit status 1");
    assertThat(cluster.kubevirt.started("check")).isEqualTo(1);
  }

  @Test
  void consoleOfAVmThatSomebodyDeletedIsFollowedNoLonger() {
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().beginning());
          cluster.await("the console is read", () -> hasPool(machine.attempt()));
          cluster.api.delete(VirtualMachineInstance.class, TestCluster.NAMESPACE, machine.name());
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.passPauseAfterFailure(1);
    cluster.passPauseAfterFailure(2);
    cluster.awaitPhase("web", Phase.FAILED);

    cluster.await(
        "no console is followed", () -> cluster.registry.get("zdi.consoles").gauge().value() == 0);
  }

  @Test
  void retriesEndAndTheLastFailureStands() {
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().beginning());
          cluster.await("the console is read", () -> hasPool(machine.attempt()));
          machine.vanishLauncher();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.passPauseAfterFailure(1);
    cluster.passPauseAfterFailure(2);
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    assertThat(cluster.kubevirt.started("build")).isEqualTo(3);
    assertThat(status.console()).contains("Linux version");
    assertThat(TestCluster.condition(status, ConditionType.STALLED).get().reason())
        .isEqualTo(Reason.VM_KILLED);
    cluster.await("all disks go", () -> cluster.api.list(PersistentVolumeClaim.class).isEmpty());
  }

  @Test
  void failedScriptIsReportedWithItsConsoleAndNotRetried() {
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().failure("install", 7, "ScriptFailed"));
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    ZfsDiskImageStatus.Condition ready = TestCluster.condition(status, ConditionType.READY).get();
    assertThat(ready.status()).isEqualTo(ZfsDiskImageStatus.Status.FALSE);
    assertThat(ready.reason()).isEqualTo(Reason.SCRIPT_FAILED);
    assertThat(ready.message()).contains("exit status 7").contains(Reason.SCRIPT_FAILED.remedy());
    assertThat(TestCluster.condition(status, ConditionType.STALLED)).isPresent();
    assertThat(TestCluster.condition(status, ConditionType.RECONCILING)).isEmpty();
    assertThat(status.console()).contains("install: no such file: /payload");
    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
    cluster.await(
        "nothing is left",
        () ->
            cluster.api.list(VirtualMachineInstance.class).isEmpty()
                && cluster.api.list(PersistentVolumeClaim.class).isEmpty());
  }

  @Test
  void guestThatStoppedEarlyIsFoundOutByItsDisks() {
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().beginning());
          machine.powerOff();
        });
    cluster.kubevirt.guest(
        "check",
        machine -> {
          machine.run();
          machine.print(machine.speech().check(SampleReports.unfinished(cluster.recipe())));
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.passPauseAfterFailure(1);
    cluster.passPauseAfterFailure(2);
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    assertThat(TestCluster.condition(status, ConditionType.READY).get().reason())
        .isEqualTo(Reason.GUEST_STOPPED_EARLY);
  }

  @Test
  void disksThatDifferFromTheResourceAreNeverReady() {
    cluster.kubevirt.guest(
        "check",
        machine -> {
          machine.run();
          machine.print(machine.speech().check(SampleReports.unfinished(cluster.recipe())));
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    assertThat(TestCluster.condition(status, ConditionType.READY).get().reason())
        .isEqualTo(Reason.CHECK_FAILED);
    assertThat(status.images()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create persistentvolumeclaims",
        "create virtualmachineinstances",
        "create jobs",
      })
  void quotaIsNamedAndTriedAgainNowAndThen(String request) {
    cluster.api.refuse(2, 403, "Forbidden: exceeded quota", call -> call.kind().equals(request));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.await("web", ready(Reason.QUOTA_EXCEEDED));
    assertThat(made(request)).isEqualTo(1);

    cluster.pass(DEBOUNCE);
    cluster.await("another try", () -> made(request) == 2);
    cluster.await("web", ready(Reason.QUOTA_EXCEEDED));
    cluster.pass(DEBOUNCE.multipliedBy(2));
    cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
    assertThat(cluster.failures()).isEmpty();
  }

  private long made(String request) {
    return cluster.api.calls().stream().filter(call -> call.kind().equals(request)).count();
  }

  @Test
  void payloadThatCannotBeFetchedNowIsTriedAgain() {
    cluster.kubevirt.job(
        "fetch",
        job ->
            job.getMetadata().getName().contains("-1-fetch")
                ? new JobEnd(3, "fetch", "curl: (7) Failed to connect", Optional.empty())
                : JobEnd.good());
    cluster.startOperator();
    cluster.apply(TestCluster.fetching("web"));

    cluster.passPauseAfterFailure(1);
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(status.attempt()).isEqualTo(2);
    assertThat(cluster.failures()).containsExactly(Reason.PAYLOAD_UNAVAILABLE);
    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
  }

  @Test
  void payloadThatIsAnotherOneFailsForGood() {
    String words = "https://example.com/rootfs.tar has the SHA-256 12 and not 34";
    cluster.kubevirt.job("fetch", job -> new JobEnd(4, "fetch", words, Optional.empty()));
    cluster.startOperator();
    cluster.apply(TestCluster.fetching("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    ZfsDiskImageStatus.Condition ready = TestCluster.condition(status, ConditionType.READY).get();
    assertThat(ready.reason()).isEqualTo(Reason.PAYLOAD_INVALID);
    assertThat(ready.message()).contains(words);
    assertThat(cluster.kubevirt.started("build")).isZero();
  }

  @Test
  void poolThatStaysSmallOnALargerDiskIsToldWithItsNumbers() {
    cluster.growTo(TestCluster.POOL);
    cluster.startOperator();
    cluster.apply(TestCluster.growing("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    ZfsDiskImageStatus.Condition ready = TestCluster.condition(status, ConditionType.READY).get();
    assertThat(ready.reason()).isEqualTo(Reason.GROW_FAILED);
    assertThat(ready.message()).contains("the pool from 2013265920 to 2013265920");
    assertThat(TestCluster.condition(status, ConditionType.VERIFIED).get().status())
        .isEqualTo(ZfsDiskImageStatus.Status.FALSE);
    assertThat(cluster.kubevirt.started("grow")).isEqualTo(1);
    cluster.await("all disks go", () -> cluster.claims().isEmpty());
  }

  @Test
  void largerDiskThatCannotBeFilledIsTold() {
    cluster.growTo(TestCluster.POOL + TestCluster.GIB);
    cluster.kubevirt.job(
        "larger", job -> new JobEnd(1, "grow", "cp: No space left on device", Optional.empty()));
    cluster.startOperator();
    cluster.apply(TestCluster.growing("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    ZfsDiskImageStatus.Condition ready = TestCluster.condition(status, ConditionType.READY).get();
    assertThat(ready.reason()).isEqualTo(Reason.SAVE_FAILED);
    assertThat(ready.message()).contains("grow ended with 1: cp: No space left on device");
    assertThat(cluster.kubevirt.started("grow")).isZero();
  }

  @Test
  void imageThatDoesNotBootFromALargerDiskIsTold() {
    cluster.growTo(TestCluster.POOL + TestCluster.GIB);
    cluster.kubevirt.guest(
        "grow",
        machine -> {
          machine.run();
          machine.print(List.of("Booting from Hard Disk..."));
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.growing("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    assertThat(TestCluster.condition(status, ConditionType.READY).get().reason())
        .isEqualTo(Reason.BOOT_FAILED);
    assertThat(cluster.kubevirt.started("grown")).isZero();
  }

  @Test
  void lookAtTheLargerDiskThatIsLostBeginsGrowthAnew() {
    cluster.growTo(TestCluster.POOL + TestCluster.GIB);
    SimulatedKubeVirt.Guest look =
        cluster.sees(TestCluster.POOL + TestCluster.GIB, TestCluster.DISK + TestCluster.GIB);
    cluster.kubevirt.guest(
        "grown",
        machine -> {
          if (cluster.kubevirt.started("grown") == 1) {
            machine.run();
            machine.vanishLauncher();
          } else {
            look.run(machine);
          }
        });
    cluster.startOperator();
    cluster.apply(TestCluster.growing("web"));

    cluster.passPauseAfterFailure(1);
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(status.attempt()).isEqualTo(1);
    assertThat(cluster.failures()).containsExactly(Reason.VM_KILLED);
    assertThat(cluster.kubevirt.started("grow")).isEqualTo(2);
    assertThat(cluster.kubevirt.started("uefi")).isEqualTo(1);
    cluster.await("both larger disks go", () -> cluster.claims().size() == 2);
  }

  @Test
  void failedSaveTellsTheContainersLastWords() {
    cluster.kubevirt.job(
        "save", job -> new JobEnd(1, "hash", "sha256sum: disk.img: I/O error", Optional.empty()));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    ZfsDiskImageStatus.Condition ready = TestCluster.condition(status, ConditionType.READY).get();
    assertThat(ready.reason()).isEqualTo(Reason.SAVE_FAILED);
    assertThat(ready.message()).contains("sha256sum: disk.img: I/O error");
  }

  @Test
  void jobWhosePodIsNotKnownYetIsNotTakenForEvicted() {
    cluster.api.withholdNews(Pod.class);
    cluster.kubevirt.job(
        "save", job -> new JobEnd(1, "hash", "sha256sum: disk.img: I/O error", Optional.empty()));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    assertThat(TestCluster.condition(status, ConditionType.READY).get().message())
        .contains("sha256sum: disk.img: I/O error");
    assertThat(cluster.failures()).containsExactly(Reason.SAVE_FAILED);
  }

  @Test
  void lateSaveIsToldByItsDeadline() {
    cluster.kubevirt.job(
        "save", job -> new JobEnd(137, "hash", "", Optional.of("DeadlineExceeded")));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    assertThat(
            TestCluster.condition(cluster.awaitPhase("web", Phase.FAILED), ConditionType.READY)
                .get()
                .reason())
        .isEqualTo(Reason.SAVE_DEADLINE_EXCEEDED);
  }

  @Test
  void objectThatDoesNotGoAwayIsNamed() {
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().beginning());
          cluster.api.edit(
              PersistentVolumeClaim.class,
              TestCluster.NAMESPACE,
              machine.name().replace("-build", "-root"),
              claim -> claim.getMetadata().setFinalizers(List.of("example.com/stuck")));
          machine.vanishLauncher();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.await(
        "the disk is deleted",
        () ->
            cluster.api.list(PersistentVolumeClaim.class).stream()
                .anyMatch(claim -> claim.getMetadata().getDeletionTimestamp() != null));
    cluster.pass(Duration.ofMinutes(6));
    ZfsDiskImageStatus status = cluster.await("web", ready(Reason.CLEANUP_BLOCKED));

    assertThat(TestCluster.condition(status, ConditionType.READY).get().message())
        .contains("-1-root")
        .contains("example.com/stuck");
  }

  private static void refused(Machine machine, String reason, String message) {
    machine.phase("Pending");
    machine.condition("Synchronized", "False", reason, message);
  }

  private static Arguments passing(Reason reason, SimulatedKubeVirt.Guest guest) {
    return Arguments.of(reason, guest);
  }

  private static Arguments retried(Reason reason, Duration patience, Trouble trouble) {
    return Arguments.of(reason, patience, trouble);
  }

  private boolean isToldAsRetry(Reason reason) {
    return cluster.api.list(Event.class).stream()
        .filter(event -> event.getReason().equals(Reason.RETRYING.word()))
        .anyMatch(event -> event.getMessage().contains(": " + reason.word() + ": "));
  }

  private boolean hasPool(int attempt) {
    return cluster.api.list(ZfsDiskImage.class).stream()
        .map(ZfsDiskImage::getStatus)
        .filter(Objects::nonNull)
        .filter(status -> Integer.valueOf(attempt).equals(status.attempt()))
        .flatMap(status -> TestCluster.condition(status, ConditionType.POOL_CREATED).stream())
        .anyMatch(condition -> condition.status() == ZfsDiskImageStatus.Status.TRUE);
  }
}
