package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Job that copies the root disk into a larger one, run by a real bash. */
class GrowScriptTest {
  private static final long MIB = 1L << 20;
  private static final long LARGER = 48 * MIB + 512;

  @TempDir Path folder;

  @Test
  void copyIsLongerAndAsSparseAsTheDisk() throws Exception {
    Path disk = folder.resolve("disk");
    Path larger = folder.resolve("disk.img");
    write(disk, "end of the disk");
    // What an interrupted run may have left.
    Files.write(folder.resolve("disk.img.part"), new byte[(int) (64 * MIB)]);

    assertThat(grow(disk, larger)).isZero();

    assertThat(larger).hasSize(LARGER);
    assertThat(Files.mismatch(disk, larger)).isEqualTo(32 * MIB);
    assertThat(allocated(larger)).isLessThan(MIB);
    assertThat(folder.resolve("disk.img.part")).doesNotExist();
  }

  @Test
  void diskThatCannotBeReadLeavesNone() throws Exception {
    assertThat(grow(folder.resolve("none"), folder.resolve("disk.img"))).isNotZero();

    assertThat(folder.resolve("disk.img")).doesNotExist();
  }

  private static void write(Path disk, String atTheEnd) throws IOException {
    byte[] words = atTheEnd.getBytes(StandardCharsets.UTF_8);
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(32 * MIB);
      file.seek(32 * MIB - words.length);
      file.write(words);
    }
  }

  private static int grow(Path from, Path to) throws Exception {
    String script =
        new String(
            GrowScriptTest.class.getResourceAsStream("/kubernetes/grow.sh").readAllBytes(),
            StandardCharsets.UTF_8);
    return run("bash", "-c", script, "grow", from.toString(), to.toString(), "" + LARGER);
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private static long allocated(Path file) throws Exception {
    Process stat = new ProcessBuilder(List.of("stat", "-c", "%b", file.toString())).start();
    String blocks =
        new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(stat.waitFor()).isZero();
    return Long.parseLong(blocks) * 512;
  }
}
