package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

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

  private static void assertSame(Map<String, JsonNode> base, Map<String, JsonNode> chart) {
    assertThat(base.keySet()).isEqualTo(chart.keySet());
    chart.forEach((name, object) -> assertThat(base.get(name)).as(name).isEqualTo(object));
  }

  private static List<ObjectNode> build(String base) throws IOException {
    Optional<Program.Result> version = Program.run("kubectl", "version", "--client", "-o", "json");
    // Kustomize before 4.2 has no replacements; kubectl names its version from then on.
    boolean able = version.isPresent() && version.get().output().contains("kustomizeVersion");
    if (!able) {
      System.err.println(
          "NOT CHECKED: no kubectl with kustomize 4.2 or newer is here (Debian 13:"
              + " kubernetes-client), so the kustomize bases are not held against the chart");
    }
    assumeTrue(able, "no kubectl with kustomize 4.2 or newer is here");
    Program.Result built =
        Program.run("kubectl", "kustomize", BASES.resolve(base).toString()).orElseThrow();
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
    return copy;
  }
}
