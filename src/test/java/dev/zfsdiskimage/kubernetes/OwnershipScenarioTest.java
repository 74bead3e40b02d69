package dev.zfsdiskimage.kubernetes;

import static dev.zfsdiskimage.kubernetes.TestCluster.ready;
import static dev.zfsdiskimage.kubernetes.TestCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.kubernetes.cluster.ApiCall;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is not a resource's own is never touched, and a finished image is never lost. */
class OwnershipScenarioTest {

  private final TestCluster cluster = new TestCluster();

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void retainedImagesStayWhenTheirNameComesBackWithAnotherSpec() {
    List<PersistentVolumeClaim> retained = retainedImages();
    ZfsDiskImage next = retaining("web");
    spec(spec -> spec.withObjectProperty("root").put("size", "3Gi")).accept(next);

    cluster.apply(next);
    cluster.awaitPhase("web", Phase.READY);
    cluster.pass(Duration.ofMinutes(6));
    cluster.awaitSeen();

    assertThat(claims()).containsAll(retained);
  }

  @Test
  void retainedImagesAreNoBuildDisksWhenTheSameResourceComesBack() {
    List<PersistentVolumeClaim> retained = retainedImages();
    List<String> names = names(retained);

    cluster.apply(retaining("web"));
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(claims()).containsAll(retained);
    assertThat(names)
        .doesNotContain(status.images().boot().claim(), status.images().root().claim());
    assertThat(cluster.kubevirt.started("build")).isEqualTo(2);
  }

