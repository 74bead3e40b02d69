package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.zfsdiskimage.local.LocalHost;
import dev.zfsdiskimage.local.SearchPath;
import dev.zfsdiskimage.manifest.ImageManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What QEMU is given, by a script in its place; {@code qemu-img} is the machine's. */
class BootCommandTest {
  private static final SearchPath MACHINE = SearchPath.of(System.getenv("PATH"));

  private final Screens out = new Screens();
  private final Screens err = new Screens();

  @TempDir private Path images;
  @TempDir private Path programs;
  @TempDir private Path cache;

  @BeforeEach
  void finishedImages() throws IOException {
    assumeThat(MACHINE.find("qemu-img")).as("qemu-img").isPresent();
    Files.write(images.resolve("web.boot.img"), new byte[1 << 20]);
    Files.write(images.resolve("web.root.img"), new byte[1 << 20]);
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
                new ImageManifest.Image(null, "web.boot.img", "raw"),
                new ImageManifest.Image(null, "web.root.img", "raw")),
            new ImageManifest.Pool("tank", "42", 1 << 30),
            List.of(),
            null,
            new ImageManifest.Versions("a1", null, "6.12", "2.3.9", "7.2", "TCG"),
            List.of());
    Files.writeString(images.resolve("manifest.json"), manifest.json());
    Path qemu = programs.resolve("qemu-system-x86_64");
    Files.writeString(
        qemu,
        """
        #!/bin/bash
        if [[ $* == --version ]]; then echo 'QEMU emulator version 9.2.0'; exit; fi
        printf '%%s\\n' "$@" >'%s/arguments'
        """
            .formatted(programs));
    Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path appliance =
        Files.createDirectories(programs.resolve("operator/builder")).resolve("build-appliance");
    Files.writeString(appliance, "#!/bin/bash\necho none-is-made-yet\n");
    Files.setPosixFilePermissions(appliance, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void bootedImagesHaveNoNetworkUnlessAsked() throws IOException {
    assertThat(zdi("boot", images.toString())).isZero();

    assertThat(arguments()).contains("zdi-web").noneMatch(word -> word.contains("net0"));
  }

  @Test
  void bootedImagesHaveTheNetworkThatWasAskedFor() throws IOException {
    assertThat(zdi("boot", images.toString(), "--network")).isZero();

    assertThat(arguments()).contains("user,id=net0");
  }

  private List<String> arguments() throws IOException {
    return Files.readAllLines(programs.resolve("arguments"));
  }

  private int zdi(String... arguments) {
    List<Path> folders = new ArrayList<>(List.of(programs));
    folders.addAll(MACHINE.folders());
    Surroundings surroundings =
        new Surroundings(
            new ByteArrayInputStream(new byte[0]),
            out.terminal(80, true),
            err.terminal(80, true),
            new LocalHost(new SearchPath(folders), cache, Optional.of(programs)));
    return Zdi.commandLine(surroundings).execute(arguments);
  }
}
