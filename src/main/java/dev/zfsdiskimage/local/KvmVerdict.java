package dev.zfsdiskimage.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Remembers for an hour that KVM does not work: finding out takes some seconds each time, and a
 * machine seldom changes its mind. That it works is not remembered, for that is seen at once.
 */
final class KvmVerdict {
  private static final Duration REMEMBERED = Duration.ofHours(1);

  private final Path file;

  KvmVerdict(Path cache, QemuVersion version) {
    this.file = cache.resolve("kvm-does-not-work-with-qemu-" + version);
  }

  boolean isKnownBad(Instant now) {
    try {
      return Files.getLastModifiedTime(file).toInstant().plus(REMEMBERED).isAfter(now);
    } catch (IOException e) {
      return false;
    }
  }

  void rememberBad() {
    try {
      Files.createDirectories(file.getParent());
      Files.deleteIfExists(file);
      Files.createFile(file);
    } catch (IOException e) {
      // It will be found out again.
    }
  }
}