  @Test
  void lostRecordStartsNoBuilderOnFinishedImages() {
    ZfsDiskImageStatus first = built(TestCluster.resource("web"));
    cluster.await("tidied", () -> cluster.api.list(ConfigMap.class).size() == 1);
    List<PersistentVolumeClaim> images = claims();

    cluster.api.delete(
        ConfigMap.class,
        TestCluster.NAMESPACE,
        cluster.api.list(ConfigMap.class).get(0).getMetadata().getName());
    cluster.pass(Duration.ofMinutes(1));

    cluster.await("it is written anew", this::hasRecord);
    cluster.pass(Duration.ofMinutes(1));
    cluster.awaitSeen();
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);
    assertThat(status.images()).isEqualTo(first.images());
    assertThat(cluster.kubevirt.started("build")).isEqualTo(1);
    assertThat(uids(claims())).isEqualTo(uids(images));
  }

  @Test
  void unreadableRecordIsNamedAndTheImagesStay() {
    for (String text :
        List.of("null", "{\"failures\": [", "{\"failures\": [{\"reason\": \"New\"}]}")) {
      try (TestCluster own = new TestCluster()) {
        own.startOperator();
        own.apply(TestCluster.resource("web"));
        ZfsDiskImageStatus first = own.awaitPhase("web", Phase.READY);
        own.await("tidied", () -> own.api.list(ConfigMap.class).size() == 1);
        String record = own.api.list(ConfigMap.class).get(0).getMetadata().getName();

        own.api.edit(
            ConfigMap.class,
            TestCluster.NAMESPACE,
            record,
            map -> map.setData(Map.of("ledger.json", text)));

        ZfsDiskImageStatus status = own.await("web", ready(Reason.RECORD_UNREADABLE));
        assertThat(TestCluster.condition(status, ConditionType.READY).get().message())
            .contains("ConfigMap " + record, "or delete it");
        assertThat(status.images()).isEqualTo(first.images());
        assertThat(own.kubevirt.started("build")).isEqualTo(1);
        own.api.delete(ConfigMap.class, TestCluster.NAMESPACE, record);
        own.awaitPhase("web", Phase.READY);
        assertThat(own.kubevirt.started("build")).isEqualTo(1);
      }
    }
  }

  @Test
  void markThatCannotBeReadStopsNothingAndStillKeepsTheImage() {
    for (String damage : List.of("\"uid\":\"[^\"]*\"", "\"at\":\"[^\"]*\"", "^.*$")) {
      try (TestCluster own = new TestCluster()) {
        own.startOperator();
        own.apply(TestCluster.resource("web"));
        own.awaitPhase("web", Phase.READY);
        own.await("tidied", () -> own.api.list(ConfigMap.class).size() == 1);
        List<String> images = own.claims();
        images.forEach(claim -> damageMark(own, claim, damage));
        own.awaitSeen();

        own.api.delete(
            ConfigMap.class,
            TestCluster.NAMESPACE,
            own.api.list(ConfigMap.class).get(0).getMetadata().getName());
        own.pass(Duration.ofMinutes(1));
        ZfsDiskImageStatus taken = own.await("web", ready(Reason.NAME_TAKEN));
        own.change("web", spec(spec -> spec.put("rebuild", "again")));
        own.awaitPhase("web", Phase.READY);
        own.await("tidied again", () -> own.api.list(ConfigMap.class).size() == 1);
        own.change("web", spec(spec -> spec.put("rebuild", "once more")));
        own.await("the look that tidied is over", () -> own.kubevirt.started("build") == 3);

        assertThat(TestCluster.condition(taken, ConditionType.READY).get().message())
            .as(damage)
            .contains("holds a finished image");
        assertThat(own.claims()).as(damage).containsAll(images);
      }
    }
  }

  @Test
  void recordOfImagesWithoutTheirTimeIsNamed() {
    built(TestCluster.resource("web"));
    cluster.await("tidied", () -> cluster.api.list(ConfigMap.class).size() == 1);

    cluster.api.edit(
        ConfigMap.class,
        TestCluster.NAMESPACE,
        cluster.api.list(ConfigMap.class).get(0).getMetadata().getName(),
        map ->
            map.getData()
                .computeIfPresent(
                    "ledger.json",
                    (key, text) -> text.replaceFirst("\"at\":\"[^\"]*\",\"claims", "\"claims")));

    cluster.await("web", ready(Reason.RECORD_UNREADABLE));
  }

  @Test
  void copiedClaimWithAllLabelsIsLeftAlone() {
    cluster.limitBuilds(1);
    ZfsDiskImageStatus first = built(TestCluster.resource("web"));
    PersistentVolumeClaim root =
        cluster
            .api
            .get(PersistentVolumeClaim.class, TestCluster.NAMESPACE, first.images().root().claim())
            .orElseThrow();
    cluster.api.create(
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withNamespace(TestCluster.NAMESPACE)
            .withName("backup")
            .withLabels(root.getMetadata().getLabels())
            .withAnnotations(root.getMetadata().getAnnotations())
            .endMetadata()
            .withSpec(root.getSpec())
            .build());
    cluster.pass(Duration.ofMinutes(1));

    rebuilt("two");
    rebuilt("three");
    cluster.await(
        "the first images go", () -> !cluster.claims().contains(first.images().root().claim()));
    cluster.awaitSeen();

    assertThat(cluster.claims()).contains("backup");
  }

  @Test
  void retainReachesTheImagesInStatusWhileAnotherRevisionIsBuilt() {
    ZfsDiskImageStatus first = built(TestCluster.resource("web"));
    Semaphore goOn = cluster.pauseBuilds();
    cluster.change("web", spec(spec -> spec.put("rebuild", "again")));
    cluster.await("the next is built", () -> cluster.kubevirt.started("build") == 2);

    cluster.change(
        "web", spec(spec -> spec.withObjectProperty("output").put("onDelete", "Retain")));

    cluster.await(
        "the finished images are nobody's",
        () ->
            claims().stream()
                .filter(claim -> isImageOf(first, claim))
                .allMatch(claim -> claim.getMetadata().getOwnerReferences().isEmpty()));
    cluster.api.delete(ZfsDiskImage.class, TestCluster.NAMESPACE, "web");
    cluster.await("the build goes", () -> cluster.claims().size() == 2);
    assertThat(claims()).allMatch(claim -> isImageOf(first, claim));
    goOn.release();
  }

  @Test
  void retainReachesTheImagesOfAResourceThatCannotBeBuilt() {
    ZfsDiskImageStatus first = built(TestCluster.resource("web"));

    cluster.change(
        "web",
        spec(
            spec -> {
              spec.withObjectProperty("output").put("onDelete", "Retain");
              spec.withObjectProperty("root").withObjectProperty("pool").put("name", "mirror");
            }));
    cluster.await("web", ready(Reason.INVALID_SPEC));

    cluster.await(
        "the finished images are nobody's",
        () ->
            claims().stream()
                .filter(claim -> isImageOf(first, claim))
                .allMatch(claim -> claim.getMetadata().getOwnerReferences().isEmpty()));
  }

  @Test
  void objectThatIsSomebodyElsesIsNamedAndNotUsed() {
    ZfsDiskImage resource = TestCluster.resource("web");
    cluster.apply(resource);
    String name =
        Revision.of(cluster.api.list(ZfsDiskImage.class).get(0), cluster.recipe())
            .attempt(1)
            .name(Part.ROOT);
    cluster.api.create(
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withNamespace(TestCluster.NAMESPACE)
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withAccessModes("ReadWriteOnce")
            .endSpec()
            .build());

    cluster.startOperator();
    ZfsDiskImageStatus status = cluster.await("web", ready(Reason.NAME_TAKEN));

    assertThat(TestCluster.condition(status, ConditionType.READY).get().message())
        .contains("PersistentVolumeClaim " + name, "nobody");
    assertThat(cluster.api.list(VirtualMachineInstance.class)).isEmpty();
    assertThat(cluster.api.calls().stream().filter(ApiCall::writes).count()).isLessThan(20);
    cluster.api.delete(PersistentVolumeClaim.class, TestCluster.NAMESPACE, name);
    cluster.pass(Duration.ofSeconds(31));
    cluster.awaitPhase("web", Phase.READY);
  }

  /** Somebody changes the mark: what {@code damage} finds in it is no longer there. */
  private static void damageMark(TestCluster cluster, String claim, String damage) {
    cluster.api.edit(
        PersistentVolumeClaim.class,
        TestCluster.NAMESPACE,
        claim,
        found ->
            found
                .getMetadata()
                .getAnnotations()
                .compute(
                    "zfsdiskimage.dev/finished-image",
                    (key, mark) -> {
                      String damaged = mark.replaceAll(damage, "\"other\":null");
                      assertThat(damaged).isNotEqualTo(mark);
                      return damaged;
                    }));
  }

  private boolean hasRecord() {
    return cluster.api.list(ConfigMap.class).stream()
        .anyMatch(map -> Labels.has(map, Labels.PART, Part.LEDGER.word()));
  }

  private List<PersistentVolumeClaim> retainedImages() {
    built(retaining("web"));
    cluster.await(
        "the images are nobody's",
        () ->
            claims().stream()
                .allMatch(claim -> claim.getMetadata().getOwnerReferences().isEmpty()));
    cluster.api.delete(ZfsDiskImage.class, TestCluster.NAMESPACE, "web");
    cluster.await("its record goes", () -> cluster.api.list(ConfigMap.class).isEmpty());
    cluster.awaitSeen();
    return claims();
  }

  private ZfsDiskImageStatus built(ZfsDiskImage resource) {
    cluster.startOperator();
    cluster.apply(resource);
    return cluster.awaitPhase(resource.getMetadata().getName(), Phase.READY);
  }

  private void rebuilt(String token) {
    cluster.change("web", spec(spec -> spec.put("rebuild", token)));
    String revision =
        Revision.of(cluster.api.list(ZfsDiskImage.class).get(0), cluster.recipe()).id();
    cluster.await(
        "web", status -> status.phase() == Phase.READY && revision.equals(status.revision()));
  }

  private List<PersistentVolumeClaim> claims() {
    return cluster.api.list(PersistentVolumeClaim.class);
  }

  private static boolean isImageOf(ZfsDiskImageStatus status, PersistentVolumeClaim claim) {
    return List.of(status.images().boot().claim(), status.images().root().claim())
        .contains(claim.getMetadata().getName());
  }

  private static List<String> names(List<? extends HasMetadata> objects) {
    return objects.stream().map(object -> object.getMetadata().getName()).toList();
  }

  private static List<String> uids(List<? extends HasMetadata> objects) {
    return objects.stream().map(object -> object.getMetadata().getUid()).sorted().toList();
  }

  private static ZfsDiskImage retaining(String name) {
    ZfsDiskImage resource = TestCluster.resource(name);
    spec(spec -> spec.withObjectProperty("output").put("onDelete", "Retain")).accept(resource);
    return resource;
  }
}
