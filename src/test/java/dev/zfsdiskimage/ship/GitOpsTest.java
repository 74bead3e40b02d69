package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.kubernetes.cluster.ObjectSchemas;
import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples for GitOps controllers and pipelines. */
class GitOpsTest {
  private static final Path FOLDER = Path.of("operator/gitops");
  private static final ResourceSchema SCHEMA = ResourceSchema.load();

  /** Kinds of Argo CD, Flux and Tekton; their schemas are not among those of Kubernetes. */
  private static final Set<String> WITHOUT_SCHEMA =
      Set.of("Application", "GitRepository", "Kustomization", "Task");

  static Stream<Path> samples() throws IOException {
    List<Path> samples = new ArrayList<>();
    for (Path folder : List.of(Path.of("operator/samples"), FOLDER.resolve("pipeline"))) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.filter(file -> file.toString().endsWith(".yaml")).sorted().forEach(samples::add);
      }
    }
    return samples.stream().filter(file -> !resources(file).isEmpty());
  }

  @Test
  void everyObjectIsWhatItsApiTakes() throws IOException {
    Optional<ObjectSchemas> schemas = ObjectSchemas.read();
    assumeTrue(schemas.isPresent(), "the schemas of Kubernetes and KubeVirt are not here");
    List<Path> files;
    try (Stream<Path> all = Files.walk(FOLDER)) {
      files = all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      assertThat(YamlFiles.readAll(file))
          .isNotEmpty()
          .filteredOn(object -> !WITHOUT_SCHEMA.contains(object.path("kind").asText()))
          .filteredOn(object -> !object.path("kind").asText().equals(ZfsDiskImage.KIND))
          .allSatisfy(
              object -> assertThat(schemas.get().problems(object)).as(file.toString()).isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void resourceAppliedTwiceShowsNoDrift(Path sample) throws IOException {
    assertThat(resources(sample))
        .allSatisfy(
            applied -> {
              ObjectNode stored = SCHEMA.withDefaults(applied);

              assertThat(SCHEMA.problems(stored)).extracting(Problem::describe).isEmpty();
              assertThat(holds(stored, applied)).as("all is stored as it was applied").isTrue();
              assertThat(SCHEMA.withDefaults(stored))
                  .as("defaults of what has them")
                  .isEqualTo(stored);
            });
  }

  @ParameterizedTest
  @MethodSource("samples")
  void operatorKnowsEveryFieldThatIsStored(Path sample) {
    ObjectMapper json = new ObjectMapper();
    assertThat(resources(sample))
        .map(SCHEMA::withDefaults)
        .allSatisfy(
            stored -> {
              ZfsDiskImage read = json.treeToValue(stored, ZfsDiskImage.class);
              JsonNode written = json.valueToTree(read.getSpec());
              assertThat(written).isEqualTo(stored.path("spec"));
            });
  }

  @Test
  void driftIsSeen() {
    ObjectNode applied = resources(Path.of("operator/samples/minimal.yaml")).get(0);
    ObjectNode stored = SCHEMA.withDefaults(applied);
    stored.withObject("/spec/install/script").put("inline", "normalized");

    assertThat(holds(stored, applied)).isFalse();
  }

  @Test
  void taskRunsTheProgramBesideIt() throws IOException {
    JsonNode task = YamlFiles.read(FOLDER.resolve("tekton/apply-and-wait.yaml"));

    assertThat(task.at("/spec/steps/0/script").asText())
        .isEqualTo(Files.readString(FOLDER.resolve("tekton/apply-and-wait")));
  }

  @Test
  void taskEndsWellWhenTheImageIsReady(@TempDir Path folder) throws IOException {
    Program.Result result = applyAndWait(folder, "Ready");

    assertThat(result.status()).as(result.errors()).isZero();
    assertThat(folder.resolve("boot-claim")).hasContent("web-1-boot");
    assertThat(folder.resolve("root-claim")).hasContent("web-1-root");
  }

  @Test
  void taskFailsAtOnceWithTheReasonWhenTheBuildHasFailed(@TempDir Path folder) throws IOException {
    Program.Result result = applyAndWait(folder, "Stalled");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.errors()).contains("raise spec.root.size").contains("last words");
    assertThat(folder.resolve("root-claim")).doesNotExist();
  }

  @Test
  void taskFailsWhenTheTimeIsOver(@TempDir Path folder) throws IOException {
    Program.Result result = applyAndWait(folder, "neither");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.errors()).contains("is not Ready");
  }

  /** With a kubectl whose resource is, or never becomes, what {@code state} says. */
  private static Program.Result applyAndWait(Path folder, String state) throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path kubectl =
        Files.writeString(
            bin.resolve("kubectl"),
            """
            #!/usr/bin/env bash
            set -euo pipefail
            case $* in
              "apply --server-side --field-manager=apply-and-wait -f web.yaml") ;;
              "wait --for=condition=$STATE --timeout=2h "*) ;;
              "wait "*) if [ "$STATE" = neither ]; then exit 1; else exec tail -f /dev/null; fi ;;
              *Ready*status*) if [ "$STATE" = Ready ]; then printf True; else printf False; fi ;;
              *Ready*message*) printf 'full; to remedy: raise spec.root.size' ;;
              *console*) printf 'last words' ;;
              *boot.claim*) printf web-1-boot ;;
              *root.claim*) printf web-1-root ;;
              *) echo "kubectl does not know: $*" >&2; exit 1 ;;
            esac
            """);
    assertThat(kubectl.toFile().setExecutable(true)).isTrue();
    return Program.run(
            "env",
            "PATH=" + bin + ":" + System.getenv("PATH"),
            "STATE=" + state,
            FOLDER.resolve("tekton/apply-and-wait").toAbsolutePath().toString(),
            "web.yaml",
            "web",
            "2h",
            folder.toString())
        .orElseThrow();
  }

  private static List<ObjectNode> resources(Path file) {
    return YamlFiles.readAll(file).stream()
        .filter(object -> object.path("kind").asText().equals(ZfsDiskImage.KIND))
        .toList();
  }

  /** Whether {@code all} has every field of {@code part} with the same value. */
  private static boolean holds(JsonNode all, JsonNode part) {
    if (part.isObject()) {
      return part.properties().stream()
          .allMatch(
              field -> all.has(field.getKey()) && holds(all.get(field.getKey()), field.getValue()));
    }
    if (part.isArray() && all.size() == part.size()) {
      for (int index = 0; index < part.size(); index++) {
        if (!holds(all.get(index), part.get(index))) {
          return false;
        }
      }
      return true;
    }
    return all.equals(part);
  }
}
