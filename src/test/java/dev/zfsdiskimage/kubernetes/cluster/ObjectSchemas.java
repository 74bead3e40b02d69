package dev.zfsdiskimage.kubernetes.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The real schemas of Kubernetes and KubeVirt. An API server drops unknown fields without a word;
 * here they are an error. The schemas are data beside the checkout and not part of it.
 */
public final class ObjectSchemas {
  private static final Path FOLDER =
      Path.of(Optional.ofNullable(System.getenv("ZDI_SCHEMAS")).orElse("../shared"));
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(VersionFlag.V7);

  private final Map<String, JsonSchema> byKind = new HashMap<>();

  private ObjectSchemas() {}

  /** Empty, with a loud word, where the schemas are not there. */
  public static Optional<ObjectSchemas> read() {
    Path kubernetes = FOLDER.resolve("kubernetes-1.36-schemas/definitions.json");
    Path kubevirt = FOLDER.resolve("kubevirt-1.9.0-crds");
    if (!Files.isReadable(kubernetes) || !Files.isDirectory(kubevirt)) {
      System.err.println(
          "NOT CHECKED: objects are not held against the schemas of Kubernetes and KubeVirt, for "
              + FOLDER.toAbsolutePath().normalize()
              + " does not hold them; set ZDI_SCHEMAS");
      return Optional.empty();
    }
    ObjectSchemas schemas = new ObjectSchemas();
    try {
      schemas.addKubernetes(JSON.readTree(kubernetes.toFile()));
      try (var files = Files.list(kubevirt)) {
        for (Path file : files.toList()) {
          schemas.addCrd(new YAMLMapper().readTree(file.toFile()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Optional.of(schemas);
  }

  /** What is wrong with the object; a kind without a schema is wrong too. */
  public Set<String> problems(JsonNode object) {
    String kind = object.path("apiVersion").asText() + "/" + object.path("kind").asText();
    JsonSchema schema = byKind.get(kind);
    if (schema == null) {
      return Set.of("there is no schema for " + kind);
    }
    Set<String> problems = new TreeSet<>();
    for (ValidationMessage message : schema.validate(object)) {
      problems.add(kind + " " + message.getMessage());
    }
    return problems;
  }

  private void addKubernetes(JsonNode document) {
    ObjectNode definitions =
        document.has("definitions")
            ? (ObjectNode) document.get("definitions")
            : (ObjectNode) document;
    definitions.forEach(ObjectSchemas::close);
    // These are a number or a text, and the schema says text.
    for (String open :
        List.of(
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
            "io.k8s.apimachinery.pkg.api.resource.Quantity")) {
      if (definitions.has(open)) {
        definitions.set(open, JSON.createObjectNode());
      }
    }
    definitions
        .properties()
        .forEach(
            entry -> {
              for (JsonNode kind : entry.getValue().path("x-kubernetes-group-version-kind")) {
                ObjectNode schema = JSON.createObjectNode();
                schema.set("definitions", definitions);
                schema.put("$ref", "#/definitions/" + entry.getKey());
                String group = kind.path("group").asText();
                String version = kind.path("version").asText();
                String apiVersion = group.isEmpty() ? version : group + "/" + version;
                String name = apiVersion + "/" + kind.path("kind").asText();
                if (WANTED.contains(name)) {
                  byKind.put(name, FACTORY.getSchema(schema));
                }
              }
            });
  }

  private static final Set<String> WANTED =
      Set.of(
          "v1/PersistentVolumeClaim",
          "v1/ConfigMap",
          "v1/Event",
          "v1/Namespace",
          "v1/Secret",
          "v1/Service",
          "v1/ServiceAccount",
          "batch/v1/Job",
          "apps/v1/Deployment",
          "policy/v1/PodDisruptionBudget",
          "networking.k8s.io/v1/NetworkPolicy",
          "rbac.authorization.k8s.io/v1/Role",
          "rbac.authorization.k8s.io/v1/RoleBinding",
          "rbac.authorization.k8s.io/v1/ClusterRole",
          "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
          "apiextensions.k8s.io/v1/CustomResourceDefinition");

  private void addCrd(JsonNode crd) {
    String group = crd.at("/spec/group").asText();
    String kind = crd.at("/spec/names/kind").asText();
    for (JsonNode version : crd.at("/spec/versions")) {
      ObjectNode schema = version.at("/schema/openAPIV3Schema").deepCopy();
      ObjectNode properties = schema.withObjectProperty("properties");
      properties.set("metadata", JSON.createObjectNode().put("type", "object"));
      close(schema);
      byKind.put(
          group + "/" + version.path("name").asText() + "/" + kind, FACTORY.getSchema(schema));
    }
  }

  /** A structural schema prunes what it does not name. */
  private static void close(JsonNode node) {
    if (!(node instanceof ObjectNode schema)) {
      return;
    }
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      schema.removeAll();
      return;
    }
    if (schema.has("properties")) {
      if (!schema.has("additionalProperties")
          && !schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
        schema.put("additionalProperties", false);
      }
      schema.get("properties").forEach(ObjectSchemas::close);
    }
    close(schema.path("items"));
    close(schema.path("additionalProperties"));
    // Formats are Kubernetes' own (int32, quantity) and not JSON schema's.
    schema.remove("format");
  }
}
