package dev.zfsdiskimage.kubernetes;

import static dev.zfsdiskimage.kubernetes.TestCluster.ready;
import static dev.zfsdiskimage.kubernetes.TestCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.kubevirt.DataSource;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a resource and its images as people change, suspend and delete it. */
class LifeScenarioTest {
  private static final String INSTANCE_TYPE = "instancetype.kubevirt.io/default-instancetype";

  private final TestCluster cluster = new TestCluster();

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void newSpecIsBuiltWhileTheOldImagesStay() {
    ZfsDiskImageStatus first = built("web", TestCluster.resource("web"));
    Semaphore goOn = cluster.pauseBuilds();

    cluster.change("web", spec(spec -> root(spec).put("size", "3Gi")));
    ZfsDiskImageStatus during =
        cluster.await(
            "web",
            status ->
                status.phase() == Phase.BUILDING && !first.revision().equals(status.revision()));

    assertThat(during.images()).isEqualTo(first.images());
    assertThat(TestCluster.condition(during, ConditionType.READY).get().message())
        .contains(first.revision());
    goOn.release(10);
    ZfsDiskImageStatus second =
        cluster.await(
            "web",
            status -> status.phase() == Phase.READY && !first.revision().equals(status.revision()));
    assertThat(second.images().root().claim()).isNotEqualTo(first.images().root().claim());
    assertThat(cluster.claims()).contains(first.images().root().claim());
    cluster.await(
        "DataSources point to the new images",
        () ->
            cluster.api.list(DataSource.class).stream()
                .map(source -> source.getSpec().source().pvc().name())
                .toList()
                .contains(second.images().root().claim()));
  }

