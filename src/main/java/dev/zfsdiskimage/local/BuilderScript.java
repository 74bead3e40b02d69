package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs a script of the project, whose stderr are lines of progress. */
final class BuilderScript {
  private final LocalHost host;
  private final ProgramRun programs;
  private final String folder;

  /** For scripts of {@code operator/builder}. */
  BuilderScript(LocalHost host, ProgramRun programs) {
    this(host, programs, "operator/builder");
  }

  BuilderScript(LocalHost host, ProgramRun programs, String folder) {
    this.host = host;
    this.programs = programs;
    this.folder = folder;
  }

  /**
   * Runs a script; returns what it prints.
   *
   * @param failed why the build fails when the script does
   */
  String run(String name, List<String> arguments, Consumer<String> progress, Reason failed)
      throws BuildFailure, InterruptedException {
    List<String> words = new ArrayList<>();
    words.add(host.script(folder, name).toString());
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
