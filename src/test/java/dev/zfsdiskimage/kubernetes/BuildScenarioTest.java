package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.kubernetes.cluster.ApiCall;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt;
import dev.zfsdiskimage.kubevirt.DataSource;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec;
import dev.zfsdiskimage.manifest.ImageManifest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a resource to two images, whatever happens to the operator and its requests on the way. */
class BuildScenarioTest {
  private final TestCluster cluster = new TestCluster();

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void goodBuildEndsReadyWithBothImages() {
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(status.conditions())
        .extracting(ZfsDiskImageStatus.Condition::type)
        .containsExactly(
            ConditionType.DISKS_PROVISIONED,
            ConditionType.PARTITIONED,
            ConditionType.POOL_CREATED,
            ConditionType.INSTALLED,
            ConditionType.EXPORTED,
            ConditionType.SAVED,
            ConditionType.READY);
    assertThat(status.conditions())
        .allSatisfy(
            condition -> assertThat(condition.status()).isEqualTo(ZfsDiskImageStatus.Status.TRUE));
    assertThat(status.observedGeneration()).isEqualTo(1);
    assertThat(status.images().boot().claim()).matches("web-[0-9a-f]{10}-1-boot");
    assertThat(status.images().root().path()).isEqualTo("disk.img");
    assertThat(status.images().root().virtualBytes()).isEqualTo(2147483648L);
    assertThat(status.images().root().sha256()).hasSize(64);
    assertThat(status.pool().guid()).isEqualTo("1234567890");
  }

  @Test
  void manifestOfGoodImagesStandsInTheLedger() throws Exception {
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    ImageManifest manifest =
        ImageManifest.parse(
            cluster.api.list(ConfigMap.class).stream()
                .filter(map -> Labels.has(map, Labels.REVISION, status.revision()))
                .filter(map -> Labels.has(map, Labels.PART, "ledger"))
                .findFirst()
                .orElseThrow()
                .getData()
                .get("manifest.json"));
    assertThat(manifest.apiVersion()).isEqualTo(ImageManifest.API_VERSION);
    assertThat(manifest.revision()).isEqualTo(status.revision());
    assertThat(manifest.images().root())
        .isEqualTo(
            new ImageManifest.Image(
                status.images().root().claim(),
                "disk.img",
                "raw",
                2147483648L,
                2147483648L,
                status.images().root().storedBytes(),
                status.images().root().sha256()));
    assertThat(manifest.pool().guid()).isEqualTo(status.pool().guid());
    assertThat(manifest.versions().builder()).isEqualTo("registry.example/builder:1");
    assertThat(manifest.versions().zfs()).isEqualTo(status.pool().zfsVersion());
    assertThat(manifest.mounts()).contains(new ImageManifest.Mount("tank/root", "/", true));
    assertThat(manifest.steps())
        .extracting(ImageManifest.Step::name)
        .contains("provision", "install", "export", "save");
  }

