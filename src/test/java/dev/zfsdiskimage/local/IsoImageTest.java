package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.zfsdiskimage.recipe.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IsoImageTest {
  @TempDir Path folder;

  private final ChildProcesses children = new ChildProcesses(TestPrograms.machine());
  private final ProgramRun programs = new ProgramRun(children);

  @BeforeEach
  void needsXorriso() {
    assumeThat(TestPrograms.machine().find("xorriso")).as("xorriso").isPresent();
  }

  @AfterEach
  void stopPrograms() {
    children.close();
  }

  @Test
  void keepsNamesAndBytesAndIsForThisUserOnly() throws Exception {
    Bytes key = Bytes.of(new byte[] {0, 1, '\n', (byte) 0xff});
    Path image = folder.resolve("s.iso");

    new IsoImage(programs)
        .write(
            Map.of("step-boot-filesystem.sh", Bytes.of("echo"), "Key.With-MixedCase", key),
            "zdi-secret-0",
            folder.resolve("s"),
            image);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image)))
        .isEqualTo("rw-------");
    Path out = folder.resolve("out");
    ProgramRun.Result extracted =
        programs.run(
            List.of(
                "xorriso",
                "-osirrox",
                "on",
                "-indev",
                image.toString(),
                "-extract",
                "/",
                out.toString()));
    assertThat(extracted.status()).as(extracted.complaint()).isZero();
    assertThat(out.resolve("Key.With-MixedCase")).hasBinaryContent(key.toArray());
    assertThat(out.resolve("step-boot-filesystem.sh")).hasContent("echo");
  }

  @Test
  void refusesANameThatLeadsOutOfTheFolder() {
    assertThatThrownBy(
            () ->
                new IsoImage(programs)
                    .write(
                        Map.of("../evil", Bytes.of("x")),
                        "zdi-config",
                        folder.resolve("c"),
                        folder.resolve("c.iso")))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("../evil");
    assertThat(folder.resolve("evil")).doesNotExist();
  }
}
