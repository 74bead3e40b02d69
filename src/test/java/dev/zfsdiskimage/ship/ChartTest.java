package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.kubernetes.cluster.ObjectSchemas;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart as Helm renders it, for a tour of values files. */
class ChartTest {
  private static final Path TOUR = Path.of("src/test/resources/helm");

  /** Kinds of the Prometheus Operator; its schemas are not among those of Kubernetes. */
  private static final Set<String> WITHOUT_SCHEMA = Set.of("PodMonitor", "PrometheusRule");

  static Stream<Path> tour() throws IOException {
    try (Stream<Path> folders = Files.list(TOUR)) {
      return folders.map(folder -> folder.resolve("values.yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("tour")
  void renderedObjectsAreTheOnesReviewed(Path values) throws IOException {
    // The CRD and the dashboard are long and equal to their originals; other tests hold that.
    String reviewed =
        Stream.of(Chart.text(values).split("(?m)^---\n"))
            .filter(document -> !document.isBlank())
            .filter(document -> !document.contains("\nkind: CustomResourceDefinition\n"))
            .map(
                document -> document.replaceAll("(?s)(zfs-disk-image.json: \\|-\n).*", "$1    …\n"))
            .reduce("", (all, document) -> all + "---\n" + document.stripTrailing() + "\n");

    Golden.assertSame(values.resolveSibling("rendered.yaml"), reviewed);
  }

  @ParameterizedTest
  @MethodSource("tour")
  void everyObjectHoldsTheSchemasOfKubernetes(Path values) {
    Optional<ObjectSchemas> schemas = ObjectSchemas.read();
    assumeTrue(schemas.isPresent(), "the schemas of Kubernetes are not here");

    assertThat(Chart.objects(values))
        .isNotEmpty()
        .filteredOn(object -> !WITHOUT_SCHEMA.contains(object.path("kind").asText()))
        .allSatisfy(object -> assertThat(schemas.get().problems(object)).isEmpty());
  }

  @ParameterizedTest
  @MethodSource("tour")
  void podsAreRestricted(Path values) {
    JsonNode pod = one(Chart.objects(values), "Deployment").at("/spec/template/spec");

    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    for (String never : List.of("hostNetwork", "hostPID", "hostIPC")) {
      assertThat(pod.has(never)).as(never).isFalse();
    }
    for (JsonNode container : pod.path("containers")) {
      JsonNode context = container.path("securityContext");
      assertThat(context.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
      assertThat(context.path("readOnlyRootFilesystem").asBoolean()).isTrue();
      assertThat(context.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
      assertThat(context.has("privileged")).isFalse();
    }
  }

  @Test
  void installedCrdIsTheCommittedOne() {
    ObjectNode installed = one(Chart.objects(), "CustomResourceDefinition");
    ObjectNode committed = YamlFiles.read(Path.of(ResourceSchema.CRD));

    assertThat(installed.at("/metadata/annotations/helm.sh~1resource-policy").asText())
        .isEqualTo("keep");
    assertThat(installed.path("spec")).isEqualTo(committed.path("spec"));
    assertThat(installed.at("/metadata/name")).isEqualTo(committed.at("/metadata/name"));
  }

  @Test
  void operatorMayDoWhatTheOneListSays() {
    JsonNode listed = YamlFiles.read(Path.of("operator/kustomize/base/role.yaml")).path("rules");

    assertThat(one(Chart.objects(), "ClusterRole").path("rules")).isEqualTo(listed);
    assertThat(Chart.objects(values("namespaced")))
        .filteredOn(
            object ->
                object.path("kind").asText().equals("Role")
                    && object.at("/metadata/name").asText().equals(Chart.RELEASE))
        .extracting(object -> object.path("rules"))
        .hasSize(2)
        .containsOnly(listed);
  }

  @Test
  void operatorMayReadSecretsOnlyIfItIsTold() {
    List<ObjectNode> objects = Chart.objects(values("secrets"));
    List<JsonNode> added = new ArrayList<>();
    one(objects, "ClusterRole").path("rules").forEach(added::add);
    one(Chart.objects(), "ClusterRole").path("rules").forEach(added::remove);

    assertThat(added)
        .singleElement()
        .satisfies(
            rule ->
                assertThat(rule.toString())
                    .isEqualTo(
                        "{\"apiGroups\":[\"\"],\"resources\":[\"secrets\"],\"verbs\":[\"list\",\"watch\"]}"));
    assertThat(environment(objects, "ZDI_WATCH_SECRETS")).isEqualTo("true");
    assertThat(environment(Chart.objects(), "ZDI_WATCH_SECRETS")).isEqualTo("false");
  }

  @Test
  void namespacedOperatorHasNoRightsOutsideOfItsNamespaces() {
    List<ObjectNode> objects = Chart.objects(values("namespaced"));

    assertThat(objects)
        .filteredOn(object -> object.at("/metadata/namespace").isMissingNode())
        .extracting(object -> object.path("kind").asText())
        .isEmpty();
    assertThat(environment(objects, "ZDI_WATCH_NAMESPACES")).isEqualTo("images,more-images");
  }

  @Test
  void dashboardIsTheShippedOne() throws IOException {
    JsonNode installed = one(Chart.objects(values("monitored")), "ConfigMap");

    ObjectMapper json = new ObjectMapper();
    assertThat(json.readTree(installed.at("/data/zfs-disk-image.json").asText()))
        .isEqualTo(json.readTree(Path.of("operator/monitoring/dashboard.json").toFile()));
  }

  @Test
  void alertsAreTheShippedOnesWithWholeRunbookAddresses() {
    JsonNode installed = one(Chart.objects(values("monitored")), "PrometheusRule");
    ObjectNode shipped = YamlFiles.read(Path.of("operator/monitoring/alerts.yaml"));
    for (JsonNode alert : shipped.at("/spec/groups/0/rules")) {
      ObjectNode annotations = (ObjectNode) alert.path("annotations");
      annotations.put(
          "runbook_url",
          "https://git.example.com/zdi/blob/v0.1.0/" + annotations.path("runbook_url").asText());
    }

    assertThat(installed.path("spec")).isEqualTo(shipped.path("spec"));
  }

  @Test
  void digestWinsOverTag() {
    List<ObjectNode> objects = Chart.objects(values("digests"));

    assertThat(one(objects, "Deployment").at("/spec/template/spec/containers/0/image").asText())
        .isEqualTo("registry.example.com/zfs/zfs-disk-image-operator@sha256:" + "a".repeat(64));
    assertThat(environment(objects, "ZDI_BUILDER_IMAGE"))
        .isEqualTo("registry.example.com/zfs/zfs-disk-image-builder@sha256:" + "b".repeat(64));
    assertThat(environment(objects, "ZDI_TOOLS_IMAGE"))
        .isEqualTo("registry.example.com/zfs/zfs-disk-image-tools:stable");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replica: 2",
        "replicas: two",
        "builds: {max: 0}",
        "builds: {filesystemOverhead: 1}",
        "builds: {parallel: 3}",
        "images: {pullPolicy: Sometimes}",
        "images: {operator: {digest: latest}}",
        "images: {operator: {tag: \"a tag\"}}",
        "watchNamespaces: images",
        "watchNamespaces: [Images]",
        "crds: {install: true}",
        "extraEnv: [{value: x}]",
        "networkPolicy: {apiServerPorts: [https]}",
        "metrics: {podMonitor: {interval: often}}",
        "metrics: {prometheusRule: {runbookBase: \"git.example.com\"}}",
        "tolerations: [{effect: Whatever}]",
      })
  void wrongValueIsRefusedByName(String wrong, @TempDir Path folder) throws IOException {
    Path values = Files.writeString(folder.resolve("values.yaml"), wrong);

    String field = wrong.substring(0, wrong.indexOf(':'));
    assertThatThrownBy(() -> Chart.text(values))
        .hasMessageContaining("values don't meet the specifications of the schema")
        .hasMessageContaining(field);
  }

  @Test
  void lintFindsNothing() {
    assertThat(Chart.lint().isFailed()).as(Chart.lint().getMessages().toString()).isFalse();
    assertThat(Chart.lint().getMessages())
        .noneMatch(message -> message.contains("[WARNING]") || message.contains("[ERROR]"));
  }

  @ParameterizedTest
  @MethodSource("tour")
  void notesTellTheNextCommand(Path values) throws IOException {
    String notes = Chart.notes(values);
    String operator = one(Chart.objects(values), "Deployment").at("/metadata/name").asText();

    assertThat(notes)
        .contains("rollout status deployment/" + operator)
        .contains("--for=condition=Ready");
    List<String> named = new ArrayList<>();
    var sample = Pattern.compile("-f (\\S+)").matcher(notes);
    while (sample.find()) {
      named.add(sample.group(1));
    }
    assertThat(named).isNotEmpty().allSatisfy(file -> assertThat(Path.of(file)).isRegularFile());
    Golden.assertSame(values.resolveSibling("notes.txt"), notes.stripTrailing() + "\n");
  }

  private static Path values(String folder) {
    return TOUR.resolve(folder).resolve("values.yaml");
  }

  private static ObjectNode one(List<ObjectNode> objects, String kind) {
    return objects.stream()
        .filter(object -> object.path("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind));
  }

  private static String environment(List<ObjectNode> objects, String name) {
    for (JsonNode variable :
        one(objects, "Deployment").at("/spec/template/spec/containers/0/env")) {
      if (variable.path("name").asText().equals(name)) {
        return variable.path("value").asText();
      }
    }
    throw new AssertionError("no " + name);
  }
}
