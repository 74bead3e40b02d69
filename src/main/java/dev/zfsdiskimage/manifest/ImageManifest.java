package dev.zfsdiskimage.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.recipe.Recipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code manifest.json}: what two finished images are, and where they come from. It stands beside
 * them, on one machine and in a cluster.
 *
 * @param revision of the recipe; in a cluster with the {@code rebuild} token
 * @param system as Nix names it
 * @param architecture as Debian names it
 * @param bootModes firmware kinds that find a boot loader on the boot disk, {@code bios} and {@code
 *     uefi}, as the check of the finished disks saw them
 * @param label of the images: file prefix and revision
 * @param nixos the NixOS on them; absent when it is none, or when the builder VM chose its store
 *     path
 * @param mounts what the installed system mounts from the pool
 * @param steps how long each step took that had ended when this was written
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageManifest(
    String apiVersion,
    String name,
    String revision,
    String label,
    String system,
    String architecture,
    List<String> bootModes,
    Images images,
    Pool pool,
    List<Mount> mounts,
    Nixos nixos,
    Versions versions,
    List<Step> steps) {
  /** Of the format of this document. */
  public static final String API_VERSION = "zfsdiskimage.dev/manifest-v1";

  private static final Pattern NIXOS_VERSION = Pattern.compile("-([0-9]{2}\\.[0-9]{2}.*)$");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /**
   * A NixOS.
   *
   * @param system its store path
   * @param label {@code config.system.nixos.label}, as the store path's name has it
   */
  public record Nixos(String system, String label) {}

  /** The two disks. */
  public record Images(Image boot, Image root) {}

  /**
   * One image.
   *
   * @param claim the PersistentVolumeClaim that holds it; absent on one machine
   * @param file its path in the output directory or the claim
   * @param format as {@code qemu-img -f} takes it
   * @param virtualBytes the size a guest sees
   * @param fileBytes the length of the file
   * @param allocatedBytes what the file takes on disk; less than its length when it is sparse
   * @param sha256 of the file, 64 lower-case hexadecimal digits
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Image(
      String claim,
      String file,
      String format,
      Long virtualBytes,
      Long fileBytes,
      Long allocatedBytes,
      String sha256) {
    /** An image that was not measured yet. */
    public Image(String claim, String file, String format) {
      this(claim, file, format, null, null, null, null);
    }

    /** This one as JSON, on one line. */
    public String json() {
      return written(this, JSON.writer().without(SerializationFeature.INDENT_OUTPUT));
    }
  }

  /** The pool on the root disk; an empty guid and no bytes where nothing was seen of it. */
  public record Pool(String name, String guid, long bytes) {
    /** The pool as the check of the finished disks saw it, or else as the guest told of it. */
    public static Pool of(
        Recipe recipe, Optional<DiskReport> report, Optional<Progress.PoolSeen> told) {
      return new Pool(
          recipe.pool().name(),
          report
              .flatMap(seen -> seen.label().guid())
              .or(() -> told.map(Progress.PoolSeen::guid))
              .orElse(""),
          report
              .map(seen -> seen.pool().getOrDefault("size", ""))
              .filter(size -> size.matches("[0-9]{1,18}"))
              .map(Long::valueOf)
              .or(() -> told.map(Progress.PoolSeen::bytes))
              .orElse(0L));
    }
  }

  /**
   * A mounted dataset.
   *
   * @param legacy whether it is mounted by fstab, not by ZFS
   */
  public record Mount(String dataset, String path, boolean legacy) {}

  /**
   * What built it; absent is what the builder does not know.
   *
   * @param appliance the builder appliance's id
   * @param builder the OCI image with the builder appliance
   * @param accelerator {@code KVM} or {@code TCG}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Versions(
      String appliance,
      String builder,
      String kernel,
      String zfs,
      String qemu,
      String accelerator) {}

  /** A step of the build. */
  public record Step(String name, double seconds) {}

  /**
   * What is to be told of an attempt.
   *
   * @param report the check of the finished disks
   * @param told what the guest said of the pool
   * @param steps those of the attempt
   */
  public static ImageManifest of(
      Recipe recipe,
      String revision,
      String architecture,
      Images images,
      Optional<DiskReport> report,
      Optional<Progress.PoolSeen> told,
      Versions versions,
      List<Status.Step> steps) {
    return new ImageManifest(
        API_VERSION,
        recipe.name(),
        revision,
        recipe.output().filePrefix() + "-" + revision,
        "x86_64-linux",
        architecture,
        report.stream()
            .flatMap(seen -> seen.bootModes().stream())
            .map(firmware -> firmware.name().toLowerCase(Locale.ROOT))
            .sorted()
            .toList(),
        images,
        Pool.of(recipe, report, told),
        mounts(recipe),
        nixos(recipe),
        versions,
        steps(steps));
  }

  /** The document without what it says of the images. */
  public ImageManifest withoutImages() {
    return new ImageManifest(
        apiVersion,
        name,
        revision,
        label,
        system,
        architecture,
        bootModes,
        null,
        pool,
        mounts,
        nixos,
        versions,
        steps);
  }

  /** The document. */
  public String json() {
    return written(this, JSON.writer()) + "\n";
  }

  /**
   * Reads a document.
   *
   * @throws JsonProcessingException when it is none
   */
  public static ImageManifest parse(String json) throws JsonProcessingException {
    return JSON.readValue(json, ImageManifest.class);
  }

  private static String written(Object document, ObjectWriter writer) {
    try {
      return writer.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest is always writable as JSON", e);
    }
  }

  private static List<Mount> mounts(Recipe recipe) {
    List<Mount> mounts = new ArrayList<>();
    for (Recipe.Dataset dataset : recipe.datasets()) {
      dataset
          .mount()
          .ifPresent(path -> mounts.add(new Mount(dataset.name(), path, dataset.legacy())));
    }
    return mounts;
  }

  private static Nixos nixos(Recipe recipe) {
    if (recipe.install() instanceof Recipe.Install.Nixos nixos
        && nixos.system() instanceof Recipe.NixosSystem.StorePath system) {
      return new Nixos(system.path(), label(system.path()));
    }
    return null;
  }

  /** What follows the host's name in {@code …-nixos-system-HOST-24.11.20241231.abcdef}. */
  private static String label(String path) {
    Matcher version = NIXOS_VERSION.matcher(path);
    return version.find() ? version.group(1) : "";
  }

  private static List<Step> steps(List<Status.Step> all) {
    List<Step> steps = new ArrayList<>();
    for (Status.Step step : all) {
      step.finished()
          .ifPresent(
              finished ->
                  steps.add(
                      new Step(
                          step.name(),
                          Duration.between(step.started(), finished).toMillis() / 1000.0)));
    }
    return steps;
  }
}
