package dev.zfsdiskimage.kubernetes.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The OCI images that a node has pulled.
 *
 * @param roots their unpacked layers by reference
 */
public record NodeImages(Map<String, Path> roots) {
  Path root(String reference) {
    return Optional.ofNullable(roots.get(reference))
        .orElseThrow(() -> new IllegalStateException("the node has no image " + reference));
  }

  /** The file of a container disk. */
  Path disk(String reference, String path) throws IOException {
    if (path != null) {
      return file(reference, path);
    }
    try (Stream<Path> files = Files.list(root(reference).resolve("disk"))) {
      List<Path> found = files.toList();
      if (found.size() != 1) {
        throw new IllegalStateException("KubeVirt wants one file in /disk, and finds " + found);
      }
      return readable(found.get(0));
    }
  }

  /** A file by its absolute path in the image. */
  Path file(String reference, String path) throws IOException {
    return readable(root(reference).resolve(path.substring(1)));
  }

  /** KubeVirt's launcher, user 107, must be the owner. */
  private static Path readable(Path file) throws IOException {
    Object owner = Files.getAttribute(file, "unix:uid");
    if (!owner.equals(107)) {
      throw new IllegalStateException(file + " belongs to user " + owner + ", not to 107");
    }
    return file;
  }
}
