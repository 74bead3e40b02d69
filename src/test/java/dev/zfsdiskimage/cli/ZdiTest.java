package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.zfsdiskimage.local.LocalHost;
import dev.zfsdiskimage.local.SearchPath;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZdiTest {
  private static final String GOOD =
      """
      apiVersion: zfsdiskimage.dev/v1alpha1
      kind: ZfsDiskImage
      metadata: {name: small}
      spec:
        boot: {size: 64Mi}
        root:
          size: 256Mi
          datasets:
            - {name: tank/root, mount: /}
        install:
          script: {inline: "touch /mnt/here\\n"}
      """;

  private final Screens out = new Screens();
  private final Screens err = new Screens();
  private String stdin = "";

  @TempDir private Path cache;

  private int zdi(String... arguments) {
    Surroundings surroundings =
        new Surroundings(
            new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)),
            out.terminal(80, true),
            err.terminal(80, true),
            new LocalHost(new SearchPath(List.of()), cache, Optional.empty()));
    return Zdi.commandLine(surroundings).execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "nonsense", "doctor --nonsense", "appliance nonsense", "doctor --output xml"})
  void endsWith2AndNamesTheHelpWhenTheCommandLineIsWrong(String line) {
    int status = zdi(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(status).isEqualTo(2);
    assertThat(err.written()).contains("Usage: zdi", "--help");
    assertThat(out.written()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "build --help",
        "validate --help",
        "render --help",
        "inspect --help",
        "boot --help",
        "doctor --help",
        "appliance --help"
      })
  void helpsOnStdoutAndEndsWith0(String line) {
    assertThat(zdi(line.split(" "))).isZero();
    assertThat(out.written()).startsWith("Usage: zdi");
    assertThat(out.written().lines()).allMatch(each -> each.length() <= 80);
  }

  @Test
  void namesItsRelease() {
    assertThat(zdi("--version")).isZero();
    assertThat(out.written()).startsWith("zdi ");
  }

  @Test
  void endsWith2AndTellsTheReasonAndTheRemedyWhenSomethingNamedIsNotThere() {
    int status = zdi("inspect", cache.resolve("nothing").toString());

    assertThat(status).isEqualTo(2);
    assertThat(err.written()).contains("ReferenceNotFound: ", "nothing has no manifest.json");
  }

  @Test
  void takesAGoodResourceFromStdin() {
    stdin = GOOD;

    assertThat(zdi("validate", "-")).isZero();
    assertThat(out.written()).contains("standard input: small is valid (revision ");
  }

  @Test
  void namesEveryProblemOfABadResourceAndEndsWith2() throws IOException {
    Path file = cache.resolve("bad.yaml");
    Files.writeString(file, GOOD.replace("mount: /", "mount: nix").replace("  boot:", "  bot:"));

    int status = zdi("validate", file.toString());

    assertThat(status).isEqualTo(2);
    assertThat(err.written())
        .contains(
            file + ":5: spec.bot: ",
            "did you mean boot?",
            file + ":9: spec.root.datasets[0].mount: ",
            " problems in " + file);
    assertThat(out.written()).isEmpty();
  }

  @Test
  void tellsProgramsOfProblemsOnStdout() {
    stdin = GOOD.replace("mount: /", "mount: nix");

    assertThat(zdi("validate", "-", "--output", "json")).isEqualTo(2);
    assertThat(out.written().lines())
        .anyMatch(line -> line.contains("\"field\":\"spec.root.datasets[0].mount\""))
        .last()
        .asString()
        .startsWith("{\"event\":\"result\",\"valid\":false,");
    assertThat(err.written()).isEmpty();
  }

  @Test
  void buildsNothingOfABadResource() {
    stdin = GOOD.replace("mount: /", "mount: nix");
    Path directory = cache.resolve("out");

    assertThat(zdi("build", "-", "-o", directory.toString())).isEqualTo(2);
    assertThat(directory).doesNotExist();
  }

  @Test
  void saysThatTheFileIsNotThere() {
    assertThat(zdi("validate", "nothing.yaml")).isEqualTo(2);
    assertThat(err.written()).contains("nothing.yaml: there is no such file");
  }

  @Test
  void rendersTheCommandsStepByStep() {
    stdin = GOOD;

    assertThat(zdi("render", "-")).isZero();
    assertThat(out.written()).contains("# pool", "zpool create ", "# export", "zpool export tank");
  }

  @Test
  void rendersTheFilesThatTheBuilderVmIsGiven() {
    stdin = GOOD;

    assertThat(zdi("render", "-", "--what", "config")).isZero();
    assertThat(out.written())
        .contains("main.sh  ", "pool.args  ", "  ashift=12", "  touch /mnt/here")
        .doesNotContain("# pool");
  }

  @Test
  void rendersTheObjectsThatAnOperatorMakes() throws IOException {
    stdin = GOOD;

    assertThat(zdi("render", "-", "--what", "objects")).isZero();
    List<String> kinds = new ArrayList<>();
    try (MappingIterator<JsonNode> objects =
        new YAMLMapper().readerFor(JsonNode.class).readValues(out.written())) {
      objects.forEachRemaining(object -> kinds.add(object.path("kind").asText()));
    }
    assertThat(kinds)
        .containsExactly(
            "PersistentVolumeClaim",
            "PersistentVolumeClaim",
            "ConfigMap",
            "Job",
            "VirtualMachineInstance",
            "ConfigMap",
            "VirtualMachineInstance",
            "Job");
  }

  @Test
  void rendersNoObjectsForWhatAnOperatorRefuses() {
    stdin =
        """
        apiVersion: zfsdiskimage.dev/v1alpha1
        kind: ZfsDiskImage
        metadata: {name: web}
        spec: {install: {debian: {packages: [nginx]}}}
        """;

    assertThat(zdi("render", "-", "--what", "objects")).isEqualTo(2);
    assertThat(err.written()).contains("spec.install.debian");
  }

  @Test
  void writesTheConfigDiskIntoAFolder() {
    stdin = GOOD;
    Path folder = cache.resolve("config");

    assertThat(zdi("render", "-", "--to", folder.toString())).isZero();
    assertThat(folder.resolve("main.sh")).isNotEmptyFile();
    assertThat(folder.resolve("pool.args")).content().contains("ashift=12").endsWith("tank\0");
  }
}
