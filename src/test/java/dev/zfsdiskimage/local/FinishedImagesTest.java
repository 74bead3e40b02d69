package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zfsdiskimage.manifest.ImageManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A directory with images may come from anybody: its manifest is not believed. */
class FinishedImagesTest {
  @TempDir Path directory;
  @TempDir Path elsewhere;

  @BeforeEach
  void imagesOfABuild() throws IOException {
    Files.write(directory.resolve("web.boot.img"), new byte[4096]);
    Files.write(directory.resolve("web.root.img"), new byte[4096]);
    manifest("raw");
  }

  @Test
  void imagesOfABuildAreOpened() throws Exception {
    assertThat(open().manifest().name()).isEqualTo("web");
  }

  @Test
  void everyFormatOfOursIsOpened() throws Exception {
    for (String format : List.of("raw", "vdi", "vpc")) {
      manifest(format);

      assertThat(open().manifest().images().boot().format()).isEqualTo(format);
    }
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"format\" : \"raw\"`|`\"format\" : \"vmdk\"`|`format \"vmdk\"`|raw, qcow2, vdi, vpc",
        "`\"format\" : \"raw\"`|`\"format\" : \"qcow2-compressed\"`|`format \"qcow2-compressed\"`|raw, qcow2, vdi, vpc",
        "`\"format\" : \"raw\"`|`\"format\" : null`|`format`|raw, qcow2, vdi, vpc",
        "`\"web.root.img\"`|`\"../web.root.img\"`|`\"../web.root.img\"`|plain name",
        "`\"web.root.img\"`|`\"/etc/passwd\"`|`\"/etc/passwd\"`|plain name",
        "`\"web.root.img\"`|`\"sub/web.root.img\"`|`\"sub/web.root.img\"`|plain name",
        "`\"web.root.img\"`|`\"..\"`|`\"..\"`|plain name",
        "`\"web.root.img\"`|`\"\"`|`\"\"`|plain name",
        "`\"web.root.img\"`|`null`|`images.root.file`|plain name",
        "`\"name\" : \"web\"`|`\"name\" : \"web,process=x\"`|`web,process=x`|name",
        "`\"name\" : \"web\"`|`\"name\" : \"\\u001b[2J\"`|`name`|name",
        "`\"images\" : {`|`\"pictures\" : {`|`images`|missing",
        "`\"root\" : {`|`\"roof\" : {`|`images.root`|missing",
        "`\"pool\" : {`|`\"pond\" : {`|`pool`|missing",
        "`\"mounts\" : [`|`\"amounts\" : [`|`mounts`|missing"
      })
  void foreignManifestIsRefusedByFieldValueAndRemedy(
      String good, String bad, String value, String remedy) throws Exception {
    String text = Files.readString(directory.resolve("manifest.json"));
    assertThat(text).contains(good);
    Files.writeString(directory.resolve("manifest.json"), text.replace(good, bad));

    assertThatThrownBy(this::open)
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("manifest.json")
        .hasMessageContaining(value)
        .hasMessageContaining(remedy);
  }

  @Test
  void linkToAFileElsewhereIsNoImage() throws Exception {
    Path secret = Files.writeString(elsewhere.resolve("secret"), "the machine's own");
    Files.delete(directory.resolve("web.root.img"));
    Files.createSymbolicLink(directory.resolve("web.root.img"), secret);

    assertThatThrownBy(this::open)
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("web.root.img")
        .hasMessageContaining("plain file");
  }

  @Test
  void folderIsNoImage() throws Exception {
    Files.delete(directory.resolve("web.root.img"));
    Files.createDirectory(directory.resolve("web.root.img"));

    assertThatThrownBy(this::open)
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("web.root.img")
        .hasMessageContaining("plain file");
  }

  @Test
  void missingImageIsStillSaidToBeMissing() throws Exception {
    Files.delete(directory.resolve("web.root.img"));

    assertThatThrownBy(this::open)
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("web.root.img is missing; build it again");
  }

  @Test
  void imageOverAnotherFileIsRefused() throws Exception {
    manifest("qcow2");
    qcow2("web.boot.img", 0, 0);
    qcow2("web.root.img", 256, 0);

    assertThatThrownBy(this::open)
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("web.root.img")
        .hasMessageContaining("backing file");
  }

  @Test
  void imageWhoseDataIsInAnotherFileIsRefused() throws Exception {
    manifest("qcow2");
    qcow2("web.boot.img", 0, 4);
    qcow2("web.root.img", 0, 0);

    assertThatThrownBy(this::open)
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("web.boot.img")
        .hasMessageContaining("data file");
  }

  @Test
  void qcow2ImageByItselfIsOpened() throws Exception {
    manifest("qcow2");
    qcow2("web.boot.img", 0, 0);
    qcow2("web.root.img", 0, 0);

    assertThat(open().manifest().images().root().format()).isEqualTo("qcow2");
  }

  @Test
  void fileThatIsNotOfItsFormatIsRefused() throws Exception {
    manifest("qcow2");

    assertThatThrownBy(this::open)
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("web.boot.img")
        .hasMessageContaining("qcow2");
  }

  private FinishedImages open() throws BuildFailure {
    LocalHost host = new LocalHost(TestPrograms.machine(), elsewhere, Optional.empty());
    return FinishedImages.open(host, directory);
  }

  private void qcow2(String name, long backingFile, long incompatible) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(4096);
    header.putInt(0x514649fb).putInt(3).putLong(backingFile);
    header.putLong(72, incompatible);
    Files.write(directory.resolve(name), header.array());
  }

  private void manifest(String format) throws IOException {
    ImageManifest manifest =
        new ImageManifest(
            ImageManifest.API_VERSION,
            "web",
            "0123456789",
            "web-0123456789",
            "x86_64-linux",
            "amd64",
            List.of("bios"),
            new ImageManifest.Images(
                new ImageManifest.Image(null, "web.boot.img", format),
                new ImageManifest.Image(null, "web.root.img", format)),
            new ImageManifest.Pool("tank", "42", 1 << 30),
            List.of(new ImageManifest.Mount("tank/root", "/", true)),
            null,
            new ImageManifest.Versions("a1", null, "6.12", "2.3.9", "7.2", "TCG"),
            List.of());
    Files.writeString(directory.resolve("manifest.json"), manifest.json());
  }
}
