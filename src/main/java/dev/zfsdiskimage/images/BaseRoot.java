package dev.zfsdiskimage.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A root file system from Debian packages, as {@code operator/images/make-root} makes it.
 *
 * @param folder with the archive, dpkg's status and the date of the Debian archive
 */
public record BaseRoot(Path folder) {
  /** Its layer, as {@code docker save} writes it. */
  Path archive() {
    return folder.resolve("base.tar");
  }

  List<SoftwarePackage> packages() throws IOException {
    return DpkgStatus.installed(Files.readString(folder.resolve("packages.status")));
  }

  Instant date() throws IOException {
    return Instant.ofEpochSecond(Long.parseLong(Files.readString(folder.resolve("date")).strip()));
  }
}
