package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.manifest.ImageManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An output directory with finished images. */
public final class OutputDirectory {
  static final String MANIFEST = "manifest.json";
  static final String SUMS = "SHA256SUMS";
  static final String LOG = "build.log";

  /** The log of a build that failed; a build that succeeds removes it. */
  static final String FAILED_LOG = "failed-build.log";

  /** Far more than any build writes; who reads a foreign directory keeps its memory. */
  private static final int MOST_MANIFEST_BYTES = 16 << 20;

  private final Path path;

  /** The directory at {@code path}, which need not exist. */
  public OutputDirectory(Path path) {
    this.path = path.toAbsolutePath().normalize();
  }

  /** What was published here, or empty when nothing was. */
  public Optional<ImageManifest> published() throws BuildFailure {
    try {
      return Optional.of(ImageManifest.parse(manifest()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new BuildFailure(
          Reason.IMAGE_LOST, path.resolve(MANIFEST) + " cannot be read: " + e.getMessage(), e);
    }
  }

  private String manifest() throws IOException {
    try (InputStream file = Files.newInputStream(path.resolve(MANIFEST))) {
      byte[] bytes = file.readNBytes(MOST_MANIFEST_BYTES + 1);
      if (bytes.length > MOST_MANIFEST_BYTES) {
        throw new IOException(
            "it is longer than "
                + (MOST_MANIFEST_BYTES >> 20)
                + " MiB, which no build writes; build the images again");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** The file of an image. */
  public Path file(ImageManifest.Image image) {
    return path.resolve(Path.of(image.file()).getFileName());
  }

  /**
   * Puts finished images here, each file at once whole, and removes those of the build before.
   *
   * @param results everything that is to be here, except the files that this adds
   */
  void publish(ImageManifest published, Path results, BuildLog log) throws BuildFailure {
    try {
      Optional<ImageManifest> before = publishedOrNone();
      Files.writeString(
          results.resolve(SUMS),
          sumLine(published.images().boot()) + sumLine(published.images().root()));
      log.say("ready: " + path);
      Files.copy(log.file(), results.resolve(LOG), StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(results.resolve(MANIFEST), published.json());
      List<Path> files = new ArrayList<>();
      try (DirectoryStream<Path> found = Files.newDirectoryStream(results)) {
        found.forEach(files::add);
      }
      // The manifest comes last: what it names is there.
      files.sort(
          java.util.Comparator.comparing(
                  (Path file) -> file.getFileName().toString().equals(MANIFEST))
              .thenComparing(Path::getFileName));
      for (Path file : files) {
        move(file);
      }
      Files.deleteIfExists(path.resolve(FAILED_LOG));
      before.ifPresent(old -> retire(old, published));
    } catch (IOException e) {
      throw HostSpace.explain(e, path, Reason.SAVE_FAILED, "publishing to " + path);
    }
  }

  private Optional<ImageManifest> publishedOrNone() {
    try {
      return published();
    } catch (BuildFailure e) {
      return Optional.empty();
    }
  }

  private static String sumLine(ImageManifest.Image image) {
    return image.sha256() + "  " + image.file() + "\n";
  }

  private void move(Path file) throws IOException {
    Path target = path.resolve(file.getFileName());
    if (Files.isDirectory(target)) {
      WorkDirectory.delete(target);
    }
    if (Files.isRegularFile(file)) {
      DiskFile.sync(file);
    }
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes the images of the build before that no new one has replaced. */
  private void retire(ImageManifest old, ImageManifest current) {
    for (ImageManifest.Image image : List.of(old.images().boot(), old.images().root())) {
      boolean replaced =
          image.file().equals(current.images().boot().file())
              || image.file().equals(current.images().root().file());
      if (!replaced) {
        try {
          Files.deleteIfExists(file(image));
        } catch (IOException e) {
          // An old image that stays does no harm: the manifest names the new ones.
        }
      }
    }
  }

  /** Keeps the log of a build that failed. */
  void keepLog(BuildLog log) throws IOException {
    Files.move(log.file(), path.resolve(FAILED_LOG), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Where {@link #keepLog} puts it. */
  public Path failedLog() {
    return path.resolve(FAILED_LOG);
  }
}
