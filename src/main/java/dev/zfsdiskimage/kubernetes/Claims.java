package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.VolumeMode;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The claims of an attempt. */
final class Claims {
  /** Makes KubeVirt's export and clone treat the volume as a disk. */
  private static final Map<String, String> DISK =
      Map.of("cdi.kubevirt.io/storage.contentType", "kubevirt");

  private static final long MIB = 1L << 20;

  /** For qcow2's tables, vhd's footers, the manifest. */
  private static final long OUT_MARGIN = 64 * MIB;

  private final Recipe recipe;
  private final double overhead;
  private final Optional<String> storageClass;

  Claims(Recipe recipe, Settings settings) {
    this.recipe = recipe;
    this.overhead = settings.filesystemOverhead();
    this.storageClass = settings.storageClass();
  }

  /** Both disks. */
  List<PersistentVolumeClaim> disks(Attempt attempt) {
    return List.of(
        disk(attempt.metadata(Part.BOOT), recipe.bootBytes()),
        disk(attempt.metadata(Part.ROOT), recipe.rootBytes()));
  }

  /** A root disk that is larger by {@code verify.grow.by}. */
  PersistentVolumeClaim larger(Attempt attempt, int run) {
    return disk(attempt.metadata(Part.LARGER, run), largerBytes(recipe));
  }

  /** How large that disk is. */
  static long largerBytes(Recipe recipe) {
    return recipe.rootBytes() + recipe.verify().grow().orElseThrow().byBytes();
  }

  /** Room for both images in any format, and for what {@code postBuild} writes. */
  PersistentVolumeClaim out(Attempt attempt) {
    long bytes = recipe.bootBytes() + recipe.rootBytes() + OUT_MARGIN;
    return claim(attempt.metadata(Part.OUT), onFilesystem(bytes), "Filesystem");
  }

  /**
   * The claims of payloads that are put into volumes. A payload's size is not known before it is
   * there; what is unpacked onto the root disk is no larger than that.
   */
  List<PersistentVolumeClaim> payloads(Attempt attempt) {
    return Staging.payloads(recipe).stream()
        .map(
            number ->
                claim(
                    attempt.metadata(Part.PAYLOAD, Staging.run(number)),
                    onFilesystem(recipe.rootBytes()),
                    "Filesystem"))
        .toList();
  }

  /** Whether an attempt needs {@link #out}. */
  static boolean hasOut(Recipe recipe) {
    return converts(recipe) || recipe.postBuild().isPresent();
  }

  /** Whether the images are other files than the disks that were built. */
  static boolean converts(Recipe recipe) {
    return recipe.output().format() != Format.RAW;
  }

  /** The claim with the image of a disk. */
  static Part imagePart(Recipe recipe, Part disk) {
    return converts(recipe) ? Part.OUT : disk;
  }

  /** The path of an image in the volume that holds it. */
  static String imagePath(Recipe recipe, Part disk) {
    return converts(recipe)
        ? recipe.output().filePrefix()
            + "."
            + disk.word()
            + "."
            + recipe.output().format().extension()
        : "disk.img";
  }

  private PersistentVolumeClaim disk(ObjectMeta metadata, long bytes) {
    metadata.setAnnotations(DISK);
    return recipe.output().storage().volumeMode() == VolumeMode.BLOCK
        ? claim(metadata, bytes, "Block")
        : claim(metadata, onFilesystem(bytes), "Filesystem");
  }

  /**
   * The smallest claim, in whole MiB, in which KubeVirt leaves a file of {@code bytes} as it is.
   */
  private long onFilesystem(long bytes) {
    return (long) Math.ceil(bytes / (1 - overhead) / MIB) * MIB;
  }

  private PersistentVolumeClaim claim(ObjectMeta metadata, long bytes, String volumeMode) {
    Recipe.Storage storage = recipe.output().storage();
    return new PersistentVolumeClaimBuilder()
        .withMetadata(metadata)
        .withNewSpec()
        .withAccessModes(storage.accessModes())
        .withVolumeMode(volumeMode)
        .withStorageClassName(storage.storageClassName().or(() -> storageClass).orElse(null))
        .withNewResources()
        .addToRequests("storage", quantity(bytes))
        .endResources()
        .endSpec()
        .build();
  }

  /** Whole MiB where they are whole: a fraction would be turned into milli-bytes. */
  static Quantity quantity(long bytes) {
    return bytes % MIB == 0
        ? new Quantity(Long.toString(bytes / MIB), "Mi")
        : new Quantity(Long.toString(bytes));
  }
}
