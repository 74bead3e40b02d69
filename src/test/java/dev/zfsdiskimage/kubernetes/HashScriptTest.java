package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.manifest.ImageManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Job that measures the images, run by a real bash. */
class HashScriptTest {
  private static final byte[] BOOT = "the boot disk".getBytes(StandardCharsets.UTF_8);
  private static final byte[] ROOT =
      "the root disk, which is longer".getBytes(StandardCharsets.UTF_8);

  private static final String MANIFEST = "{\n  \"name\" : \"web\",\n  \"mounts\" : [ ]\n}\n";

  @TempDir Path folder;
  private Path out;

  @BeforeEach
  void program() throws IOException {
    out = Files.createDirectory(folder.resolve("out"));
    Path qemuImg = folder.resolve("qemu-img");
    Files.writeString(
        qemuImg,
        "#!/usr/bin/env bash\n[[ $* == 'info -f qcow2 '* ]]\nprintf '{\\n    \"virtual-size\": 4096,\\n}\\n'\n");
    Files.setPosixFilePermissions(qemuImg, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void convertedImagesGetTheirSumsAndTheirManifestBesideThem() throws Exception {
    Path boot = Files.write(out.resolve("web.boot.qcow2"), BOOT);
    Path root = Files.write(out.resolve("web.root.qcow2"), ROOT);

    assertThat(hash("qcow2", boot, root, out.toString(), MANIFEST, object(boot), object(root)))
        .isZero();

    assertThat(out.resolve("SHA256SUMS"))
        .hasContent(sha256(BOOT) + "  web.boot.qcow2\n" + sha256(ROOT) + "  web.root.qcow2\n");
    ImageManifest manifest = ImageManifest.parse(Files.readString(out.resolve("manifest.json")));
    assertThat(manifest.name()).isEqualTo("web");
    assertThat(manifest.images().boot().fileBytes()).isEqualTo(BOOT.length);
    assertThat(manifest.images().root())
        .isEqualTo(
            new ImageManifest.Image(
                "claim",
                "web.root.qcow2",
                "qcow2",
                4096L,
                (long) ROOT.length,
                saved().get("root").storedBytes(),
                sha256(ROOT)));
  }

  /** What postBuild writes lies beside the manifest; the disks lie in claims of their own. */
  @Test
  void disksThatAreTheImagesHaveNoSumsBesideOtherFiles() throws Exception {
    Path boot = disk("boot", BOOT);
    Path root = disk("root", ROOT);

    assertThat(hash("raw", boot, root, out.toString(), MANIFEST, object(boot), object(root)))
        .isZero();

    assertThat(out.resolve("SHA256SUMS")).doesNotExist();
    assertThat(
            ImageManifest.parse(Files.readString(out.resolve("manifest.json")))
                .images()
                .boot()
                .sha256())
        .isEqualTo(sha256(BOOT));
    assertThat(Files.list(boot.getParent())).containsExactly(boot);
  }

  @Test
  void withoutAFolderTheLastWordsTellAll() throws Exception {
    assertThat(hash("raw", disk("boot", BOOT), disk("root", ROOT))).isZero();

    assertThat(saved()).containsOnlyKeys("boot", "root");
    assertThat(saved().get("boot").sha256()).isEqualTo(sha256(BOOT));
    assertThat(saved().get("root").virtualBytes()).isEqualTo(ROOT.length);
    assertThat(saved().get("root").fileBytes()).isEqualTo(ROOT.length);
  }

  @Test
  void imageThatIsGoneFailsTheJob() throws Exception {
    Path root = folder.resolve("none");

    assertThat(hash("raw", disk("boot", BOOT), root, out.toString(), MANIFEST, "{}", "{}"))
        .isNotZero();

    assertThat(out.resolve("manifest.json")).doesNotExist();
    assertThat(saved()).isEmpty();
  }

  /**
   * An install script may write another format's header into the boot code. Whoever guesses then
   * sees a disk of another size, with files of the machine behind it.
   */
  @Test
  void rawImageCanBeASecondFormatAndIsMeasuredAsRaw() throws Exception {
    Files.delete(folder.resolve("qemu-img"));
    Path boot = disk("boot", qcow2Header(16L << 30, "/etc/passwd", 1 << 20));

    assertThat(hash("raw", boot, disk("root", ROOT))).isZero();

    assertThat(saved().get("boot").virtualBytes()).isEqualTo(1 << 20);
    assertThat(saved().get("root").virtualBytes()).isEqualTo(ROOT.length);
  }

  /** What begins a qcow2 image of {@code virtualBytes} over another file, and zeros behind it. */
  private static byte[] qcow2Header(long virtualBytes, String backingFile, int bytes) {
    byte[] name = backingFile.getBytes(StandardCharsets.UTF_8);
    ByteBuffer header = ByteBuffer.allocate(bytes);
    header.putInt(0x514649fb).putInt(2).putLong(256).putInt(name.length).putInt(16);
    header.putLong(virtualBytes).putInt(0).putInt(32).putLong(65536).putLong(131072).putInt(1);
    header.position(256);
    header.put(name);
    return header.array();
  }

  /** A kubelet expands what looks like a variable in a container's arguments. */
  @Test
  void manifestHasNothingThatAKubeletExpands() throws Exception {
    String json = Jobs.argument(new ImageManifest.Image("claim", "$(HOME)/$$.img", "raw").json());

    assertThat(json).doesNotContain("$");
    Path boot = disk("boot", BOOT);
    assertThat(hash("raw", boot, boot, out.toString(), MANIFEST, json, json)).isZero();
    assertThat(
            ImageManifest.parse(Files.readString(out.resolve("manifest.json")))
                .images()
                .boot()
                .file())
        .isEqualTo("$(HOME)/$$.img");
  }

  private Path disk(String name, byte[] bytes) throws IOException {
    return Files.write(Files.createDirectory(folder.resolve(name)).resolve("disk.img"), bytes);
  }

  private static String object(Path image) {
    return new ImageManifest.Image("claim", image.getFileName().toString(), "qcow2").json();
  }

  private Map<String, Saved> saved() throws IOException {
    Path words = folder.resolve("last-words");
    return Saved.parse(Files.exists(words) ? Files.readString(words) : "");
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private int hash(String format, Path boot, Path root, String... others) throws Exception {
    String script =
        new String(
                HashScriptTest.class.getResourceAsStream("/kubernetes/hash.sh").readAllBytes(),
                StandardCharsets.UTF_8)
            .replace("/dev/termination-log", folder.resolve("last-words").toString());
    List<String> command = new ArrayList<>(List.of("bash", "-c", script, "hash"));
    command.addAll(List.of(format, boot.toString(), root.toString()));
    command.addAll(List.of(others));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().merge("PATH", folder.toString(), (path, first) -> first + ":" + path);
    return builder.start().waitFor();
  }
}
