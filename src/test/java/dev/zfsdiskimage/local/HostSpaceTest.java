package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostSpaceTest {
  @TempDir Path output;

  @Test
  void namesTheOutputDirectoryAndItsFreeSpace() {
    BuildFailure failure = HostSpace.full(output.resolve(".zdi-42/attempt-1/results"));

    assertThat(failure.reason()).isEqualTo(Reason.HOST_DISK_FULL);
    assertThat(failure.getMessage())
        .contains("file system of " + output + " is full (")
        .contains("MiB free");
  }

  @Test
  void tellsAFullDiskFromOtherErrors() {
    IOException full = new IOException("x", new IOException("No space left on device"));

    assertThat(HostSpace.explain(full, output, Reason.SAVE_FAILED, "saving").reason())
        .isEqualTo(Reason.HOST_DISK_FULL);
    assertThat(
            HostSpace.explain(
                    new IOException("Permission denied"), output, Reason.SAVE_FAILED, "saving")
                .reason())
        .isEqualTo(Reason.SAVE_FAILED);
  }
}
