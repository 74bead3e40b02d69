package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkDirectoryTest {
  @TempDir Path output;
  @TempDir Path elsewhere;

  @Test
  void removesWhatAKilledBuildHasLeftAndNothingElse() throws Exception {
    Path stale = Files.createDirectories(output.resolve(".zdi-123/attempt-1"));
    Files.writeString(stale.resolve("root.raw"), "half an image");
    Path precious = Files.writeString(elsewhere.resolve("precious"), "mine");
    Files.createSymbolicLink(stale.resolve("link"), elsewhere);
    Path image = Files.writeString(output.resolve("nixos.root.img"), "an earlier image");

    try (OutputLock lock = OutputLock.take(output);
        WorkDirectory work = WorkDirectory.create(output, lock)) {
      assertThat(stale).doesNotExist();
      assertThat(work.path()).isDirectory().hasParent(output);
    }

    assertThat(precious).hasContent("mine");
    assertThat(image).hasContent("an earlier image");
  }

  @Test
  void goesWithAllThatIsInIt() throws Exception {
    Path path;
    try (OutputLock lock = OutputLock.take(output);
        WorkDirectory work = WorkDirectory.create(output, lock)) {
      path = work.path();
      Files.createDirectories(work.attempt(1).resolve("results"));
      Files.writeString(work.attempt(1).resolve("results/x"), "x");
    }

    assertThat(path).doesNotExist();
  }
}
