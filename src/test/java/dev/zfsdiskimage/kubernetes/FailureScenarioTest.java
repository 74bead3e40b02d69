package dev.zfsdiskimage.kubernetes;

import static dev.zfsdiskimage.kubernetes.TestCluster.ready;
import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.guest.SampleReports;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.JobEnd;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.Machine;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a build is known to go wrong, as KubeVirt and Kubernetes show it. */
class FailureScenarioTest {
  private static final Duration DEBOUNCE = Duration.ofSeconds(31);

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
    var remedied = new java.util.concurrent.Semaphore(0);
    cluster.kubevirt.guest(
        "build",
        machine -> {
          trouble.run(machine);
          remedied.acquire();
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
    cluster.await("the VM", () -> cluster.kubevirt.started("build") == 1);

    ZfsDiskImageStatus status = cluster.awaitPassing("web", DEBOUNCE, ready(reason));

    assertThat(status.phase()).isEqualTo(Phase.BUILDING);
    assertThat(TestCluster.condition(status, ConditionType.READY).get().message())
        .contains(reason.remedy());
    assertThat(TestCluster.condition(status, ConditionType.STALLED)).isEmpty();
    remedied.release();
    assertThat(cluster.awaitPhase("web", Phase.READY).attempt()).isEqualTo(1);
  }

  static Stream<Arguments> troublesThatAreRetried() {
    return Stream.of(
        retried(
            Reason.DISK_IO_ERROR,
            machine -> {
              machine.run();
              machine.condition("Paused", "True", "PausedIOError", "VMI was paused, I/O error");
              machine.condition("Paused", "False", null, null);
            }),
        retried(
            Reason.GUEST_PANICKED,
            machine -> {
              machine.run();
              machine.print(machine.speech().beginning());
              machine.event("GuestPanicked", "VirtualMachineInstance guest panicked");
              machine.fail();
            }),
        retried(
            Reason.NODE_LOST,
            machine -> {
              machine.run();
              machine.statusReason("NodeUnresponsive");
            }),
        retried(
            Reason.GUEST_SILENT,
            machine -> {
              machine.run();
              machine.print(java.util.List.of("[    0.000000] Linux version 6.12.107"));
            }),
        retried(
            Reason.EVICTED,
            machine -> {
              machine.run();
              machine.print(machine.speech().beginning());
              machine.podCondition("DisruptionTarget", "True", "EvictionByEvictionAPI", "drained");
              Thread.sleep(200);
              machine.powerOff();
            }),
        retried(
            Reason.VM_KILLED,
            machine -> {
              machine.run();
              machine.print(machine.speech().beginning());
              machine.vanishLauncher();
            }),
        retried(
            Reason.VM_START_FAILED,
            machine -> {
              machine.schedule();
              machine.phase("Scheduled");
              machine.condition(
                  "Synchronized", "False", "Synchronizing with the Domain failed.", "no space");
            }));
  }

  /** The first attempt is given up for the reason, and the second one is good. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("troublesThatAreRetried")
  void troubleThatSpoilsAnAttemptIsToldAndRetried(Reason reason, SimulatedKubeVirt.Guest trouble) {
    cluster.kubevirt.guest(
        "build",
        machine -> {
          if (machine.attempt() == 1) {
            trouble.run(machine);
          } else {
            machine.run();
            machine.print(machine.speech().goodBuild());
            machine.powerOff();
          }
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.await("the VM", () -> cluster.kubevirt.started("build") == 1);

    ZfsDiskImageStatus status =
        cluster.awaitPassing("web", DEBOUNCE, seen -> seen.phase() == Phase.READY);

    assertThat(status.attempt()).isEqualTo(2);
    assertThat(cluster.failures()).containsExactly(reason);
    cluster.await(
        "the first attempt's disks go",
        () -> cluster.api.list(PersistentVolumeClaim.class).size() == 2);
  }

  @Test
  void retriesEndAndTheLastFailureStands() {
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().beginning());
          cluster.await(
              "the console is read", () -> cluster.hasReached(ConditionType.POOL_CREATED));
          machine.vanishLauncher();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status =
        cluster.awaitPassing("web", DEBOUNCE, seen -> seen.phase() == Phase.FAILED);

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

    ZfsDiskImageStatus status =
        cluster.awaitPassing("web", DEBOUNCE, seen -> seen.phase() == Phase.FAILED);

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

  @Test
  void quotaOnClaimsIsNamedAndWaitedFor() {
    cluster.api.refuse(
        6,
        403,
        "Forbidden: exceeded quota",
        call -> call.kind().equals("create persistentvolumeclaims"));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.awaitPassing("web", DEBOUNCE, seen -> seen.phase() == Phase.READY);

    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
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
              claim -> claim.getMetadata().setFinalizers(java.util.List.of("example.com/stuck")));
          machine.vanishLauncher();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status =
        cluster.awaitPassing("web", Duration.ofMinutes(2), ready(Reason.CLEANUP_BLOCKED));

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

  private static Arguments retried(Reason reason, SimulatedKubeVirt.Guest guest) {
    return Arguments.of(reason, guest);
  }
}
