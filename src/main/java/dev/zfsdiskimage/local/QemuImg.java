package dev.zfsdiskimage.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code qemu-img}: disk images in QEMU's formats. */
final class QemuImg {
  private static final String PROGRAM = "qemu-img";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ProgramRun programs;

  QemuImg(ProgramRun programs) {
    this.programs = programs;
  }

  /**
   * What an image says of itself.
   *
   * @param virtualBytes the size a guest sees
   * @param allocatedBytes what its file takes on disk
   */
  record Info(String format, long virtualBytes, long allocatedBytes) {}

  /** Writes {@code raw} in another format; holes stay holes. */
  void convert(Path raw, Format format, Path target) throws BuildFailure, InterruptedException {
    List<String> words = new ArrayList<>(List.of(PROGRAM, "convert", "-f", "raw"));
    words.addAll(List.of("-O", format.qemuName()));
    switch (format) {
      case QCOW2_COMPRESSED -> words.add("-c");
      // Without force_size a VHD's size is rounded up to whole cylinders of its made-up geometry.
      case VPC -> words.addAll(List.of("-o", "subformat=dynamic,force_size=on"));
      case RAW, QCOW2, VDI -> {}
    }
    words.addAll(List.of("--", raw.toString(), target.toString()));
    run(words, target, Reason.SAVE_FAILED);
  }

  /** Fails unless the image is sound in itself; VHD and raw have nothing to check. */
  void check(Path image, Format format) throws BuildFailure, InterruptedException {
    if (format == Format.RAW || format == Format.VPC) {
      return;
    }
    run(
        List.of(PROGRAM, "check", "-q", "-f", format.qemuName(), "--", image.toString()),
        image,
        Reason.SAVE_FAILED);
  }

  /** Fails unless {@code image} reads byte for byte as {@code raw}. */
  void compare(Path raw, Path image, Format format) throws BuildFailure, InterruptedException {
    run(
        List.of(
            PROGRAM,
            "compare",
            "-q",
            "-f",
            "raw",
            "-F",
            format.qemuName(),
            "--",
            raw.toString(),
            image.toString()),
        image,
        Reason.SAVE_FAILED);
  }

  /** Reads what an image says of itself. */
  Info info(Path image, String format) throws BuildFailure, InterruptedException {
    String output =
        run(
            List.of(PROGRAM, "info", "--output=json", "-f", format, "--", image.toString()),
            image,
            Reason.SAVE_FAILED);
    try {
      JsonNode info = JSON.readTree(output);
      return new Info(
          info.path("format").asText(),
          info.path("virtual-size").asLong(),
          info.path("actual-size").asLong());
    } catch (IOException e) {
      throw new BuildFailure(
          Reason.SAVE_FAILED, "qemu-img info of " + image + " is no JSON: " + e.getMessage(), e);
    }
  }

  /**
   * Makes a copy-on-write disk over an image, which it never writes to.
   *
   * @param bytes the size a guest sees; at least the image's
   */
  void overlay(Path image, String format, Path overlay, long bytes, Reason reason)
      throws BuildFailure, InterruptedException {
    run(
        List.of(
            PROGRAM,
            "create",
            "-q",
            "-f",
            "qcow2",
            "-b",
            image.toAbsolutePath().toString(),
            "-F",
            format,
            "--",
            overlay.toString(),
            Long.toString(bytes)),
        overlay,
        reason);
  }

  private String run(List<String> words, Path written, Reason otherwise)
      throws BuildFailure, InterruptedException {
    Path folder = written.toAbsolutePath().getParent();
    try {
      ProgramRun.Result result = programs.run(words);
      if (result.succeeded()) {
        return result.output();
      }
      if (result.noSpace()) {
        throw HostSpace.full(folder);
      }
      throw new BuildFailure(
          otherwise,
          "%s %s of %s ended with %d: %s"
              .formatted(PROGRAM, words.get(1), written, result.status(), result.complaint()));
    } catch (IOException e) {
      throw HostSpace.explain(e, folder, otherwise, PROGRAM + " " + words.get(1));
    }
  }
}
