package dev.zfsdiskimage.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zdi validate}. */
@Command(
    name = "validate",
    description =
        "Says everything that is wrong with a resource, by the rules that a cluster holds.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./zdi validate operator/samples/debian.yaml",
      "  kustomize build . | ./zdi validate -",
      "",
      "Exit status: 0 it can be built, 2 it cannot.",
    })
final class ValidateCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(
      paramLabel = "FILE",
      description =
          "YAML or JSON with a ZfsDiskImage, and the ConfigMaps and Secrets that it names; - is stdin.")
  private String file;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "How to say it (default: text).")
  private OutputForm output;

  ValidateCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws WrongInput {
    if (output == OutputForm.TEXT) {
      ResourceFile resource = ResourceFile.read(file, surroundings.in());
      surroundings
          .out()
          .out()
          .println(
              "%s: %s is valid (revision %s)"
                  .formatted(resource.name(), resource.recipe().name(), resource.recipe().hash()));
      return 0;
    }
    JsonLines lines = surroundings.jsonLines();
    try {
      ResourceFile resource = ResourceFile.read(file, surroundings.in());
      lines.write(
          "result",
          line ->
              line.put("valid", true)
                  .put("name", resource.recipe().name())
                  .put("revision", resource.recipe().hash()));
      return 0;
    } catch (WrongInput wrong) {
      wrong.problems().write(lines);
      lines.write(
          "result",
          line -> line.put("valid", false).put("problems", wrong.problems().problems().size()));
      return Zdi.WRONG_INPUT;
    }
  }
}
