package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.guest.Commands;
import dev.zfsdiskimage.guest.GuestProgram;
import dev.zfsdiskimage.kubernetes.PlannedObjects;
import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zdi render}. */
@Command(
    name = "render",
    description = "Shows what a build would do, without doing it.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./zdi render operator/samples/debian.yaml",
      "  ./zdi render operator/samples/debian.yaml --what config",
      "  ./zdi render operator/samples/minimal.yaml --what objects",
      "  ./zdi render operator/samples/script.yaml --to /tmp/config",
    })
final class RenderCommand implements Callable<Integer> {
  /** A build draws one by lot; nothing else that is shown depends on it. */
  private static final String NONCE = "rendered";

  private final Surroundings surroundings;

  @Parameters(paramLabel = "FILE", description = "YAML or JSON with a ZfsDiskImage; - is stdin.")
  private String file;

  @Option(
      names = "--what",
      paramLabel = "commands|config|all|objects",
      defaultValue = "commands",
      description = {
        "commands: what is run on the disks, step by step (default).",
        "config: the files that the builder VM is given.",
        "all: both.",
        "objects: what an operator makes in a cluster, with ZDI_* as its settings."
      })
  private What what;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description =
          "Write the files of the config disk there instead, for operator/builder/try-guest.")
  private Path to;

  private enum What {
    COMMANDS,
    CONFIG,
    ALL,
    OBJECTS;

    /** As it is written on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  RenderCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws WrongInput, IOException {
    if (to == null && what == What.OBJECTS) {
      ResourceFile.plan(file, surroundings.in(), PlannedObjects::of)
          .forEach(surroundings.out().out()::print);
      return 0;
    }
    Recipe recipe = ResourceFile.read(file, surroundings.in()).recipe();
    if (to != null) {
      write(recipe);
      return 0;
    }
    if (what != What.CONFIG) {
      commands(recipe);
    }
    if (what != What.COMMANDS) {
      config(recipe);
    }
    return 0;
  }

  private void write(Recipe recipe) throws IOException {
    Files.createDirectories(to);
    for (Map.Entry<String, Bytes> entry : GuestProgram.build(recipe, NONCE).files().entrySet()) {
      Files.write(to.resolve(entry.getKey()), entry.getValue().toArray());
    }
  }

  private void commands(Recipe recipe) {
    PrintStream out = surroundings.out().out();
    String step = "";
    for (Commands.Line line : Commands.of(recipe)) {
      if (!line.step().equals(step)) {
        step = line.step();
        out.println(surroundings.out().styled("bold", "# " + step));
      }
      out.println(line.text());
    }
  }

  private void config(Recipe recipe) {
    PrintStream out = surroundings.out().out();
    GuestProgram.build(recipe, NONCE)
        .files()
        .forEach(
            (name, bytes) -> {
              out.println(
                  surroundings.out().styled("bold", name) + "  " + Quantity.bytes(bytes.size()));
              // The shell files are the same for every build, and stand in
              // src/main/resources/guest.
              if (!name.endsWith(".sh")) {
                strings(bytes, name.endsWith(".args") ? "\0" : "\n", out);
              }
            });
  }

  /** Each string is ended by {@code end}; what comes after the last one is a string too. */
  private static void strings(Bytes bytes, String end, PrintStream out) {
    String text = new String(bytes.toArray(), StandardCharsets.UTF_8);
    String[] strings = text.split(end, -1);
    for (int i = 0; i < strings.length; i++) {
      if (i < strings.length - 1 || !strings[i].isEmpty()) {
        out.println("  " + (strings[i].isEmpty() ? "''" : Printable.line(strings[i])));
      }
    }
  }
}
