package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.BuilderSpec;
import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Payload;
import dev.zfsdiskimage.recipe.Recipe.Source;
import dev.zfsdiskimage.recipe.Recipe.VolumeMode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeDeviceBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Jobs of an attempt. They hold pod security's <i>restricted</i> profile, run as KubeVirt's own
 * user and have no service account token.
 */
final class Jobs {
  /** The user and group that KubeVirt gives disks to. */
  private static final long QEMU = 107;

  /** How long a finished Job, and with it its log, can be looked at. */
  private static final Duration KEPT = Duration.ofDays(1);

  /** The container that tells sizes and sums in its last words. */
  static final String HASH = "hash";

  private static final String SCRIPT_KEY = "script";
  private static final String BOOT_FOLDER = "/disks/boot";
  private static final String ROOT_FOLDER = "/disks/root";
  private static final String BOOT_DEVICE = "/dev/zdi-boot";
  private static final String ROOT_DEVICE = "/dev/zdi-root";
  private static final String OUT_FOLDER = "/out";
  private static final String LARGER_FOLDER = "/disks/larger";
  private static final String LARGER_DEVICE = "/dev/zdi-larger";

  private final Recipe recipe;
  private final Settings settings;

  Jobs(Recipe recipe, Settings settings) {
    this.recipe = recipe;
    this.settings = settings;
  }

  /** Makes both disks of their exact sizes. Block volumes need none. */
  Job prepare(Attempt attempt) {
    Container container =
        tool("prepare", "prepare.sh")
            .addToArgs(BOOT_FOLDER, Long.toString(recipe.bootBytes()))
            .addToArgs(ROOT_FOLDER, Long.toString(recipe.rootBytes()))
            .build();
    mountDisks(container);
    return job(
        attempt,
        Part.PREPARE,
        1,
        recipe.builder().timeouts().build(),
        List.of(),
        container,
        diskVolumes(attempt));
  }

  /** Whether {@link #prepare} is needed. */
  static boolean prepares(Recipe recipe) {
    return recipe.output().storage().volumeMode() == VolumeMode.FILESYSTEM;
  }

  /** Puts payloads into volumes. */
  Job fetch(Attempt attempt) {
    ContainerBuilder container = tool("fetch", "fetch.sh");
    List<Volume> volumes = new ArrayList<>();
    for (int number : Staging.payloads(recipe)) {
      String folder = "/payloads/" + number;
      container
          .addNewVolumeMount()
          .withName("payload-" + number)
          .withMountPath(folder)
          .endVolumeMount();
      volumes.add(claimVolume("payload-" + number, Staging.claim(attempt, number)));
      if (recipe.payloads().get(number) instanceof Payload.Http http) {
        container.addToArgs("http", folder, http.url(), http.sha256());
      } else if (recipe.payloads().get(number) instanceof Payload.VolumeClaim claim) {
        String source = "/sources/" + number;
        container
            .addToArgs("file", folder, source + "/" + claim.path())
            .addNewVolumeMount()
            .withName("source-" + number)
            .withMountPath(source)
            .withReadOnly(true)
            .endVolumeMount();
        volumes.add(readOnly("source-" + number, claim.claimName()));
      }
    }
    return job(
        attempt,
        Part.FETCH,
        1,
        recipe.builder().timeouts().build(),
        List.of(),
        container.build(),
        volumes);
  }

  /** Whether {@link #fetch} is needed. */
  static boolean fetches(Recipe recipe) {
    return !Staging.payloads(recipe).isEmpty();
  }

  /**
   * Converts, runs {@code postBuild}, hashes: one container after the other.
   *
   * @param manifest what is known of the images before they are measured; it is completed beside
   *     them, where there is a place for files
   */
  Job save(Attempt attempt, int run, ImageManifest manifest) {
    List<Volume> volumes = new ArrayList<>(diskVolumes(attempt));
    List<Container> before = new ArrayList<>();
    boolean hasOut = Claims.hasOut(recipe);
    if (hasOut) {
      volumes.add(claimVolume("out", attempt.name(Part.OUT)));
    }
    if (Claims.converts(recipe)) {
      before.add(convert());
    }
    recipe
        .postBuild()
        .ifPresent(
            postBuild -> {
              volumes.add(script(attempt, run, postBuild.script()));
              before.add(postBuild(postBuild));
            });
    ContainerBuilder hashing =
        tool(HASH, "hash.sh")
            .addToArgs(recipe.output().format().qemuName(), image(Part.BOOT), image(Part.ROOT));
    if (hasOut) {
      hashing.addToArgs(
          OUT_FOLDER,
          argument(manifest.withoutImages().json()),
          argument(manifest.images().boot().json()),
          argument(manifest.images().root().json()));
    }
    Container hash = hashing.build();
    mountDisks(hash);
    mountOut(hash);
    return job(attempt, Part.SAVE, run, recipe.builder().timeouts().save(), before, hash, volumes);
  }

