package dev.zfsdiskimage.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.zfsdiskimage.api.ZfsDiskImage;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDGenerator.AbstractCRDOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The CRD as the resource's types make it today, with what fabric8's generator has no annotation
 * for.
 */
public final class GeneratedCrd {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .build();

  /** Lists that are maps, and the field that is their key. */
  private static final Map<String, String> KEYED_LISTS =
      Map.of(
          "/properties/spec/properties/root/properties/datasets", "name",
          "/properties/status/properties/conditions", "type");

  private static final List<String> COLUMNS =
      List.of("Ready", "Phase", "Step", "Format", "Size", "Age");

  private GeneratedCrd() {}

  static String text() {
    try {
      return YAML.writeValueAsString(tree());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The CRD. */
  public static ObjectNode tree() {
    var output = new InMemory();
    new CRDGenerator()
        .customResourceClasses(ZfsDiskImage.class)
        .forCRDVersions("v1")
        .withOutput(output)
        .generate();
    try {
      ObjectNode crd = (ObjectNode) YAML.readTree(output.bytes.toString(StandardCharsets.UTF_8));
      ObjectNode version = (ObjectNode) crd.at("/spec/versions/0");
      sortColumns((ArrayNode) version.get("additionalPrinterColumns"));
      ObjectNode schema = (ObjectNode) version.at("/schema/openAPIV3Schema");
      wholeNumbers(schema);
      rulesOnce(schema);
      KEYED_LISTS.forEach((path, key) -> keyed((ObjectNode) schema.at(path), key));
      describeRoot(schema);
      return crd;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void sortColumns(ArrayNode columns) {
    List<JsonNode> sorted = new ArrayList<>();
    columns.forEach(sorted::add);
    sorted.sort(Comparator.comparingInt(column -> COLUMNS.indexOf(column.get("name").asText())));
    sorted.forEach(column -> ((ObjectNode) column).remove("priority"));
    columns.removeAll().addAll(sorted);
  }

  /** The generator writes bounds of whole numbers as fractions. */
  private static void wholeNumbers(ObjectNode schema) {
    for (String bound : List.of("minimum", "maximum")) {
      if (schema.path(bound).isNumber()) {
        schema.put(bound, schema.get(bound).longValue());
      }
    }
    children(schema).forEach(GeneratedCrd::wholeNumbers);
  }

  /** The generator writes the rules on a record's component twice. */
  private static void rulesOnce(ObjectNode schema) {
    if (schema.get("x-kubernetes-validations") instanceof ArrayNode rules) {
      Set<JsonNode> once = new LinkedHashSet<>();
      rules.forEach(once::add);
      rules.removeAll().addAll(once);
    }
    children(schema).forEach(GeneratedCrd::rulesOnce);
  }

  private static void keyed(ObjectNode list, String key) {
    list.put("x-kubernetes-list-type", "map");
    list.putArray("x-kubernetes-list-map-keys").add(key);
  }

  private static void describeRoot(ObjectNode schema) {
    schema.put(
        "description",
        "An operating system on ZFS, to be built as the images of a boot disk and a root disk.");
    schema.putArray("required").add("spec");
    ObjectNode properties = (ObjectNode) schema.get("properties");
    ((ObjectNode) properties.get("spec")).put("description", "What to build.");
    ((ObjectNode) properties.get("status")).put("description", "What is true of the build.");
    ObjectNode metadata = properties.putObject("metadata").put("type", "object");
    metadata
        .putObject("properties")
        .putObject("name")
        .put("type", "string")
        .put("maxLength", ZfsDiskImage.NAME_LENGTH)
        .put("pattern", ZfsDiskImage.NAME_PATTERN);
  }

  private static List<ObjectNode> children(ObjectNode schema) {
    List<ObjectNode> children = new ArrayList<>();
    schema.path("properties").forEach(child -> children.add((ObjectNode) child));
    for (String name : List.of("items", "additionalProperties")) {
      if (schema.get(name) instanceof ObjectNode child) {
        children.add(child);
      }
    }
    return children;
  }

  private static final class InMemory extends AbstractCRDOutput<OutputStream> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    protected OutputStream createStreamFor(String crdName) {
      return bytes;
    }
  }
}
