package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
