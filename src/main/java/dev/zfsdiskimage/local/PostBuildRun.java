package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs {@code postBuild} beside the images, before they are published. */
final class PostBuildRun {
  private final Order order;
  private final ProgramRun programs;
  private final Recorder recorder;

  PostBuildRun(Order order, ProgramRun programs, Recorder recorder) {
    this.order = order;
    this.programs = programs;
    this.recorder = recorder;
  }

  /**
   * Runs the script with {@code bootDiskImage}, {@code rootDiskImage} and {@code out} set. What it
   * puts into {@code out} is published with the images.
   *
   * @param file where the script's text is put
   */
  void run(Recipe.PostBuild postBuild, Path boot, Path root, Path out, Path file)
      throws BuildFailure, InterruptedException {
    recorder.activity("running postBuild");
    byte[] text = text(postBuild.script()).toArray();
    try {
      Files.write(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
      boolean namesItsInterpreter = text.length > 2 && text[0] == '#' && text[1] == '!';
      List<String> words =
          namesItsInterpreter ? List.of(file.toString()) : List.of("bash", file.toString());
      ProgramRun.Result result =
          programs.runMerged(
              new ProgramRun.Command(
                  words,
                  Map.of(
                      "bootDiskImage", boot.toString(),
                      "rootDiskImage", root.toString(),
                      "out", out.toString()),
                  Optional.of(out)),
              line -> recorder.log().say("postBuild: " + line));
      if (result.noSpace() && !result.succeeded()) {
        throw HostSpace.full(out);
      }
      if (!result.succeeded()) {
        throw new BuildFailure(
            Reason.POST_BUILD_FAILED,
            "postBuild ended with %d:\n%s".formatted(result.status(), result.complaint()));
      }
    } catch (IOException e) {
      throw HostSpace.explain(e, out, Reason.POST_BUILD_FAILED, "postBuild could not be run");
    }
  }

  private Bytes text(Recipe.Source source) throws BuildFailure {
    if (source instanceof Recipe.Source.Inline inline) {
      return inline.bytes();
    }
    if (source instanceof Recipe.Source.Secret secret) {
      String name = order.recipe().secrets().get(secret.index());
      return Optional.ofNullable(order.secrets().get(name))
          .map(data -> data.get(secret.key()))
          .orElseThrow(
              () ->
                  new BuildFailure(
                      Reason.REFERENCE_NOT_FOUND,
                      "postBuild: Secret " + name + " has no key " + secret.key()));
    }
    throw new BuildFailure(
        Reason.INVALID_SPEC,
        "postBuild: a script cannot come from a payload; give it inline, as path or by a ConfigMap");
  }
}
