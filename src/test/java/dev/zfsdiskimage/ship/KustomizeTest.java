package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kustomize bases make what the chart makes. */
class KustomizeTest {
  private static final Path BASES = Path.of("operator/kustomize");

  @Test
  void clusterBaseIsTheChartWithItsDefaults() throws IOException {
    Map<String, JsonNode> base = byName(build("cluster"));

    // Helm makes the namespace itself, with --create-namespace.
    assertThat(base.remove("Namespace/" + Chart.NAMESPACE + " in ")).isNotNull();
    assertSame(base, byName(Chart.objects()));
  }

  @Test
  void namespacedBaseIsTheChartForItsOwnNamespace() throws IOException {
    Map<String, JsonNode> base = byName(build("namespaced"));

    assertSame(base, byName(Chart.objectsIn("images", Path.of("helm/examples/namespaced.yaml"))));
  }

  /** As an administrator writes it, in a folder of their own. */
  @ParameterizedTest
  @ValueSource(strings = {"cluster", "namespaced"})
  void componentThatWatchesSecretsIsTheChartThatDoes(String variant, @TempDir Path own)
      throws IOException {
    Path bases = own.toRealPath().relativize(BASES.toRealPath());
    Files.writeString(
        own.resolve("kustomization.yaml"),
        "resources: [%s]\ncomponents: [%s]\n"
            .formatted(bases.resolve(variant), bases.resolve("watch-secrets")));
    Path values = own.resolve("values.yaml");
    boolean namespaced = variant.equals("namespaced");
    Files.writeString(
        values,
        namespaced
            ? Files.readString(Path.of("helm/examples/namespaced.yaml"))
                .replace("rbac: {", "rbac: {watchSecrets: true, ")
            : "rbac: {watchSecrets: true}\n");

    Map<String, JsonNode> base = byName(kustomize(own));

    base.remove("Namespace/" + Chart.NAMESPACE + " in ");
    assertSame(
        base, byName(namespaced ? Chart.objectsIn("images", values) : Chart.objects(values)));
  }

  private static void assertSame(Map<String, JsonNode> base, Map<String, JsonNode> chart) {
    assertThat(base.keySet()).isEqualTo(chart.keySet());
    chart.forEach((name, object) -> assertThat(base.get(name)).as(name).isEqualTo(object));
  }

  private static List<ObjectNode> build(String base) throws IOException {
    return kustomize(BASES.resolve(base));
  }

  private static List<ObjectNode> kustomize(Path folder) throws IOException {
    Optional<Program.Result> version = Program.run("kubectl", "version", "--client", "-o", "json");
    // Kustomize before 4.2 has no replacements; kubectl names its version from then on.
    boolean able = version.isPresent() && version.get().output().contains("kustomizeVersion");
    if (!able) {
      System.err.println(
          "NOT CHECKED: no kubectl with kustomize 4.2 or newer is here (Debian 13:"
              + " kubernetes-client), so the kustomize bases are not held against the chart");
    }
    assumeTrue(able, "no kubectl with kustomize 4.2 or newer is here");
    Program.Result built = Program.run("kubectl", "kustomize", folder.toString()).orElseThrow();
    assertThat(built.status()).as(built.errors()).isZero();
    assertThat(built.errors()).as("warnings").isEmpty();
    return YamlFiles.documents(built.output());
  }

  private static Map<String, JsonNode> byName(List<ObjectNode> objects) {
    Map<String, JsonNode> byName = new TreeMap<>();
    for (ObjectNode object : objects) {
      JsonNode metadata = object.path("metadata");
      String name =
          object.path("kind").asText()
              + "/"
              + metadata.path("name").asText()
              + " in "
              + metadata.path("namespace").asText();
      assertThat(byName.put(name, withoutHelm(object))).as("second %s", name).isNull();
    }
    return byName;
  }

  /** Without what tells Helm's objects from others. */
  private static JsonNode withoutHelm(JsonNode node) {
    JsonNode copy = node.deepCopy();
    for (String labels : List.of("/metadata/labels", "/spec/template/metadata/labels")) {
      if (copy.at(labels) instanceof ObjectNode object) {
        object.remove(List.of("app.kubernetes.io/managed-by", "helm.sh/chart"));
      }
    }
    if (copy.at("/metadata/annotations") instanceof ObjectNode annotations) {
      annotations.remove("helm.sh/resource-policy");
      if (annotations.isEmpty()) {
        ((ObjectNode) copy.path("metadata")).remove("annotations");
      }
    }
    // Their order means nothing, and a patch changes it.
    if (copy.at("/spec/template/spec/containers/0/env") instanceof ArrayNode variables) {
      List<JsonNode> sorted = new ArrayList<>();
      variables.forEach(sorted::add);
      sorted.sort(Comparator.comparing(variable -> variable.path("name").asText()));
      variables.removeAll().addAll(sorted);
    }
    return copy;
  }
}