  /**
   * A kubelet expands {@code $(NAME)} and {@code $$} in arguments; in JSON there is another way.
   */
  static String argument(String json) {
    return json.replace("$", "\\u0024");
  }

  /** Copies the root disk into a larger one. */
  Job larger(Attempt attempt, int run) {
    boolean files = prepares(recipe);
    ContainerBuilder container =
        tool("grow", "grow.sh")
            .addToArgs(
                disk("root"),
                files ? LARGER_FOLDER + "/disk.img" : LARGER_DEVICE,
                Long.toString(Claims.largerBytes(recipe)));
    if (files) {
      container
          .addNewVolumeMount()
          .withName("root")
          .withMountPath(ROOT_FOLDER)
          .withReadOnly(true)
          .endVolumeMount()
          .addNewVolumeMount()
          .withName("larger")
          .withMountPath(LARGER_FOLDER)
          .endVolumeMount();
    } else {
      container.addNewVolumeDevice(ROOT_DEVICE, "root").addNewVolumeDevice(LARGER_DEVICE, "larger");
    }
    return job(
        attempt,
        Part.LARGER,
        run,
        recipe.builder().timeouts().save(),
        List.of(),
        container.build(),
        List.of(
            claimVolume("root", attempt.name(Part.ROOT)),
            claimVolume("larger", attempt.name(Part.LARGER, run))));
  }

  /** The config of {@link #save}: an inline {@code postBuild} script; empty when there is none. */
  Optional<ConfigMap> saveScript(Attempt attempt, int run) {
    return recipe
        .postBuild()
        .map(Recipe.PostBuild::script)
        .filter(Source.Inline.class::isInstance)
        .map(Source.Inline.class::cast)
        .map(
            inline ->
                new ConfigMapBuilder()
                    .withMetadata(attempt.metadata(Part.SAVE, run))
                    .withImmutable(true)
                    .withBinaryData(
                        Map.of(
                            SCRIPT_KEY,
                            Base64.getEncoder().encodeToString(inline.bytes().toArray())))
                    .build());
  }

  private Container convert() {
    Container container =
        tool("convert", "convert.sh")
            .addToArgs(
                OUT_FOLDER,
                recipe.output().filePrefix(),
                recipe.output().format().extension(),
                disk("boot"),
                disk("root"))
            .addToArgs(conversion())
            .build();
    mountDisks(container);
    mountOut(container);
    return container;
  }

  private String[] conversion() {
    List<String> arguments = new ArrayList<>(List.of("-O", recipe.output().format().qemuName()));
    if (recipe.output().format() == Format.QCOW2_COMPRESSED) {
      arguments.add("-c");
    }
    if (recipe.output().format() == Format.VPC) {
      // Without force_size the size is rounded up to whole cylinders of a made-up geometry.
      arguments.addAll(List.of("-o", "subformat=dynamic,force_size=on"));
    }
    return arguments.toArray(String[]::new);
  }

  private Container postBuild(Recipe.PostBuild postBuild) {
    Container container =
        container("post-build")
            .withImage(postBuild.image().orElse(settings.toolsImage()))
            .withCommand("bash", "/run/zdi/post-build/" + SCRIPT_KEY)
            .withWorkingDir(OUT_FOLDER)
            .addNewEnv()
            .withName("bootDiskImage")
            .withValue(image(Part.BOOT))
            .endEnv()
            .addNewEnv()
            .withName("rootDiskImage")
            .withValue(image(Part.ROOT))
            .endEnv()
            .addNewEnv()
            .withName("out")
            .withValue(OUT_FOLDER)
            .endEnv()
            .addNewVolumeMount()
            .withName("post-build")
            .withMountPath("/run/zdi/post-build")
            .withReadOnly(true)
            .endVolumeMount()
            .build();
    mountDisks(container);
    mountOut(container);
    return container;
  }

  private Volume script(Attempt attempt, int run, Source source) {
    VolumeBuilder volume = new VolumeBuilder().withName("post-build");
    if (source instanceof Source.Secret secret) {
      return volume
          .withNewSecret()
          .withSecretName(recipe.secrets().get(secret.index()))
          .withItems(new KeyToPath(secret.key(), null, SCRIPT_KEY))
          .endSecret()
          .build();
    }
    return volume.withNewConfigMap().withName(attempt.name(Part.SAVE, run)).endConfigMap().build();
  }

  private String disk(String name) {
    boolean boot = name.equals("boot");
    if (prepares(recipe)) {
      return (boot ? BOOT_FOLDER : ROOT_FOLDER) + "/disk.img";
    }
    return boot ? BOOT_DEVICE : ROOT_DEVICE;
  }

