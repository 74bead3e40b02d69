package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.local.ChildProcesses;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code zdi doctor}. */
@Command(
    name = "doctor",
    description =
        "Looks whether this machine can build images, and says what to do where it can't.",
    mixinStandardHelpOptions = true,
    footer = {"", "Exit status: 0 a build can work, 1 it cannot."})
final class DoctorCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "How to say it (default: text).")
  private OutputForm output;

  DoctorCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    List<Check> checks;
    try (ChildProcesses children = surroundings.children()) {
      Machine machine = new ThisMachine(surroundings.host(), children);
      checks =
          new Doctor(machine, surroundings.host().cache(), Path.of("").toAbsolutePath()).examine();
    }
    if (output == OutputForm.JSON) {
      JsonLines lines = surroundings.jsonLines();
      for (Check check : checks) {
        lines.write(
            "check",
            line ->
                line.put("name", check.name())
                    .put("verdict", check.verdict().name().toLowerCase(Locale.ROOT))
                    .put("found", check.found())
                    .put("remedy", check.remedy()));
      }
    } else {
      CheckTable.lines(checks, surroundings.out())
          .forEach(line -> surroundings.out().out().println(line));
    }
    boolean broken = checks.stream().anyMatch(check -> check.verdict() == Check.Verdict.FAIL);
    return broken ? Zdi.FAILED : 0;
  }
}
