package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClosureSizeTest {
  private static final String SYSTEM = "/nix/store/sys-nixos-system-web-24.11";

  @TempDir Path folder;

  @Test
  void binaryCacheCountsOnlyWhatTheSystemRefersTo() throws IOException {
    Files.writeString(folder.resolve("nix-cache-info"), "StoreDir: /nix/store\n");
    narInfo("sys", 100, "sys-nixos-system-web-24.11 lib-glibc");
    narInfo("lib", 2000, "lib-glibc");
    narInfo("other", 40000, "");

    assertThat(ClosureSize.of(folder, SYSTEM)).hasValue(2100);
  }

  @Test
  void storeTreeCountsWhatIsRegistered() throws IOException {
    Files.writeString(
        folder.resolve("registration"),
        """
        /nix/store/lib-glibc
        0000
        2000

        0
        /nix/store/sys-nixos-system-web-24.11
        1111
        100
        /nix/store/drv.drv
        2
        /nix/store/lib-glibc
        /nix/store/sys-nixos-system-web-24.11
        """);

    assertThat(ClosureSize.of(folder, SYSTEM)).hasValue(2100);
  }

  @Test
  void exportIsAsLargeAsItsFile() throws IOException {
    Path export = folder.resolve("closure.nar");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(1).putLong(13).array());
    bytes.write("nix-archive-1".getBytes(StandardCharsets.US_ASCII));
    bytes.write(new byte[1000]);
    Files.write(export, bytes.toByteArray());

    assertThat(ClosureSize.of(export, SYSTEM)).hasValue(1029);
  }

  @Test
  void archiveCannotTell() throws IOException {
    Path archive = Files.write(folder.resolve("closure.tar"), new byte[10240]);

    assertThat(ClosureSize.of(archive, SYSTEM)).isEmpty();
  }

  @Test
  void damagedNarInfoIsAnError() throws IOException {
    Files.writeString(folder.resolve("nix-cache-info"), "");
    Files.writeString(folder.resolve("sys.narinfo"), "NarSize: many\n");

    assertThatThrownBy(() -> ClosureSize.of(folder, SYSTEM)).hasMessageContaining("many");
  }

  private void narInfo(String hash, long bytes, String references) throws IOException {
    Files.writeString(
        folder.resolve(hash + ".narinfo"),
        "StorePath: /nix/store/%s\nNarSize: %d\nReferences: %s\n"
            .formatted(hash, bytes, references));
  }
}