  @Test
  void payloadFromTheWebIsFetchedBeforeTheVmStarts() {
    cluster.startOperator();
    cluster.apply(TestCluster.fetching("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.api.calls().stream().filter(ApiCall::writes).map(ApiCall::kind))
        .contains("create jobs", "create virtualmachineinstances");
    cluster.await(
        "its volume goes when the images are good",
        () ->
            List.of(status.images().boot().claim(), status.images().root().claim())
                .equals(cluster.claims()));
  }

  @Test
  void poolThatTakesTheRoomOfALargerDiskIsVerified() {
    cluster.growTo(TestCluster.POOL + TestCluster.GIB);
    cluster.startOperator();
    cluster.apply(TestCluster.growing("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(TestCluster.condition(status, ConditionType.VERIFIED).get().status())
        .isEqualTo(ZfsDiskImageStatus.Status.TRUE);
    assertThat(List.of("uefi", "grow", "grown"))
        .allSatisfy(part -> assertThat(cluster.kubevirt.started(part)).isEqualTo(1));
    assertThat(cluster.failures()).isEmpty();
    assertThat(status.pool().bytes()).isEqualTo(TestCluster.POOL);
    cluster.await(
        "nothing of the larger disk is left",
        () ->
            List.of(status.images().boot().claim(), status.images().root().claim())
                    .equals(cluster.claims())
                && cluster.api.list(VirtualMachineInstance.class).isEmpty()
                && cluster.api.list(Job.class).stream()
                    .noneMatch(job -> Labels.has(job, Labels.PART, Part.LARGER.word())));
  }

  /** The pods of finished Jobs hold their claims; they would for a day. */
  @Test
  void disksOfAConvertedBuildGoAtOnce() {
    ZfsDiskImage resource = TestCluster.resource("web");
    resource.setSpec(
        Serialization.unmarshal(
            """
            install: {rootfs: {payload: {image: "registry.example/rootfs:1"}, bootloader: none}}
            output: {format: qcow2}
            """,
            ZfsDiskImageSpec.class));
    cluster.startOperator();
    cluster.apply(resource);

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    cluster.await(
        "only the images are left",
        () -> cluster.claims().equals(List.of(status.images().root().claim())));
    cluster.await("their Jobs go", () -> cluster.api.list(Job.class).isEmpty());
    cluster.awaitSeen();
    // One look may have begun before all was seen.
    for (int i = 0; i < 2; i++) {
      double looks = cluster.looks();
      cluster.pass(Duration.ofMinutes(1));
      cluster.await("another look", () -> cluster.looks() > looks);
    }
    assertThat(cluster.awaitPhase("web", Phase.READY).steps())
        .extracting(ZfsDiskImageStatus.Step::name)
        .contains("provision", "partition", "export", "check");
  }

  /** KubeVirt would take the folder for its own, and enlarge the file. */
  @Test
  void payloadInSomebodysClaimIsReadAndLeftAsItIs() {
    cluster.api.create(
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withNamespace(TestCluster.NAMESPACE)
            .withName("library")
            .endMetadata()
            .withNewSpec()
            .withAccessModes("ReadOnlyMany")
            .withVolumeMode("Filesystem")
            .endSpec()
            .build());
    ZfsDiskImage resource = TestCluster.resource("web");
    resource.setSpec(
        Serialization.unmarshal(
            """
            install:
              rootfs:
                payload: {volumeClaim: {claimName: library, path: disk.img}}
                bootloader: none
            """,
            ZfsDiskImageSpec.class));
    AtomicReference<VirtualMachineInstanceSpec> builder = new AtomicReference<>();
    cluster.kubevirt.guest(
        "build",
        machine -> {
          builder.set(cluster.api.list(VirtualMachineInstance.class).get(0).getSpec());
          machine.run();
          machine.print(machine.speech().goodBuild());
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(resource);

    cluster.awaitPhase("web", Phase.READY);

    assertThat(builder.get().volumes())
        .filteredOn(volume -> volume.name().equals("payload-0"))
        .singleElement()
        .satisfies(
            volume -> {
              assertThat(volume.persistentVolumeClaim()).isNull();
              assertThat(volume.ephemeral().persistentVolumeClaim())
                  .isEqualTo(new VirtualMachineInstanceSpec.ClaimVolume("library", true));
            });
  }

  /** Its pod may still write, and the disk is looked at when nobody does. */
  @Test
  void largerDiskIsLookedAtWhenItsVmIsGone() {
    AtomicBoolean left = new AtomicBoolean();
    cluster.growTo(TestCluster.POOL + TestCluster.GIB);
    SimulatedKubeVirt.Guest look =
        cluster.sees(TestCluster.POOL + TestCluster.GIB, TestCluster.DISK + TestCluster.GIB);
    cluster.kubevirt.guest(
        "grown",
        machine -> {
          left.set(
              cluster.api.list(VirtualMachineInstance.class).stream()
                  .anyMatch(other -> Labels.has(other, Labels.PART, Part.GROW.word())));
          look.run(machine);
        });
    cluster.startOperator();
    cluster.apply(TestCluster.growing("web"));

    cluster.awaitPhase("web", Phase.READY);

    assertThat(left).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"grow", "grown"})
  void anotherOperatorGoesOnWithTheLargerDisk(String part) {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    cluster.growTo(TestCluster.POOL + TestCluster.GIB);
    SimulatedKubeVirt.Guest guest =
        part.equals("grow")
            ? TestCluster::boots
            : cluster.sees(TestCluster.POOL + TestCluster.GIB, TestCluster.DISK + TestCluster.GIB);
    cluster.kubevirt.guest(
        part,
        machine -> {
          begun.countDown();
          goOn.await();
          guest.run(machine);
        });
    cluster.startOperator();
    cluster.apply(TestCluster.growing("web"));
    cluster.await("the VM is made", () -> begun.getCount() == 0);
    cluster.stopOperator();
    goOn.countDown();
    cluster.startOperator();

    cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.kubevirt.started("grow")).isEqualTo(1);
    assertThat(cluster.kubevirt.started("grown")).isEqualTo(1);
  }

  @Test
  void finishedBuildLeavesImagesAndTheirNamesAlone() {
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    cluster.await(
        "VMs and config disks go",
        () ->
            cluster.api.list(VirtualMachineInstance.class).isEmpty()
                && cluster.api.list(ConfigMap.class).size() == 1);
    assertThat(cluster.api.list(PersistentVolumeClaim.class))
        .extracting(claim -> claim.getMetadata().getName())
        .containsExactlyInAnyOrder(status.images().boot().claim(), status.images().root().claim());
    cluster.await("DataSources", () -> cluster.api.list(DataSource.class).size() == 2);
    assertThat(cluster.api.list(DataSource.class))
        .extracting(source -> source.getSpec().source().pvc().name())
        .containsExactlyInAnyOrder(status.images().boot().claim(), status.images().root().claim());
  }

  @Test
  void endOfBuildIsToldByOneEvent() {
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.api.list(Event.class)).extracting(Event::getReason).containsExactly("Ready");
  }

  @Test
  void conditionsFollowTheGuestWhileItWorks() {
    Semaphore goOn = cluster.pauseBuilds();
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status =
        cluster.await(
            "web", seen -> seen.steps().stream().anyMatch(step -> step.name().equals("install")));

    assertThat(status.phase()).isEqualTo(Phase.BUILDING);
    assertThat(TestCluster.condition(status, ConditionType.POOL_CREATED).get().status())
        .isEqualTo(ZfsDiskImageStatus.Status.TRUE);
    assertThat(TestCluster.condition(status, ConditionType.READY).get().status())
        .isEqualTo(ZfsDiskImageStatus.Status.UNKNOWN);
    assertThat(TestCluster.condition(status, ConditionType.RECONCILING).get().status())
        .isEqualTo(ZfsDiskImageStatus.Status.TRUE);
    assertThat(status.steps())
        .extracting(ZfsDiskImageStatus.Step::name)
        .containsExactly("provision", "partition", "pool", "install");
    goOn.release();
    cluster.awaitPhase("web", Phase.READY);
  }

  @Test
  void readyResourceIsLookedAtWithoutAnyRequest() {
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.awaitPhase("web", Phase.READY);
    cluster.await("DataSources", () -> cluster.api.list(DataSource.class).size() == 2);
    cluster.await(
        "tidied",
        () ->
            cluster.api.list(ConfigMap.class).size() == 1
                && cluster.api.list(VirtualMachineInstance.class).isEmpty());
    cluster.await("a look without any request", this::isLookedAtWithoutRequest);

    assertThat(isLookedAtWithoutRequest()).isTrue();
  }

  @Test
  void lostStatusWritesChangeNothing() {
    cluster.api.loseAnswer(3, call -> call.resource().equals("zfsdiskimages/status"));
    cluster.api.refuse(2, 500, "InternalError", call -> call.resource().endsWith("/status"));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
  }

  @Test
  void answersLostOfEveryKindOfWriteMakeNothingTwice() {
    List<String> lost = new ArrayList<>();
    cluster.api.loseAnswer(
        100,
        call -> {
          boolean first = call.writes() && !lost.contains(call.kind());
          if (first) {
            lost.add(call.kind());
          }
          return first;
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.awaitPhase("web", Phase.READY);

    assertThat(lost).contains("create virtualmachineinstances", "update configmaps");
    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
    assertThat(cluster.kubevirt.started("check")).isEqualTo(1);
  }

  @Test
  void throttledAndFailingServerOnlyDelays() {
    AtomicInteger turn = new AtomicInteger();
    cluster.api.refuse(
        30, 429, "TooManyRequests", call -> call.writes() && turn.incrementAndGet() % 2 == 0);
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
  }

  @Test
  void droppedWatchesAndCutConsolesLoseNothing() {
    Semaphore goOn = new Semaphore(0);
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().beginning());
          goOn.acquire();
          machine.console().interruptFollowers();
          cluster.api.forgetHistory();
          machine.print(machine.speech().goodBuild());
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.awaitPhase("web", Phase.BUILDING);
    cluster.api.dropWatches();
    goOn.release();

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(status.steps())
        .extracting(ZfsDiskImageStatus.Step::name)
        .contains("partition", "pool", "install", "export");
  }

  @Test
  void whatHasEndedBeforeItsPodIsKnownIsReadAllTheSame() {
    cluster.api.withholdNews(Pod.class);
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(status.attempt()).isEqualTo(1);
    assertThat(cluster.failures()).isEmpty();
    assertThat(status.images().root().sha256()).isNotEmpty();
  }

  @Test
  void repeatedAndReorderedEventsChangeNothing() {
    cluster.api.disturbWatches();
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          if (machine.attempt() == 1) {
            machine.print(machine.speech().beginning());
            machine.event("GuestPanicked", "VirtualMachineInstance guest panicked");
            machine.fail();
          } else {
            machine.print(machine.speech().goodBuild());
            machine.powerOff();
          }
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.passPauseAfterFailure(1);
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(status.attempt()).isEqualTo(2);
    assertThat(cluster.failures()).containsExactly(Reason.GUEST_PANICKED);
    assertThat(cluster.kubevirt.started("build")).isEqualTo(2);
    assertThat(cluster.kubevirt.started("check")).isEqualTo(1);
    cluster.await("the first attempt goes", () -> cluster.claims().size() == 2);
  }

  /** The operator ends after its n-th write, and another one takes over with nothing in memory. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 7, 9, 11, 13, 16, 20, 24})
  void anotherOperatorGoesOnAfterAnyWrite(int writes) {
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.await(
        "write number " + writes,
        () -> cluster.api.calls().stream().filter(ApiCall::writes).count() >= writes || isReady());
    cluster.stopOperator();
    cluster.startOperator();

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(status.attempt()).isEqualTo(1);
    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
  }

  @Test
  void twoOperatorsForAMomentBuildOnce() {
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          cluster.awaitSeen();
          machine.print(machine.speech().goodBuild());
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
    assertThat(cluster.kubevirt.started("check")).isEqualTo(1);
  }

  private boolean isLookedAtWithoutRequest() {
    cluster.awaitSeen();
    double looks = cluster.looks();
    cluster.api.forgetCalls();
    cluster.pass(Duration.ofHours(1));
    cluster.await("another look", () -> cluster.looks() > looks);
    return cluster.api.calls().isEmpty();
  }

  private boolean isReady() {
    return cluster.api.list(ZfsDiskImage.class).stream()
        .anyMatch(
            resource ->
                resource.getStatus() != null && resource.getStatus().phase() == Phase.READY);
  }
}
