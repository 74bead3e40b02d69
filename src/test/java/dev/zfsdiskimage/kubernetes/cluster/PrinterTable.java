package dev.zfsdiskimage.kubernetes.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Resources as rows, in the columns that the shipped CRD asks for: what {@code kubectl get} prints.
 */
final class PrinterTable {
  private static final Path CRD = Path.of("crds/zfsdiskimages.zfsdiskimage.dev.yaml");
  private static final Pattern STEP =
      Pattern.compile(
          "\\.(?<field>\\w+)(\\[\\?\\(@\\.(?<key>\\w+)==\"(?<value>\\w+)\"\\)\\]|(?<last>\\[-1:\\]))?");

  private final List<Column> columns = new ArrayList<>();

  private record Column(String name, String type, String path) {}

  PrinterTable() {
    columns.add(new Column("Name", "string", ".metadata.name"));
    try {
      JsonNode crd = new YAMLMapper().readTree(CRD.toFile());
      for (JsonNode column : crd.at("/spec/versions/0/additionalPrinterColumns")) {
        columns.add(
            new Column(
                column.get("name").asText(),
                column.get("type").asText(),
                column.get("jsonPath").asText()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The list as a {@code Table} of {@code meta.k8s.io/v1}. */
  ObjectNode of(ObjectNode list, Instant now) {
    ObjectNode table = list.objectNode();
    table.put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
    table.set("metadata", list.path("metadata"));
    ArrayNode definitions = table.putArray("columnDefinitions");
    for (Column column : columns) {
      definitions
          .addObject()
          .put("name", column.name())
          .put("type", column.type())
          .put("format", column.name().equals("Name") ? "name" : "")
          .put("description", "")
          .put("priority", 0);
    }
    ArrayNode rows = table.putArray("rows");
    for (JsonNode item : list.path("items")) {
      ObjectNode row = rows.addObject();
      ArrayNode cells = row.putArray("cells");
      columns.forEach(column -> cells.add(cell(item, column, now)));
      row.set("object", item);
    }
    return table;
  }

  private static String cell(JsonNode item, Column column, Instant now) {
    JsonNode value = item;
    Matcher steps = STEP.matcher(column.path());
    while (steps.find()) {
      value = value.path(steps.group("field"));
      if (steps.group("last") != null) {
        value = value.path(value.size() - 1);
      } else if (steps.group("key") != null) {
        value = matching(value, steps.group("key"), steps.group("value"));
      }
    }
    String text = value.asText("");
    return column.type().equals("date") && !text.isEmpty()
        ? age(Duration.between(Instant.parse(text), now))
        : text;
  }

  private static JsonNode matching(JsonNode list, String key, String value) {
    for (JsonNode each : list) {
      if (each.path(key).asText().equals(value)) {
        return each;
      }
    }
    return list.path("none");
  }

  private static String age(Duration age) {
    return age.toSeconds() < 120 ? age.toSeconds() + "s" : age.toMinutes() + "m";
  }
}