  @Test
  void failedRebuildLeavesTheLastGoodImages() {
    ZfsDiskImageStatus first = built("web", TestCluster.resource("web"));
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().failure("install", 1, "ScriptFailed"));
          machine.powerOff();
        });

    cluster.change("web", spec(spec -> spec.put("rebuild", "again")));
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    assertThat(status.images()).isEqualTo(first.images());
    assertThat(TestCluster.condition(status, ConditionType.READY).get().message())
        .contains("the images of revision " + first.revision() + " stay in place");
    assertThat(cluster.claims()).contains(first.images().boot().claim());
  }

  @Test
  void onlyTheNewestRevisionsAreKeptAndUsedOnesLonger() {
    ZfsDiskImageStatus first = built("web", TestCluster.resource("web"));
    cluster.api.create(user(first.images().root().claim()));
    rebuild("two");
    ZfsDiskImageStatus third = rebuild("three");

    cluster.await("two revisions and the used one", () -> cluster.claims().size() == 6);
    assertThat(cluster.claims()).contains(first.images().root().claim());
    cluster.api.delete(Pod.class, TestCluster.NAMESPACE, "user");
    cluster.pass(Duration.ofMinutes(6));

    cluster.await("two revisions", () -> cluster.claims().size() == 4);
    assertThat(cluster.claims())
        .contains(third.images().root().claim())
        .doesNotContain(first.images().root().claim());
  }

  @Test
  void suspendedResourceBeginsNothingUntilItGoesOn() {
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(spec -> spec.put("suspend", true)).accept(resource);
    cluster.startOperator();
    cluster.apply(resource);
    cluster.awaitPhase("web", Phase.SUSPENDED);
    assertThat(cluster.claims()).isEmpty();

    cluster.change("web", spec(spec -> spec.put("suspend", false)));

    cluster.awaitPhase("web", Phase.READY);
  }

  /** There is no retry to be used up, and yet the build begins anew. */
  @Test
  void suspendStopsARunningBuildAndItBeginsAnewWhenItGoesOn() {
    Semaphore goOn = cluster.pauseBuilds();
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(spec -> spec.withObjectProperty("builder").put("retries", 0)).accept(resource);
    cluster.startOperator();
    cluster.apply(resource);
    cluster.await("the guest works", () -> cluster.hasReached(ConditionType.POOL_CREATED));

    cluster.change("web", spec(spec -> spec.put("suspend", true)));

    ZfsDiskImageStatus suspended = cluster.awaitPhase("web", Phase.SUSPENDED);
    assertThat(TestCluster.condition(suspended, ConditionType.STALLED)).isEmpty();
    cluster.await(
        "the VM and its disks go",
        () ->
            cluster.api.list(VirtualMachineInstance.class).isEmpty() && cluster.claims().isEmpty());
    cluster.awaitSeen();
    assertThat(cluster.awaitPhase("web", Phase.SUSPENDED).attempt()).isEqualTo(1);
    goOn.release(10);
    cluster.change("web", spec(spec -> spec.put("suspend", false)));
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);
    assertThat(status.attempt()).isEqualTo(2);
    assertThat(cluster.kubevirt.started("build")).isEqualTo(2);
  }

  @Test
  void deletedResourceTakesEverythingWithIt() {
    cluster.pauseBuilds();
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.awaitPhase("web", Phase.BUILDING);

    cluster.api.delete(ZfsDiskImage.class, TestCluster.NAMESPACE, "web");

    cluster.await(
        "nothing is left",
        () ->
            cluster.api.list(VirtualMachineInstance.class).isEmpty()
                && cluster.claims().isEmpty()
                && cluster.api.list(ConfigMap.class).isEmpty());
  }

  @Test
  void retainedImagesOutliveTheirResource() {
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(spec -> spec.withObjectProperty("output").put("onDelete", "Retain")).accept(resource);
    ZfsDiskImageStatus status = built("web", resource);
    cluster.await(
        "the images are nobody's",
        () ->
            cluster.api.list(PersistentVolumeClaim.class).stream()
                .allMatch(claim -> claim.getMetadata().getOwnerReferences().isEmpty()));

    cluster.api.delete(ZfsDiskImage.class, TestCluster.NAMESPACE, "web");

    cluster.await("its ledger goes", () -> cluster.api.list(ConfigMap.class).isEmpty());
    assertThat(cluster.api.list(PersistentVolumeClaim.class))
        .extracting(claim -> claim.getMetadata().getName())
        .containsExactlyInAnyOrder(status.images().boot().claim(), status.images().root().claim());
    assertThat(cluster.api.list(PersistentVolumeClaim.class))
        .extracting(claim -> claim.getMetadata().getAnnotations().get("zfsdiskimage.dev/manifest"))
        .allSatisfy(text -> assertThat(text).contains(status.images().root().sha256()));
  }

  @Test
  void goodImagesAndTheirNamesHaveTheLabelsThatTheResourceGives() {
    Semaphore goOn = cluster.pauseBuilds();
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(spec -> labels(spec).put(INSTANCE_TYPE, "u1.medium")).accept(resource);
    cluster.startOperator();
    cluster.apply(resource);
    cluster.awaitPhase("web", Phase.BUILDING);
    assertThat(labelled(PersistentVolumeClaim.class, "u1.medium")).isZero();

    goOn.release();
    cluster.awaitPhase("web", Phase.READY);

    cluster.await("claims", () -> labelled(PersistentVolumeClaim.class, "u1.medium") == 2);
    cluster.await("DataSources", () -> labelled(DataSource.class, "u1.medium") == 2);
  }

  @Test
  void changedLabelsReachTheImagesWithoutABuild() {
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(spec -> labels(spec).put(INSTANCE_TYPE, "u1.medium").put("team", "web")).accept(resource);
    built("web", resource);
    cluster.await("DataSources", () -> labelled(DataSource.class, "u1.medium") == 2);
    cluster.await("claims", () -> labelled(PersistentVolumeClaim.class, "u1.medium") == 2);
    for (PersistentVolumeClaim claim : cluster.api.list(PersistentVolumeClaim.class)) {
      cluster.api.edit(
          PersistentVolumeClaim.class,
          TestCluster.NAMESPACE,
          claim.getMetadata().getName(),
          edited -> edited.getMetadata().getLabels().put("backup", "daily"));
    }

    cluster.change(
        "web",
        spec(
            spec -> {
              labels(spec).remove("team");
              labels(spec).put(INSTANCE_TYPE, "u1.large");
            }));

    cluster.await("claims", () -> labelled(PersistentVolumeClaim.class, "u1.large") == 2);
    cluster.await("DataSources", () -> labelled(DataSource.class, "u1.large") == 2);
    assertThat(cluster.api.list(PersistentVolumeClaim.class))
        .extracting(claim -> claim.getMetadata().getLabels())
        .allSatisfy(
            labels ->
                assertThat(labels)
                    .containsEntry("backup", "daily")
                    .containsKey(Labels.PART)
                    .doesNotContainKey("team"));
    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
  }

  @Test
  void lostImageIsNoticedAndBuiltAgain() {
    ZfsDiskImageStatus first = built("web", TestCluster.resource("web"));
    Semaphore goOn = cluster.pauseBuilds();

    cluster.api.delete(
        PersistentVolumeClaim.class, TestCluster.NAMESPACE, first.images().root().claim());

    cluster.await("web", ready(Reason.IMAGE_LOST));
    goOn.release();
    ZfsDiskImageStatus second = cluster.awaitPhase("web", Phase.READY);
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(cluster.claims()).contains(second.images().root().claim());
  }

  @Test
  void changedConfigMapStartsANewRevision() {
    cluster.api.create(script("echo one"));
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(spec -> {
          ObjectNode install = spec.putObject("install");
          install
              .putObject("script")
              .putObject("configMapKeyRef")
              .put("name", "installer")
              .put("key", "install.sh");
        })
        .accept(resource);
    cluster.kubevirt.guest("check", cluster.goodCheck(Map.of("install.sh", "echo one")));
    ZfsDiskImageStatus first = built("web", resource);

    cluster.api.edit(
        ConfigMap.class,
        TestCluster.NAMESPACE,
        "installer",
        map -> map.setData(Map.of("install.sh", "echo two")));

    cluster.await("web", status -> !first.revision().equals(status.revision()));
  }

  @Test
  void missingConfigMapIsNamedAndItsArrivalStartsTheBuild() {
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(spec ->
            spec.putObject("install")
                .putObject("script")
                .putObject("configMapKeyRef")
                .put("name", "installer")
                .put("key", "install.sh"))
        .accept(resource);
    cluster.kubevirt.guest("check", cluster.goodCheck(Map.of("install.sh", "echo one")));
    cluster.startOperator();
    cluster.apply(resource);
    cluster.await("web", ready(Reason.REFERENCE_NOT_FOUND));

    cluster.api.create(script("echo one"));

    cluster.awaitPhase("web", Phase.READY);
  }

  @Test
  void changedSecretStartsANewRevisionWhereSecretsAreWatched() {
    cluster.letOperatorWatchSecrets();
    cluster.api.create(TestCluster.secret("keys", Map.of("host", "one", "other", "one")));
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(TestCluster::addSecretContent).accept(resource);
    ZfsDiskImageStatus first = built("web", resource);
    double looks = cluster.looks();

    changeSecret("keys", secret -> secret.getMetadata().setLabels(Map.of("team", "web")));
    changeSecret("keys", secret -> other(secret, "other", "two"));
    cluster.await("a look at what no image has", () -> cluster.looks() > looks);
    assertThat(cluster.awaitPhase("web", Phase.READY).revision()).isEqualTo(first.revision());

    changeSecret("keys", secret -> other(secret, "host", "two"));

    ZfsDiskImageStatus second =
        cluster.await(
            "web",
            status -> status.phase() == Phase.READY && !first.revision().equals(status.revision()));
    changeSecret("keys", secret -> other(secret, "host", "one"));
    cluster.await("web", status -> first.revision().equals(status.revision()));
    assertThat(second.images()).isNotEqualTo(first.images());
  }

  @Test
  void changedSecretStartsNothingWhereSecretsAreNotRead() {
    cluster.api.create(TestCluster.secret("keys", Map.of("host", "one")));
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(TestCluster::addSecretContent).accept(resource);
    ZfsDiskImageStatus first = built("web", resource);

    changeSecret("keys", secret -> other(secret, "host", "two"));
    double looks = cluster.looks();
    cluster.pass(Duration.ofSeconds(1));
    cluster.await("another look", () -> cluster.looks() > looks);

    assertThat(cluster.awaitPhase("web", Phase.READY).revision()).isEqualTo(first.revision());
    ZfsDiskImageStatus second = rebuild("2026-01-01");
    assertThat(second.revision()).isNotEqualTo(first.revision());
  }

  @Test
  void missingSecretIsNamedAndItsArrivalStartsTheBuildWhereSecretsAreWatched() {
    cluster.letOperatorWatchSecrets();
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(TestCluster::addSecretContent).accept(resource);
    cluster.startOperator();
    cluster.apply(resource);
    ZfsDiskImageStatus missing = cluster.await("web", ready(Reason.REFERENCE_NOT_FOUND));
    assertThat(TestCluster.condition(missing, ConditionType.READY).get().message())
        .contains("spec.contents[0].source.secret.name", "create it in the resource's namespace");
    assertThat(cluster.claims()).isEmpty();

    cluster.api.create(TestCluster.secret("keys", Map.of("host", "one")));

    cluster.awaitPhase("web", Phase.READY);
  }

  @Test
  void secretsThatTheOperatorIsToWatchButMayNotReadAreNamedInTheStatus() {
    cluster.letOperatorWatchSecrets();
    cluster.api.create(TestCluster.secret("keys", Map.of("host", "one")));
    AtomicBoolean forbidden = new AtomicBoolean(true);
    cluster.api.refuse(
        Integer.MAX_VALUE,
        403,
        "Forbidden",
        call -> call.resource().equals("secrets") && forbidden.get());
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(TestCluster::addSecretContent).accept(resource);
    cluster.startOperator();
    cluster.apply(resource);

    ZfsDiskImageStatus refused = cluster.await("web", ready(Reason.REFERENCE_NOT_FOUND));
    assertThat(TestCluster.condition(refused, ConditionType.READY).get().message())
        .contains("may not read", "rbac.watchSecrets");
    assertThat(cluster.claims()).isEmpty();

    forbidden.set(false);
    cluster.pass(Duration.ofMinutes(5));

    cluster.awaitPhase("web", Phase.READY);
  }

  @Test
  void configurationOfNixosInAConfigMapIsFound() {
    cluster.api.create(script("{}"));
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(spec -> {
          ObjectNode nixos = spec.putObject("install").putObject("nixos");
          nixos.put("system", "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-web-25.11");
          nixos.putArray("closure").addObject().putObject("payload").put("image", "a/closure:1");
          nixos
              .putObject("configFile")
              .putObject("configMapKeyRef")
              .put("name", "installer")
              .put("key", "install.sh");
        })
        .accept(resource);

    cluster.pauseBuilds();
    cluster.startOperator();
    cluster.apply(resource);

    cluster.awaitPhase("web", Phase.BUILDING);
  }

  @Test
  void impossibleResourceIsRefusedWithItsField() {
    ZfsDiskImage resource = TestCluster.resource("web");
    spec(spec ->
            spec.putObject("install")
                .putObject("rootfs")
                .putObject("payload")
                .put("path", "rootfs.tar"))
        .accept(resource);
    cluster.startOperator();
    cluster.apply(resource);

    ZfsDiskImageStatus status = cluster.await("web", ready(Reason.INVALID_SPEC));
    cluster.await(
        "a meter shows it",
        () -> cluster.registry.get("zdi.resources").tag("phase", "Failed").gauge().value() == 1);

    assertThat(status.phase()).isEqualTo(Phase.FAILED);
    assertThat(TestCluster.condition(status, ConditionType.READY).get().message())
        .contains("spec.install.rootfs.payload");
    assertThat(cluster.api.list(PersistentVolumeClaim.class)).isEmpty();
  }

  @Test
  void buildsBeyondTheLimitWaitInOrder() {
    Semaphore goOn = cluster.pauseBuilds();
    cluster.limitBuilds(1);
    cluster.startOperator();
    cluster.apply(TestCluster.resource("a"));
    cluster.awaitPhase("a", Phase.BUILDING);
    cluster.apply(TestCluster.resource("b"));
    cluster.await("b", ready(Reason.WAITING));
    assertThat(cluster.api.list(VirtualMachineInstance.class)).hasSize(1);

    goOn.release(10);

    cluster.awaitPhase("a", Phase.READY);
    cluster.awaitPhase("b", Phase.READY);
  }

  private ZfsDiskImageStatus built(String name, ZfsDiskImage resource) {
    cluster.startOperator();
    cluster.apply(resource);
    return cluster.awaitPhase(name, Phase.READY);
  }

  private ZfsDiskImageStatus rebuild(String token) {
    cluster.change("web", spec(spec -> spec.put("rebuild", token)));
    String revision =
        Revision.of(cluster.api.list(ZfsDiskImage.class).get(0), cluster.recipe()).id();
    return cluster.await(
        "web", status -> status.phase() == Phase.READY && revision.equals(status.revision()));
  }

  private void changeSecret(String name, Consumer<Secret> change) {
    cluster.api.edit(Secret.class, TestCluster.NAMESPACE, name, change);
  }

  private static void other(Secret secret, String key, String text) {
    secret
        .getData()
        .putAll(TestCluster.secret(secret.getMetadata().getName(), Map.of(key, text)).getData());
  }

  private static ConfigMap script(String text) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(TestCluster.NAMESPACE)
        .withName("installer")
        .endMetadata()
        .withData(Map.of("install.sh", text))
        .build();
  }

  private static Pod user(String claim) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(TestCluster.NAMESPACE)
        .withName("user")
        .endMetadata()
        .withNewSpec()
        .addNewVolume()
        .withName("disk")
        .withNewPersistentVolumeClaim()
        .withClaimName(claim)
        .endPersistentVolumeClaim()
        .endVolume()
        .endSpec()
        .build();
  }

  private <T extends HasMetadata> long labelled(Class<T> kind, String instanceType) {
    return cluster.api.list(kind).stream()
        .filter(object -> Labels.has(object, INSTANCE_TYPE, instanceType))
        .count();
  }

  private static ObjectNode labels(ObjectNode spec) {
    return spec.withObjectProperty("output").withObjectProperty("labels");
  }

  private static ObjectNode root(ObjectNode spec) {
    return spec.withObjectProperty("root");
  }
}
