package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zfsdiskimage.manifest.ImageManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputDirectoryTest {
  @TempDir Path output;
  @TempDir Path work;

  @Test
  void whatIsPublishedCanBeReadBackAndVerified() throws Exception {
    ImageManifest published = publish("img", "one", "log of the build");

    assertThat(new OutputDirectory(output).published()).contains(published);
    assertThat(output.resolve("build.log")).content().contains("log of the build");
    try (ChildProcesses children = new ChildProcesses(TestPrograms.machine())) {
      ProgramRun.Result check =
          new ProgramRun(children)
              .run(
                  new ProgramRun.Command(
                      List.of("sha256sum", "--check", "--strict", "SHA256SUMS"),
                      java.util.Map.of(),
                      java.util.Optional.of(output)),
                  line -> {});
      assertThat(check.status()).as(check.complaint()).isZero();
    }
  }

  @Test
  void newImagesTakeThePlaceOfOlderOnesWhateverTheirFormat() throws Exception {
    publish("qcow2", "one", "");
    Files.writeString(output.resolve("notes.txt"), "the user's own");

    publish("img", "two", "");

    assertThat(output.resolve("nixos.root.qcow2")).doesNotExist();
    assertThat(output.resolve("nixos.root.img")).hasContent("two root");
    assertThat(output.resolve("notes.txt")).hasContent("the user's own");
  }

  @Test
  void aSuccessRemovesTheLogOfAnEarlierFailure() throws Exception {
    try (BuildLog log = new BuildLog(work.resolve("failed"))) {
      log.say("it failed");
      new OutputDirectory(output).keepLog(log);
    }
    assertThat(new OutputDirectory(output).failedLog()).content().contains("it failed");

    publish("img", "one", "");

    assertThat(new OutputDirectory(output).failedLog()).doesNotExist();
  }

  @Test
  void isEmptyBeforeTheFirstBuild() throws Exception {
    assertThat(new OutputDirectory(output).published()).isEmpty();
  }

  @Test
  void saysThatAManifestCannotBeRead() throws Exception {
    Files.writeString(output.resolve("manifest.json"), "{");

    assertThatThrownBy(() -> new OutputDirectory(output).published())
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("manifest.json");
  }

  @Test
  void aManifestThatIsTooLongIsNotRead() throws Exception {
    ImageManifest published = publish("img", "one", "");
    Files.writeString(output.resolve("manifest.json"), published.json() + " ".repeat(16 << 20));

    assertThatThrownBy(() -> new OutputDirectory(output).published())
        .isInstanceOf(BuildFailure.class)
        .hasMessageContainingAll("manifest.json", "longer than 16 MiB");
  }

  private ImageManifest publish(String extension, String content, String logged) throws Exception {
    Path results = Files.createTempDirectory(work, "results");
    ImageManifest.Image boot = image(results, "boot", extension, content);
    ImageManifest.Image root = image(results, "root", extension, content);
    ImageManifest published =
        new ImageManifest(
            ImageManifest.API_VERSION,
            "web",
            "0123456789",
            "nixos-0123456789",
            "x86_64-linux",
            "amd64",
            List.of("bios", "uefi"),
            new ImageManifest.Images(boot, root),
            new ImageManifest.Pool("tank", "42", 1 << 30),
            List.of(new ImageManifest.Mount("tank/root", "/", true)),
            new ImageManifest.Nixos("/nix/store/x-nixos-system-web-25.05", "25.05"),
            new ImageManifest.Versions("a1", null, "6.12", "2.3.9", "7.2", "TCG"),
            List.of(new ImageManifest.Step("partition", 1.5)));
    try (BuildLog log = new BuildLog(work.resolve("log"))) {
      log.say(logged);
      new OutputDirectory(output).publish(published, results, log);
    }
    return published;
  }

  private static ImageManifest.Image image(
      Path folder, String disk, String extension, String content) throws Exception {
    Path file = folder.resolve("nixos." + disk + "." + extension);
    Files.writeString(file, content + " " + disk);
    return new ImageManifest.Image(
        null,
        file.getFileName().toString(),
        "raw",
        Files.size(file),
        Files.size(file),
        4096L,
        ImageDigest.sha256(file));
  }
}
