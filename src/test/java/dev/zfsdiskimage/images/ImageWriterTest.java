package dev.zfsdiskimage.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.cyclonedx.Version;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ingredients become archives that other programs read, and pushes that a registry takes. */
class ImageWriterTest {
  @TempDir Path folder;

  @Test
  void builderImageHoldsWhatKubeVirtBootsAndMounts() throws Exception {
    ReadArchive archive = written(new SampleImages(folder).builder());

    assertThat(archive.listing())
        .containsExactly(
            "107:107 644 /boot/initrd.img",
            "107:107 644 /boot/vmlinuz",
            "107:107 644 /disk/toolbox.squashfs");
    assertThat(archive.config().at("/architecture").asText()).isEqualTo("amd64");
  }

  @Test
  void operatorImageRunsTheOperatorAsNobody() throws Exception {
    ReadArchive archive = written(new SampleImages(folder).operator());

    JsonNode config = archive.config().path("config");
    assertThat(config.path("User").asText()).isEqualTo("65532:65532");
    assertThat(config.path("Entrypoint")).extracting(JsonNode::asText).endsWith("operator");
    assertThat(config.path("Entrypoint"))
        .extracting(JsonNode::asText)
        .containsSubsequence("java", "-jar", "/opt/zdi/quarkus-run.jar");
    assertThat(config.path("ExposedPorts").has("8080/tcp")).isTrue();
    assertThat(archive.listing())
        .as("the base first, and nothing that the user could change")
        .containsExactly(
            "0:0 644 /etc/os-release",
            "0:0 644 /opt/zdi/lib/boot/org.example.boot-1.jar",
            "0:0 644 /opt/zdi/lib/main/org.example.main-2.jar",
            "0:0 644 /opt/zdi/app/zfs-disk-image-0.1.0.jar",
            "0:0 644 /opt/zdi/quarkus-run.jar",
            "0:0 644 /opt/zdi/quarkus/generated-bytecode.jar",
            "0:0 644 /opt/zdi/classes.jsa");
  }

  @Test
  void imagesAreNamedAsAClusterAsksForThem() throws Exception {
    JsonNode entry = written(new SampleImages(folder).tools()).entry();

    assertThat(entry.path("annotations").path("io.containerd.image.name").asText())
        .isEqualTo("docker.io/library/zfs-disk-image-tools:0.1.0");
    assertThat(entry.path("annotations").path("org.opencontainers.image.ref.name").asText())
        .isEqualTo("docker.io/library/zfs-disk-image-tools:0.1.0");
  }

  @Test
  void labelsTellWhatItIs() throws Exception {
    JsonNode labels = written(new SampleImages(folder).tools()).config().at("/config/Labels");

    assertThat(labels.path("org.opencontainers.image.title").asText())
        .isEqualTo("zfs-disk-image-tools");
    assertThat(labels.path("org.opencontainers.image.version").asText()).isEqualTo("0.1.0");
    assertThat(labels.path("org.opencontainers.image.licenses").asText()).isEqualTo("Apache-2.0");
    assertThat(labels.path("org.opencontainers.image.created").asText())
        .isEqualTo("2025-11-21T09:15:44Z");
  }

  @Test
  void sameIngredientsElsewhereAndLaterGiveTheSameBytes() throws Exception {
    Path here = Files.createDirectory(folder.resolve("here"));
    Path there = Files.createDirectory(folder.resolve("there"));

    WrittenImage first = write(new SampleImages(here).operator(), here);
    WrittenImage second = write(new SampleImages(there).operator(), there);

    assertThat(second.digest()).isEqualTo(first.digest());
    assertThat(second.archive().orElseThrow())
        .hasSameBinaryContentAs(first.archive().orElseThrow());
    assertThat(there.resolve("out/zfs-disk-image-operator-0.1.0-amd64.cdx.json"))
        .hasSameBinaryContentAs(here.resolve("out/zfs-disk-image-operator-0.1.0-amd64.cdx.json"));
  }

  @Test
  void billOfMaterialsNamesPackagesAndJars() throws Exception {
    WrittenImage image = write(new SampleImages(folder).operator(), folder);

    Path document = folder.resolve("out/zfs-disk-image-operator-0.1.0-amd64.cdx.json");
    assertThat(new JsonParser().validate(document.toFile(), Version.VERSION_16)).isEmpty();
    Bom bom = new JsonParser().parse(document.toFile());
    assertThat(bom.getComponents())
        .extracting(Component::getPurl)
        .containsExactly(
            "pkg:deb/debian/libc6@2.41-12%2Bdeb13u1?arch=amd64",
            "pkg:maven/dev.zfsdiskimage/zfs-disk-image@0.1.0",
            "pkg:maven/org.example/boot@1",
            "pkg:maven/org.example/main@2");
    assertThat(bom.getMetadata().getComponent().getPurl())
        .contains("pkg:oci/zfs-disk-image-operator@" + image.digest().replace(":", "%3A"));
  }

  @Test
  void pushedImageHasTheDigestOfItsArchive() throws Exception {
    OciImage image = new SampleImages(folder).builder();
    WrittenImage archived = write(image, folder);
    try (SampleRegistry registry = new SampleRegistry()) {
      WrittenImage pushed =
          writer(folder, registry.address() + "/team").write(image, new Destination.Registry(true));

      assertThat(pushed.digest()).isEqualTo(archived.digest());
      assertThat(registry.digestOf("team/zfs-disk-image-builder", "0.1.0"))
          .isEqualTo(archived.digest());
      assertThat(registry.missingBlobs("team/zfs-disk-image-builder", "0.1.0")).isEmpty();
    }
  }

  @Test
  void refusedPushNamesTheRegistry() throws Exception {
    OciImage image = new SampleImages(folder).builder();
    try (SampleRegistry registry = new SampleRegistry().refusing()) {
      assertThatThrownBy(
              () ->
                  writer(folder, registry.address() + "/team")
                      .write(image, new Destination.Registry(true)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("zfs-disk-image-builder")
          .hasMessageContaining(registry.address());
    }
  }

  @Test
  void referenceThatIsNoneIsRefusedBeforeAnythingIsMade() {
    OciImage image = new SampleImages(folder).builder();

    assertThatThrownBy(
            () -> writer(folder, "Not A Registry").write(image, new Destination.Registry(false)))
        .hasMessageContaining("Not A Registry/zfs-disk-image-builder:0.1.0")
        .hasMessageContaining("registry.example/team/name:tag");
  }

  private ReadArchive written(OciImage image) throws Exception {
    return ReadArchive.of(write(image, folder).archive().orElseThrow());
  }

  private static WrittenImage write(OciImage image, Path folder) throws Exception {
    return writer(folder, "docker.io/library")
        .write(image, new Destination.Folder(folder.resolve("out")));
  }

  private static ImageWriter writer(Path folder, String prefix) {
    return new ImageWriter(
        folder.resolve("cache"), new ImageWriter.Names(prefix, "0.1.0"), "0.1.0", "amd64");
  }
}