  private String image(Part disk) {
    return Claims.converts(recipe)
        ? OUT_FOLDER + "/" + Claims.imagePath(recipe, disk)
        : disk(disk.word());
  }

  private void mountDisks(Container container) {
    if (prepares(recipe)) {
      container
          .getVolumeMounts()
          .addAll(
              List.of(
                  new VolumeMountBuilder().withName("boot").withMountPath(BOOT_FOLDER).build(),
                  new VolumeMountBuilder().withName("root").withMountPath(ROOT_FOLDER).build()));
    } else {
      container
          .getVolumeDevices()
          .addAll(
              List.of(
                  new VolumeDeviceBuilder().withName("boot").withDevicePath(BOOT_DEVICE).build(),
                  new VolumeDeviceBuilder().withName("root").withDevicePath(ROOT_DEVICE).build()));
    }
  }

  private void mountOut(Container container) {
    if (Claims.hasOut(recipe)) {
      container
          .getVolumeMounts()
          .add(new VolumeMountBuilder().withName("out").withMountPath(OUT_FOLDER).build());
    }
  }

  private List<Volume> diskVolumes(Attempt attempt) {
    return List.of(
        claimVolume("boot", attempt.name(Part.BOOT)), claimVolume("root", attempt.name(Part.ROOT)));
  }

  private static Volume claimVolume(String name, String claim) {
    return new VolumeBuilder()
        .withName(name)
        .withNewPersistentVolumeClaim()
        .withClaimName(claim)
        .endPersistentVolumeClaim()
        .build();
  }

  /** Read-only as a whole: in any other volume fsGroup changes the group of every file. */
  private static Volume readOnly(String name, String claim) {
    return new VolumeBuilder().withName(name).withNewPersistentVolumeClaim(claim, true).build();
  }

  private ContainerBuilder tool(String name, String script) {
    return container(name)
        .withImage(settings.toolsImage())
        .withCommand("bash", "-c", resource(script), name);
  }

  private ContainerBuilder container(String name) {
    return new ContainerBuilder()
        .withName(name)
        .withImagePullPolicy(settings.imagePullPolicy())
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .withNewResources()
        .addToRequests("cpu", new Quantity("100m"))
        .addToRequests("memory", new Quantity("128Mi"))
        .addToLimits("memory", new Quantity("1Gi"))
        .endResources()
        .addNewVolumeMount()
        .withName("tmp")
        .withMountPath("/tmp")
        .endVolumeMount();
  }

  private Job job(
      Attempt attempt,
      Part part,
      int run,
      Duration deadline,
      List<Container> before,
      Container container,
      List<Volume> volumes) {
    Map<String, String> nodeSelector = new LinkedHashMap<>(recipe.builder().nodeSelector());
    // A volume that binds to its first consumer must land where a VM can run.
    nodeSelector.put("kubevirt.io/schedulable", "true");
    List<Volume> all = new ArrayList<>(volumes);
    all.add(new VolumeBuilder().withName("tmp").withNewEmptyDir().endEmptyDir().build());
    return new JobBuilder()
        .withMetadata(attempt.metadata(part, run))
        .withNewSpec()
        .withBackoffLimit(0)
        .withTtlSecondsAfterFinished((int) KEPT.toSeconds())
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(attempt.labels(part, run))
        .endMetadata()
        .withNewSpec()
        .withRestartPolicy("Never")
        // The pod's, not the Job's: waiting for a node is no fault.
        .withActiveDeadlineSeconds(deadline.toSeconds())
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withNodeSelector(nodeSelector)
        .withTolerations(tolerations(recipe))
        .withImagePullSecrets(
            recipe.builder().imagePullSecret().map(LocalObjectReference::new).stream().toList())
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(QEMU)
        .withRunAsGroup(QEMU)
        .withFsGroup(QEMU)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .withInitContainers(before)
        .withContainers(container)
        .withVolumes(all)
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  /** The resource's tolerations in the client's type. */
  static List<Toleration> tolerations(Recipe recipe) {
    return recipe.builder().tolerations().stream().map(Jobs::toleration).toList();
  }

  private static Toleration toleration(BuilderSpec.Toleration toleration) {
    return new Toleration(
        toleration.effect() == null
            ? null
            : switch (toleration.effect()) {
              case NO_SCHEDULE -> "NoSchedule";
              case PREFER_NO_SCHEDULE -> "PreferNoSchedule";
              case NO_EXECUTE -> "NoExecute";
            },
        toleration.key(),
        toleration.operator() == null
            ? null
            : switch (toleration.operator()) {
              case EXISTS -> "Exists";
              case EQUAL -> "Equal";
            },
        toleration.tolerationSeconds(),
        toleration.value());
  }

  private static String resource(String name) {
    try (InputStream in = Jobs.class.getResourceAsStream("/kubernetes/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
