package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Recipe;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The documents that tell of an attempt's images. */
final class Manifests {
  /** The one kind of machine that images are built for. */
  static final String ARCHITECTURE = "amd64";

  /** The annotation of an image's claim that holds the document. */
  static final String ANNOTATION = "zfsdiskimage.dev/manifest";

  private final Recipe recipe;
  private final Settings settings;

  Manifests(Recipe recipe, Settings settings) {
    this.recipe = recipe;
    this.settings = settings;
  }

  /** What can be told before anything was built. */
  ImageManifest planned(Attempt attempt) {
    return of(attempt, Optional.empty(), Optional.empty(), List.of(), Map.of());
  }

  /**
   * What can be told of an attempt.
   *
   * @param saved what was measured of the images, by disk; nothing before they are saved
   */
  ImageManifest of(
      Attempt attempt,
      Optional<DiskReport> report,
      Optional<Progress.PoolSeen> told,
      List<Status.Step> steps,
      Map<String, Saved> saved) {
    return ImageManifest.of(
        recipe,
        attempt.revision().id(),
        ARCHITECTURE,
        new ImageManifest.Images(
            image(attempt, Part.BOOT, saved), image(attempt, Part.ROOT, saved)),
        report,
        told,
        new ImageManifest.Versions(
            null,
            recipe.builder().image().orElse(settings.builderImage()),
            null,
            told.map(Progress.PoolSeen::zfsVersion).orElse(null),
            null,
            null),
        steps);
  }

  private ImageManifest.Image image(Attempt attempt, Part disk, Map<String, Saved> saved) {
    String claim = attempt.name(Claims.imagePart(recipe, disk));
    String file = Claims.imagePath(recipe, disk);
    String format = recipe.output().format().qemuName();
    Saved measured = saved.get(disk.word());
    return measured == null
        ? new ImageManifest.Image(claim, file, format)
        : new ImageManifest.Image(
            claim,
            file,
            format,
            measured.virtualBytes(),
            measured.fileBytes(),
            measured.storedBytes(),
            measured.sha256());
  }
}
