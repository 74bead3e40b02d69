package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Turns an attempt's two disks into images. */
final class Saving {
  private final Recipe recipe;
  private final QemuImg qemuImg;
  private final PostBuildRun postBuild;
  private final Recorder recorder;

  Saving(Recipe recipe, QemuImg qemuImg, PostBuildRun postBuild, Recorder recorder) {
    this.recipe = recipe;
    this.qemuImg = qemuImg;
    this.postBuild = postBuild;
    this.recorder = recorder;
  }

  /** The two images. */
  record Saved(ImageManifest.Image boot, ImageManifest.Image root) {}

  /**
   * Converts, compares with what was built, runs {@code postBuild}, hashes. May be run again after
   * it failed.
   */
  Saved save(AttemptFiles files) throws BuildFailure, InterruptedException {
    Path boot = files.bootImage(recipe.output());
    Path root = files.rootImage(recipe.output());
    try {
      Files.createDirectories(files.results());
      InParallel.run(
          () -> convert(files.bootDisk(), boot, recipe.bootBytes()),
          () -> convert(files.rootDisk(), root, recipe.rootBytes()));
      if (recipe.postBuild().isPresent()) {
        runPostBuild(recipe.postBuild().get(), files);
      }
      recorder.activity("hashing the images");
      InParallel.Both<ImageManifest.Image> images =
          InParallel.run(() -> describe(boot), () -> describe(root));
      return new Saved(images.boot(), images.root());
    } catch (IOException e) {
      throw HostSpace.explain(e, files.folder(), Reason.SAVE_FAILED, "saving the images");
    }
  }

  private Path convert(Path disk, Path image, long bytes)
      throws BuildFailure, IOException, InterruptedException {
    Format format = recipe.output().format();
    if (format == Format.RAW) {
      // An earlier run may have renamed it already.
      if (Files.exists(disk)) {
        Files.move(disk, image);
      }
    } else {
      recorder.activity("converting to " + image.getFileName());
      Files.deleteIfExists(image);
      qemuImg.convert(disk, format, image);
      qemuImg.check(image, format);
      qemuImg.compare(disk, image, format);
    }
    long actual = qemuImg.info(image, format.qemuName()).virtualBytes();
    if (actual != bytes) {
      throw new BuildFailure(
          Reason.SAVE_FAILED,
          "%s has a virtual size of %d bytes, must be %d".formatted(image, actual, bytes));
    }
    return image;
  }

  private void runPostBuild(Recipe.PostBuild script, AttemptFiles files)
      throws BuildFailure, IOException, InterruptedException {
    Path boot = files.bootImage(recipe.output());
    Path root = files.rootImage(recipe.output());
    postBuild.run(script, boot, root, files.results(), files.folder().resolve("post-build"));
    for (Path image : new Path[] {boot, root}) {
      if (!Files.isRegularFile(image)) {
        throw new BuildFailure(
            Reason.POST_BUILD_FAILED, "postBuild has removed " + image.getFileName());
      }
      qemuImg.check(image, recipe.output().format());
    }
  }

  private ImageManifest.Image describe(Path image)
      throws BuildFailure, IOException, InterruptedException {
    DiskFile.sync(image);
    String format = recipe.output().format().qemuName();
    QemuImg.Info info = qemuImg.info(image, format);
    return new ImageManifest.Image(
        null,
        image.getFileName().toString(),
        format,
        info.virtualBytes(),
        Files.size(image),
        info.allocatedBytes(),
        ImageDigest.sha256(image));
  }
}
