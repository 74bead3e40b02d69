package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.kubernetes.cluster.ObjectSchemas;
import dev.zfsdiskimage.kubevirt.VirtualMachineExport;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Place;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipes;
import dev.zfsdiskimage.recipe.References;
import dev.zfsdiskimage.schema.Checked;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The objects that the operator makes: what they say, and that real servers take every word of it.
 */
class ObjectsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Settings SETTINGS =
      new Settings(
          "registry.example/builder:1",
          "registry.example/tools:1",
          Optional.empty(),
          "IfNotPresent",
          true,
          true,
          false,
          Optional.empty(),
          0.055,
          10,
          5);

  private static final String INSTALL =
      "install: {rootfs: {payload: {image: \"registry.example/rootfs:1\"}, bootloader: none}}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "boot: {size: 512Mi}",
        "output: {format: qcow2-compressed, filePrefix: nixos}",
        "output: {format: vpc, storage: {storageClassName: fast, accessModes: [ReadWriteMany]}}",
        "output: {storage: {volumeMode: Block}}",
        "postBuild: {script: {inline: \"ls $out\"}}",
        "postBuild: {script: {inline: \"ls $out\"}, image: \"registry.example/mine:1\"}",
        "builder: {network: Pod, cores: 4, memory: 3Gi, nodeSelector: {disk: ssd}, imagePullSecret:"
            + " pull, tolerations: [{key: build, operator: Exists, effect: NoSchedule}]}",
        "contents: [{source: {secret: {name: keys, key: host}}, target: /etc/host, mode:"
            + " \"0600\"}]",
        "verify: {boot: {firmware: [uefi], expect: up}, grow: {by: 1Gi}}",
        "contents: [{source: {payload: {http: {url: \"https://example.com/x.tar\", sha256:"
            + " \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}}}, target:"
            + " /srv}, {source: {payload: {volumeClaim: {claimName: data, path: a/b.tar}}}, target:"
            + " /x}]",
      })
  void everyObjectHoldsTheRealSchemas(String choice) {
    Optional<ObjectSchemas> schemas = ObjectSchemas.read();
    assumeTrue(schemas.isPresent(), "the schemas of Kubernetes and KubeVirt are not here");
    Recipe recipe = recipe(choice);

    assertThat(objects(recipe))
        .allSatisfy(
            object ->
                assertThat(schemas.get().problems(JSON.valueToTree(object)))
                    .as(object.getClass().getSimpleName())
                    .isEmpty());
  }

  @Test
  void fieldThatTheSchemaDoesNotKnowIsAProblem() {
    Optional<ObjectSchemas> schemas = ObjectSchemas.read();
    assumeTrue(schemas.isPresent(), "the schemas of Kubernetes and KubeVirt are not here");
    ObjectNode machine =
        JSON.valueToTree(new VirtualMachines(recipe(""), SETTINGS).build(attempt()));
    machine.withObjectProperty("spec").withObjectProperty("domain").put("cores", 2);

    assertThat(schemas.get().problems(machine)).isNotEmpty();
  }

  @Test
  void builderVmHasItsDisksBySerialAndNoNetwork() {
    Recipe recipe =
        recipe("contents: [{source: {secret: {name: keys, key: host}}, target: /etc/host}]");

    VirtualMachineInstanceSpec spec =
        new VirtualMachines(recipe, SETTINGS).build(attempt()).getSpec();

    assertThat(spec.domain().devices().disks())
        .extracting(disk -> disk.serial() + (disk.disk().readOnly() == null ? "" : " read-only"))
        .containsExactly(
            "zdi-boot",
            "zdi-root",
            "zdi-config read-only",
            "zdi-toolbox read-only",
            "zdi-payload-0 read-only",
            "zdi-secret-0 read-only");
    assertThat(spec.domain().devices().autoattachPodInterface()).isFalse();
    assertThat(spec.networks()).isNull();
    assertThat(spec.terminationGracePeriodSeconds()).isPositive();
    assertThat(spec.domain().rebootPolicy()).isEqualTo("Terminate");
  }

  @Test
  void checkCannotWriteToTheDisks() {
    VirtualMachineInstanceSpec spec =
        new VirtualMachines(recipe(""), SETTINGS).check(attempt(), 1).getSpec();

    assertThat(spec.domain().devices().disks())
        .allSatisfy(disk -> assertThat(disk.disk().readOnly()).isTrue());
    assertThat(spec.volumes().get(0).persistentVolumeClaim().readOnly()).isTrue();
  }

  @Test
  void olderKubeVirtGetsNoFieldsThatItWouldRefuse() {
    Settings older =
        new Settings(
            "b",
            "t",
            Optional.empty(),
            "IfNotPresent",
            false,
            false,
            false,
            Optional.empty(),
            0.055,
            1,
            1);

    VirtualMachineInstanceSpec spec =
        new VirtualMachines(recipe(""), older).build(attempt()).getSpec();

    assertThat(spec.domain().rebootPolicy()).isNull();
    assertThat(spec.domain().devices().panicDevices()).isNull();
  }

  @Test
  void claimIsTheSmallestInWhichTheDiskKeepsItsSize() {
    List<PersistentVolumeClaim> disks = new Claims(recipe(""), SETTINGS).disks(attempt());

    // 1024 MiB and 2048 MiB over 1 - 0.055, in whole MiB.
    assertThat(disks)
        .extracting(claim -> claim.getSpec().getResources().getRequests().get("storage").toString())
        .containsExactly("1084Mi", "2168Mi");
  }

  @Test
  void jobsHoldTheRestrictedProfile() {
    Recipe recipe = recipe("output: {format: qcow2}\n  postBuild: {script: {inline: ls}}");
    Jobs jobs = new Jobs(recipe, SETTINGS);

    for (Job job : List.of(jobs.prepare(attempt()), jobs.save(attempt(), 1, planned(recipe)))) {
      PodSpec pod = job.getSpec().getTemplate().getSpec();
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
      assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(107);
      assertThat(pod.getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      assertThat(job.getSpec().getBackoffLimit()).isZero();
      assertThat(pod.getActiveDeadlineSeconds()).isPositive();
      assertThat(Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream()))
          .allSatisfy(
              container -> {
                assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
                assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
                assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
              });
    }
  }

  @Test
  void payloadsThatNoVmCanBeGivenArePutIntoVolumesFirst() {
    Recipe recipe =
        recipe(
            "contents: [{source: {payload: {http: {url: \"https://example.com/x.tar\", sha256: "
                + "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}}}, target:"
                + " /srv}, {source: {payload: {volumeClaim: {claimName: data, path: a/b.tar}}},"
                + " target: /x}, {source: {payload: {volumeClaim: {claimName: whole, path:"
                + " disk.img}}}, target: /y}]");

    PodSpec fetch = new Jobs(recipe, SETTINGS).fetch(attempt()).getSpec().getTemplate().getSpec();

    assertThat(fetch.getContainers().get(0).getArgs())
        .containsExactly(
            "http",
            "/payloads/1",
            "https://example.com/x.tar",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "file",
            "/payloads/2",
            "/sources/2/a/b.tar");
    assertThat(new Claims(recipe, SETTINGS).payloads(attempt()))
        .extracting(claim -> claim.getMetadata().getName())
        .containsExactly(attempt().name(Part.PAYLOAD, 2), attempt().name(Part.PAYLOAD, 3));
    assertThat(new VirtualMachines(recipe, SETTINGS).build(attempt()).getSpec().volumes())
        .filteredOn(volume -> volume.name().startsWith("payload-"))
        .extracting(
            volume ->
                volume.persistentVolumeClaim() != null
                    ? volume.persistentVolumeClaim()
                    : volume.ephemeral() != null ? volume.ephemeral() : "image")
        .containsExactly(
            "image",
            new VirtualMachineInstanceSpec.ClaimVolume(attempt().name(Part.PAYLOAD, 2), null),
            new VirtualMachineInstanceSpec.ClaimVolume(attempt().name(Part.PAYLOAD, 3), null),
            new VirtualMachineInstanceSpec.EphemeralVolume(
                new VirtualMachineInstanceSpec.ClaimVolume("whole", true)));
  }

  @Test
  void rawCopiesNothing() {
    PodSpec pod =
        new Jobs(recipe(""), SETTINGS)
            .save(attempt(), 1, planned(recipe("")))
            .getSpec()
            .getTemplate()
            .getSpec();

    assertThat(pod.getInitContainers()).isEmpty();
    assertThat(pod.getContainers()).extracting(Container::getName).containsExactly("hash");
    assertThat(pod.getVolumes())
        .extracting(volume -> volume.getName())
        .containsExactlyInAnyOrder("boot", "root", "tmp");
  }

  @Test
  void namesFitIntoALabel() {
    Revision revision = new Revision("images", "i".repeat(40), "uid", "0123456789");

    Set<Part> runAgain =
        EnumSet.of(
            Part.CHECK,
            Part.SAVE,
            Part.VERIFY_BIOS,
            Part.VERIFY_UEFI,
            Part.LARGER,
            Part.GROW,
            Part.GROWN);
    assertThat(Part.values())
        .filteredOn(part -> part != Part.LEDGER)
        .allSatisfy(
            part ->
                assertThat(revision.attempt(21).name(part, runAgain.contains(part) ? 21 : 1))
                    .hasSizeLessThanOrEqualTo(63));
  }

  private static List<Object> objects(Recipe recipe) {
    Claims claims = new Claims(recipe, SETTINGS);
    Jobs jobs = new Jobs(recipe, SETTINGS);
    VirtualMachines machines = new VirtualMachines(recipe, SETTINGS);
    ConfigDisks configs = new ConfigDisks(recipe);
    VirtualMachineInstance bios = machines.verify(attempt(), Firmware.BIOS, 1);
    VirtualMachineExport export = new VirtualMachineExport();
    export.setMetadata(new ObjectMetaBuilder().withName("web-boot").build());
    export.setSpec(
        new VirtualMachineExport.Spec(
            new VirtualMachineExport.Source("", "PersistentVolumeClaim", "web"), "2h"));
    return Stream.of(
            claims.disks(attempt()).stream(),
            Stream.of(claims.out(attempt()), configs.build(attempt()), configs.check(attempt(), 2)),
            Stream.of(jobs.save(attempt(), 1, planned(recipe))),
            Jobs.prepares(recipe) ? Stream.of(jobs.prepare(attempt())) : Stream.empty(),
            Jobs.fetches(recipe) ? Stream.of(jobs.fetch(attempt())) : Stream.empty(),
            claims.payloads(attempt()).stream(),
            jobs.saveScript(attempt(), 1).stream(),
            Stream.of(machines.build(attempt()), machines.check(attempt(), 1), bios),
            Stream.of(machines.verify(attempt(), Firmware.UEFI, 1), export),
            recipe.verify().grow().isPresent()
                ? Stream.of(
                    claims.larger(attempt(), 1),
                    jobs.larger(attempt(), 1),
                    machines.grow(attempt(), 1),
                    configs.grown(attempt(), 1),
                    machines.grown(attempt(), 1))
                : Stream.empty())
        .flatMap(each -> each)
        .map(Object.class::cast)
        .toList();
  }

  private static Attempt attempt() {
    return new Revision("images", "web", "uid", "0123456789").attempt(1);
  }

  private static ImageManifest planned(Recipe recipe) {
    return new Manifests(recipe, SETTINGS).planned(attempt());
  }

  private static Recipe recipe(String choice) {
    ZfsDiskImage resource =
        Serialization.unmarshal(
            """
            apiVersion: zfsdiskimage.dev/v1alpha1
            kind: ZfsDiskImage
            metadata: {name: web, namespace: images}
            spec:
              %s
              %s
            """
                .formatted(INSTALL, choice),
            ZfsDiskImage.class);
    Checked<Recipe> recipe = Recipes.read(resource, References.NONE, Place.CLUSTER);
    assertThat(recipe.problems()).isEmpty();
    return ((Checked.Valid<Recipe>) recipe).value();
  }
}
