package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.recipe.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The parts of the guest program, and of an installed Debian, that are the same for all builds. */
final class FixedProgram {
  /** The shell files, as they are called both on the class path and on the config disk. */
  static final List<String> FILES =
      List.of(
          "main.sh",
          "protocol.sh",
          "disks.sh",
          "place.sh",
          "nixos.sh",
          "nixos-enter.sh",
          "step-partition.sh",
          "step-pool.sh",
          "step-datasets.sh",
          "step-mount.sh",
          "step-boot-filesystem.sh",
          "step-install.sh",
          "step-configure.sh",
          "step-contents.sh",
          "step-bootloader.sh",
          "step-scrub.sh",
          "step-unmount.sh",
          "step-trim.sh",
          "step-export.sh",
          "step-check.sh");

  private FixedProgram() {}

  /** A shell file of {@link #FILES}. */
  static Bytes shell(String name) {
    return resource("/guest/" + name);
  }

  /** A file for an installed Debian. */
  static Bytes debian(String name) {
    return resource("/debian/" + name);
  }

  private static Bytes resource(String path) {
    try (InputStream in = FixedProgram.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(
            path + " is missing from this program's jar: it was not built completely");
      }
      return Bytes.of(in.readAllBytes());
    } catch (IOException unreadable) {
      throw new UncheckedIOException("cannot read " + path + " of this program's jar", unreadable);
    }
  }
}
