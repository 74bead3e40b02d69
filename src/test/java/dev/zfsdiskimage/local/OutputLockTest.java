package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputLockTest {
  @TempDir Path folder;

  @Test
  void aSecondBuildLearnsWhoHasTheDirectory() throws Exception {
    try (OutputLock first = OutputLock.take(folder)) {
      first.require(folder);

      assertThatThrownBy(() -> OutputLock.take(folder))
          .isInstanceOf(BuildFailure.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void theNextBuildGetsTheDirectoryOnceTheFirstIsDone() throws Exception {
    OutputLock.take(folder).close();

    try (OutputLock second = OutputLock.take(folder)) {
      second.require(folder);
    }
  }

  @Test
  void makesTheDirectory() throws Exception {
    Path missing = folder.resolve("a/b");

    OutputLock.take(missing).close();

    assertThat(missing).isDirectory();
  }

  @Test
  void aLinkInTheLocksPlaceIsRefusedAndWhatItLeadsToIsLeftAlone() throws Exception {
    Path precious = Files.writeString(folder.resolve("precious"), "the user's own");
    Path output = Files.createDirectory(folder.resolve("out"));
    Files.createSymbolicLink(output.resolve(".zdi.lock"), precious);

    assertThatThrownBy(() -> OutputLock.take(output))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining(output.resolve(".zdi.lock") + " is a link")
        .hasMessageContaining("remove it");

    assertThat(precious).hasContent("the user's own");
  }

  @Test
  void aLinkToNothingInTheLocksPlaceMakesNoFile() throws Exception {
    Path output = Files.createDirectory(folder.resolve("out"));
    Files.createSymbolicLink(output.resolve(".zdi.lock"), folder.resolve("nothing"));

    assertThatThrownBy(() -> OutputLock.take(output)).isInstanceOf(BuildFailure.class);

    assertThat(folder.resolve("nothing")).doesNotExist();
  }

  @Test
  void anotherFilesContentInTheLocksPlaceIsLeftAlone() throws Exception {
    Path precious = Files.writeString(folder.resolve("precious"), "the user's own");
    Path output = Files.createDirectory(folder.resolve("out"));
    Files.createLink(output.resolve(".zdi.lock"), precious);

    assertThatThrownBy(() -> OutputLock.take(output))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining(output.resolve(".zdi.lock").toString())
        .hasMessageContaining("is no lock of zdi")
        .hasMessageContaining("remove it");

    assertThat(precious).hasContent("the user's own");
  }

  @Test
  void aFolderInTheLocksPlaceIsRefused() throws Exception {
    Files.createDirectory(folder.resolve(".zdi.lock"));

    assertThatThrownBy(() -> OutputLock.take(folder))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining(folder.resolve(".zdi.lock") + " is no plain file")
        .hasMessageContaining("remove it");
  }

  @Test
  void theLockOfABuildThatWasKilledIsTakenOver() throws Exception {
    Path lock = Files.writeString(folder.resolve(".zdi.lock"), "4194304 \n");

    OutputLock.take(folder).close();

    assertThat(lock).hasContent(ProcessHandle.current().pid() + "\n");
  }
}
