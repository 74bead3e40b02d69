package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.recipe.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/** A flat folder as an ISO 9660 disk with Rock Ridge names, as KubeVirt makes of a ConfigMap. */
final class IsoImage {
  private final ProgramRun programs;

  IsoImage(ProgramRun programs) {
    this.programs = programs;
  }

  /**
   * Makes {@code image}, readable by this user only: the files may be secret.
   *
   * @param files bytes by name
   * @param folder made for this and left behind, beside the image
   */
  void write(Map<String, Bytes> files, String label, Path folder, Path image)
      throws BuildFailure, InterruptedException {
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      for (Map.Entry<String, Bytes> file : files.entrySet()) {
        Path target = folder.resolve(file.getKey()).normalize();
        if (!folder.equals(target.getParent())) {
          throw new BuildFailure(
              Reason.INVALID_SPEC,
              "a file name for disk " + label + " is no name: " + file.getKey());
        }
        Files.write(target, file.getValue().toArray());
      }
      Files.createFile(
          image,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      ProgramRun.Result result =
          programs.run(
              List.of(
                  "xorriso",
                  "-as",
                  "mkisofs",
                  "-quiet",
                  "-R",
                  "-J",
                  "-V",
                  label,
                  "-o",
                  image.toString(),
                  folder.toString()));
      if (result.noSpace()) {
        throw HostSpace.full(folder);
      }
      if (!result.succeeded()) {
        throw new BuildFailure(
            Reason.VM_START_FAILED, "xorriso could not write " + image + ": " + result.complaint());
      }
    } catch (IOException e) {
      throw HostSpace.explain(e, image.getParent(), Reason.VM_START_FAILED, "writing " + image);
    }
  }
}
