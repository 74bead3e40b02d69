package dev.zfsdiskimage.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Disks as files of this machine. */
final class DiskFile {
  private DiskFile() {}

  /** Makes a blank disk of exactly {@code bytes}, which takes no space until it is written. */
  static void createBlank(Path file, long bytes) throws IOException {
    Files.createFile(file);
    resize(file, bytes);
  }

  /** Makes a raw disk larger; what is added reads as zeros. */
  static void resize(Path file, long bytes) throws IOException {
    try (var access = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(bytes);
    }
  }

  /** What a sparse file takes on disk: {@code stat} counts blocks of 512 bytes. */
  static long allocatedBytes(Path file, ProgramRun programs)
      throws IOException, InterruptedException {
    ProgramRun.Result result =
        programs.run(java.util.List.of("stat", "--format=%b", file.toAbsolutePath().toString()));
    if (!result.succeeded()) {
      throw new IOException("stat " + file + ": " + result.complaint());
    }
    return Long.parseLong(result.output().strip()) * 512;
  }

  /** Waits until a file's bytes are on the disk below. */
  static void sync(Path file) throws IOException {
    try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}
