package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheLockTest {
  @TempDir Path folder;

  @Test
  void aLinkInTheLocksPlaceIsRefused() throws Exception {
    Path lock = folder.resolve("debian-rootfs.lock");
    Files.createSymbolicLink(lock, folder.resolve("elsewhere"));

    assertThatThrownBy(() -> CacheLock.holding(lock, () -> {}, () -> "made"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(lock + " is a link")
        .hasMessageContaining("remove it");

    assertThat(folder.resolve("elsewhere")).doesNotExist();
  }
}
