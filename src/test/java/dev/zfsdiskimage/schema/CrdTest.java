package dev.zfsdiskimage.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class CrdTest {
  private static final Path COMMITTED = Path.of(ResourceSchema.CRD);

  @Test
  void committedCrdIsTheOneThatTheTypesMake() throws IOException {
    String generated = GeneratedCrd.text();
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(COMMITTED.getParent());
      Files.writeString(COMMITTED, generated);
    }

    assertThat(Files.exists(COMMITTED) ? Files.readString(COMMITTED) : "")
        .as(
            COMMITTED
                + " is stale; regenerate it with: ./mvnw test -Dtest=CrdTest -Dgolden.update=true")
        .isEqualTo(generated);
  }

  @Test
  void everyFieldSaysWhatItMeans() {
    List<String> silent = new ArrayList<>();
    eachField(
        (path, schema) -> {
          if (!schema.path("description").asText().endsWith(".")) {
            silent.add(path);
          }
        });

    assertThat(silent).as("fields without a description").isEmpty();
  }

  @Test
  void everyTextListAndMapHasABound() {
    List<String> boundless = new ArrayList<>();
    eachField(
        (path, schema) -> {
          boolean bounded =
              switch (schema.path("type").asText()) {
                case "string" ->
                    schema.has("maxLength") || schema.has("enum") || schema.has("pattern");
                case "array" -> schema.has("maxItems");
                case "object" -> schema.has("properties") || schema.has("maxProperties");
                case "integer" -> schema.has("minimum");
                default -> true;
              };
          if (!bounded) {
            boundless.add(path);
          }
        });

    assertThat(boundless).as("fields without a bound").isEmpty();
  }

  @Test
  void everyRuleHasAMessageWithARemedy() {
    List<String> mute = new ArrayList<>();
    eachField(
        (path, schema) ->
            schema
                .path("x-kubernetes-validations")
                .forEach(
                    rule -> {
                      if (!rule.path("message").asText().contains("; ")) {
                        mute.add(path + ": " + rule.path("rule").asText());
                      }
                    }));

    assertThat(mute).as("rules without a remedy").isEmpty();
  }

  private static void eachField(BiConsumer<String, JsonNode> visitor) {
    ObjectNode crd = GeneratedCrd.tree();
    visit("", crd.at("/spec/versions/0/schema/openAPIV3Schema"), visitor);
  }

  private static void visit(String path, JsonNode schema, BiConsumer<String, JsonNode> visitor) {
    if (path.startsWith("metadata")) {
      return;
    }
    visitor.accept(path, schema);
    schema
        .path("properties")
        .properties()
        .forEach(
            entry ->
                visit(
                    path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                    entry.getValue(),
                    visitor));
    JsonNode items = schema.path("items");
    if (items.has("properties")) {
      items
          .get("properties")
          .properties()
          .forEach(entry -> visit(path + "[]." + entry.getKey(), entry.getValue(), visitor));
    }
  }
}
