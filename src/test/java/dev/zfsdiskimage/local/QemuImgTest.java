package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.api.Reason;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QemuImgTest {
  /** No whole number of cylinders of a VHD's geometry. */
  private static final long BYTES = 67L << 20;

  @TempDir Path folder;

  private final ChildProcesses children = new ChildProcesses(TestPrograms.machine());
  private final QemuImg qemuImg = new QemuImg(new ProgramRun(children));
  private Path raw;

  @BeforeEach
  void aSparseDiskWithSomeBytes() throws Exception {
    assumeThat(TestPrograms.machine().find("qemu-img")).as("qemu-img").isPresent();
    raw = folder.resolve("disk.raw");
    DiskFile.createBlank(raw, BYTES);
    write(1 << 20, "a file system");
    write(BYTES - 20, "the backup table");
  }

  @AfterEach
  void stopPrograms() {
    children.close();
  }

  @ParameterizedTest
  @EnumSource(value = Format.class, mode = EnumSource.Mode.EXCLUDE, names = "RAW")
  void everyFormatHoldsTheSameBytesAndSize(Format format) throws Exception {
    Path image = folder.resolve("disk." + format.extension());

    qemuImg.convert(raw, format, image);

    qemuImg.check(image, format);
    qemuImg.compare(raw, image, format);
    QemuImg.Info info = qemuImg.info(image, format.qemuName());
    assertThat(info.virtualBytes()).isEqualTo(BYTES);
    assertThat(info.allocatedBytes()).isLessThan(BYTES / 4);
  }

  @Test
  void aDifferenceOfOneByteIsSeen() throws Exception {
    Path image = folder.resolve("disk.qcow2");
    qemuImg.convert(raw, Format.QCOW2, image);
    write(1 << 20, "A");

    assertThatThrownBy(() -> qemuImg.compare(raw, image, Format.QCOW2))
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.SAVE_FAILED))
        .hasMessageContaining("disk.qcow2");
  }

  @Test
  void aDamagedImageIsSeen() throws Exception {
    Path image = folder.resolve("disk.qcow2");
    qemuImg.convert(raw, Format.QCOW2, image);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      // The refcount table.
      file.seek(1 << 16);
      file.write(new byte[1 << 16]);
    }

    assertThatThrownBy(() -> qemuImg.check(image, Format.QCOW2)).isInstanceOf(BuildFailure.class);
  }

  @Test
  void anOverlayMayBeLargerAndLeavesItsImageAlone() throws Exception {
    String before = ImageDigest.sha256(raw);
    Path overlay = folder.resolve("overlay");

    qemuImg.overlay(raw, "raw", overlay, 2 * BYTES, Reason.GROW_FAILED);

    assertThat(qemuImg.info(overlay, "qcow2").virtualBytes()).isEqualTo(2 * BYTES);
    assertThat(ImageDigest.sha256(raw)).isEqualTo(before);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path missing = folder.resolve("missing.raw");

    assertThatThrownBy(() -> qemuImg.convert(missing, Format.VDI, folder.resolve("x.vdi")))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("missing.raw");
  }

  @Test
  void aBlankDiskTakesNoSpace() throws Exception {
    Path blank = folder.resolve("blank");
    DiskFile.createBlank(blank, 5L << 30);

    assertThat(Files.size(blank)).isEqualTo(5L << 30);
    assertThat(qemuImg.info(blank, "raw").allocatedBytes()).isLessThan(1 << 20);
  }

  private void write(long at, String text) throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(raw.toFile(), "rw")) {
      file.seek(at);
      file.writeBytes(text);
    }
  }
}
