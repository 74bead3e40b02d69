package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.manifest.ImageManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A manifest that somebody else may have written, with images that somebody else may have made:
 * nothing of it may lead QEMU to a file outside of the directory.
 */
final class ForeignManifest {
  /** Names of resources; QEMU's option lists end a value at a comma. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9][-a-z0-9.]{0,252}");

  private static final int QCOW2_MAGIC = 0x514649fb;
  private static final int QCOW2_HEADER = 104;
  private static final int BACKING_FILE_OFFSET = 8;
  private static final int INCOMPATIBLE_FEATURES = 72;

  /** docs/interop/qcow2.rst of QEMU: the guest's data is in another file. */
  private static final long EXTERNAL_DATA_FILE = 4;

  private final Path directory;
  private final ImageManifest manifest;

  private ForeignManifest(Path directory, ImageManifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /**
   * Refuses what no build of ours writes.
   *
   * @throws BuildFailure that names file, value and remedy
   */
  static void require(Path directory, ImageManifest manifest) throws BuildFailure {
    ForeignManifest foreign = new ForeignManifest(directory, manifest);
    if (manifest.name() == null || !NAME.matcher(manifest.name()).matches()) {
      throw foreign.refused(
          "name", manifest.name(), "is not a valid name", "it must be a resource's name");
    }
    foreign.present("images", manifest.images());
    foreign.present("images.boot", manifest.images().boot());
    foreign.present("images.root", manifest.images().root());
    foreign.present("pool", manifest.pool());
    foreign.present("pool.name", manifest.pool().name());
    foreign.present("mounts", manifest.mounts());
    foreign.image("images.boot", manifest.images().boot());
    foreign.image("images.root", manifest.images().root());
  }

  private void present(String field, Object value) throws BuildFailure {
    if (value == null) {
      throw refused(field + " is missing");
    }
  }

  private void image(String field, ImageManifest.Image image) throws BuildFailure {
    List<String> formats = Arrays.stream(Format.values()).map(Format::qemuName).distinct().toList();
    if (image.format() == null || !formats.contains(image.format())) {
      throw refused(
          field + ".format",
          image.format(),
          "is not a valid format",
          "it must be one of " + String.join(", ", formats));
    }
    String name = image.file();
    if (name == null
        || name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.chars().anyMatch(c -> c == '/' || Character.isISOControl(c))) {
      throw refused(
          field + ".file",
          name,
          "is not a valid file",
          "it must be the plain name of a file in " + directory);
    }
    Path file = directory.resolve(name);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BuildFailure(Reason.IMAGE_LOST, file + " is missing; build it again");
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BuildFailure(
          Reason.IMAGE_LOST, file + " is not a plain file; put the image itself there");
    }
    if (image.format().equals(Format.QCOW2.qemuName())) {
      alone(file);
    }
  }

  /** Only qcow2, of our formats, can name other files. Its header is read here: QEMU opens them. */
  private static void alone(Path file) throws BuildFailure {
    ByteBuffer header = ByteBuffer.allocate(QCOW2_HEADER);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      while (header.hasRemaining() && channel.read(header) >= 0) {
        // The header is short, and comes in one portion or a few.
      }
    } catch (IOException e) {
      throw new BuildFailure(
          Reason.IMAGE_LOST, file + " cannot be read: " + Objects.toString(e.getMessage()), e);
    }
    int version = header.getInt(4);
    if (header.getInt(0) != QCOW2_MAGIC || version < 2 || version > 3) {
      throw new BuildFailure(
          Reason.IMAGE_LOST,
          file + " is not a valid qcow2 image, as its manifest says; build it again");
    }
    if (header.getLong(BACKING_FILE_OFFSET) != 0) {
      throw otherFile(file, "a backing file");
    }
    if (version == 3 && (header.getLong(INCOMPATIBLE_FEATURES) & EXTERNAL_DATA_FILE) != 0) {
      throw otherFile(file, "an external data file");
    }
  }

  private static BuildFailure otherFile(Path file, String kind) {
    return new BuildFailure(
        Reason.IMAGE_LOST,
        "%s has %s, which no image of a build has; if you trust it, copy all of it into one file with: qemu-img convert -f qcow2 -O qcow2"
            .formatted(file, kind));
  }

  private BuildFailure refused(String field, String value, String what, String remedy) {
    String shown =
        value == null
            ? "(missing)"
            : "\""
                + value
                    .chars()
                    .limit(200)
                    .mapToObj(ForeignManifest::shown)
                    .collect(Collectors.joining())
                + "\"";
    return refused("%s %s %s; %s".formatted(field, shown, what, remedy));
  }

  private static String shown(int c) {
    return Character.isISOControl(c) ? "\\x%02x".formatted(c) : Character.toString((char) c);
  }

  private BuildFailure refused(String what) {
    return new BuildFailure(
        Reason.IMAGE_LOST, directory.resolve(OutputDirectory.MANIFEST) + ": " + what);
  }
}
