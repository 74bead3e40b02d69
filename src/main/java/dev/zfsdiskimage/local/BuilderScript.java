package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs a script of {@code operator/builder}, whose stderr are lines of progress. */
final class BuilderScript {
  private final LocalHost host;
  private final ProgramRun programs;

  BuilderScript(LocalHost host, ProgramRun programs) {
    this.host = host;
    this.programs = programs;
  }

  /**
   * Runs a script; returns what it prints.
   *
   * @param failed why the build fails when the script does
   */
  String run(String name, List<String> arguments, Consumer<String> progress, Reason failed)
      throws BuildFailure, InterruptedException {
    List<String> words = new ArrayList<>();
    words.add(host.builderScript(name).toString());
    words.addAll(arguments);
    try {
      ProgramRun.Result result =
          programs.run(
              new ProgramRun.Command(
                  words, Map.of("ZDI_CACHE", host.cache().toString()), Optional.empty()),
              progress);
      if (result.noSpace()) {
        throw HostSpace.full(host.cache());
      }
      if (!result.succeeded()) {
        throw new BuildFailure(
            failed, "%s ended with %d:\n%s".formatted(name, result.status(), result.complaint()));
      }
      return result.output();
    } catch (IOException e) {
      throw HostSpace.explain(e, host.cache(), failed, name);
    }
  }
}
