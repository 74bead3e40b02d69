package dev.zfsdiskimage.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.zfsdiskimage.api.ZfsDiskImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The schema without its CEL rules: types, required and unknown fields, patterns, bounds, enums and
 * lists keyed by a field.
 */
final class StructuralRules {
  /** A CRD's schema of metadata has no room for it. */
  private static final String NAME =
      "Name of the resource: at most "
          + ZfsDiskImage.NAME_LENGTH
          + " lower-case letters, digits and '-', with no '-' at its ends.";

  private final JsonNode schema;
  private final JsonSchema validator;

  StructuralRules(ObjectNode schema) {
    ObjectNode strict = schema.deepCopy();
    ObjectNode properties = (ObjectNode) strict.get("properties");
    properties.putObject("apiVersion").put("type", "string");
    properties.putObject("kind").put("type", "string");
    refuseUnknownFields(strict);
    ObjectNode metadata = properties.withObject("metadata");
    metadata.put("type", "object").remove("additionalProperties");
    metadata.withObject("properties").withObject("name").put("description", NAME);
    this.schema = strict;
    this.validator = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(strict);
  }

  List<Problem> problems(JsonNode resource) {
    List<Problem> problems = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (ValidationMessage message : validator.validate(resource)) {
      Problem problem = problem(message, resource);
      if (seen.add(problem.field())) {
        problems.add(problem);
      }
    }
    keyedLists(resource, schema, FieldPath.ROOT, problems);
    return problems;
  }

  private static void refuseUnknownFields(ObjectNode schema) {
    schema.path("properties").forEach(property -> refuseUnknownFields((ObjectNode) property));
    if (schema.get("items") instanceof ObjectNode items) {
      refuseUnknownFields(items);
    }
    if (schema.has("properties") && !schema.has("x-kubernetes-preserve-unknown-fields")) {
      schema.put("additionalProperties", false);
    }
  }

  private Problem problem(ValidationMessage message, JsonNode resource) {
    Place place = place(message.getInstanceLocation(), resource);
    String value = place.value.isValueNode() ? place.value.toString() : "";
    String field = place.path.text();
    String description = place.description;
    return switch (message.getType()) {
      case "additionalProperties" -> {
        String name = message.getProperty();
        Set<String> known = new TreeSet<>();
        place.schema.path("properties").fieldNames().forEachRemaining(known::add);
        yield Problem.invalid(
            place.path.field(name).text(),
            "",
            "is no field of this resource",
            Closest.to(name, known)
                .map(meant -> "did you mean " + meant + "?")
                .orElse("known here are " + String.join(", ", known)));
      }
      case "required" -> {
        String name = message.getProperty();
        String meaning = place.schema.path("properties").path(name).path("description").asText("");
        yield Problem.invalid(
            place.path.field(name).text(), "", "is missing", "add it: " + meaning);
      }
      case "type" ->
          Problem.invalid(
              field,
              value,
              "must be " + wanted(place.schema) + ", not " + found(place.value),
              typeRemedy(place));
      case "enum" -> {
        List<String> words = new ArrayList<>();
        place.schema.path("enum").forEach(word -> words.add(word.asText()));
        yield Problem.invalid(
            field,
            value,
            "is none of " + String.join(", ", words),
            Closest.to(place.value.asText(), words)
                .map(meant -> "did you mean " + meant + "?")
                .orElse("choose one of them"));
      }
      case "pattern" ->
          Problem.invalid(
              field,
              value,
              "does not have the form " + place.schema.path("pattern").asText(),
              description);
      case "minLength", "maxLength" ->
          Problem.invalid(
              field,
              value,
              bounds(
                  "has " + place.value.asText().length() + " characters", place.schema, "Length"),
              description);
      case "minItems", "maxItems" ->
          Problem.invalid(
              field,
              value,
              bounds("has " + place.value.size() + " entries", place.schema, "Items"),
              description);
      case "minProperties", "maxProperties" ->
          Problem.invalid(
              field,
              value,
              bounds("has " + place.value.size() + " entries", place.schema, "Properties"),
              description);
      case "minimum", "maximum" ->
          Problem.invalid(
              field, value, bounds("is out of bounds", place.schema, "imum"), description);
      default -> Problem.invalid(field, value, message.getMessage(), description);
    };
  }

  private static String bounds(String what, JsonNode schema, String suffix) {
    JsonNode least = schema.path("min" + suffix);
    JsonNode most = schema.path("max" + suffix);
    if (least.isMissingNode()) {
      return what + ", at most " + most.asText() + " are allowed";
    }
    if (most.isMissingNode()) {
      return what + ", at least " + least.asText() + " are needed";
    }
    return what + ", allowed are " + least.asText() + " to " + most.asText();
  }

  private static String typeRemedy(Place place) {
    if (place.schema.path("type").asText().equals("string") && place.value.isValueNode()) {
      return place.value.isNull()
          ? "write a text, or remove the field"
          : "put it in quotes (without them, YAML reads on, off, yes, no and digits as something else)";
    }
    if (place.value.isNull()) {
      return "give it a value, or remove the field";
    }
    return place.description;
  }

  private static String wanted(JsonNode schema) {
    return switch (schema.path("type").asText()) {
      case "string" -> "text";
      case "integer" -> "a whole number";
      case "number" -> "a number";
      case "boolean" -> "true or false";
      case "array" -> "a list";
      default -> "a map of fields";
    };
  }

  private static String found(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> "text";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case ARRAY -> "a list";
      case NULL -> "nothing";
      default -> "a map of fields";
    };
  }

  private static void keyedLists(
      JsonNode value, JsonNode schema, FieldPath path, List<Problem> problems) {
    JsonNode keys = schema.path("x-kubernetes-list-map-keys");
    if (value instanceof ArrayNode list) {
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < list.size(); i++) {
        JsonNode item = list.get(i);
        keyedLists(item, schema.path("items"), path.item(i), problems);
        for (JsonNode key : keys) {
          JsonNode name = item.path(key.asText());
          if (name.isTextual() && !seen.add(name.asText())) {
            problems.add(
                Problem.invalid(
                    path.item(i).field(key.asText()).text(),
                    name.toString(),
                    "is there twice",
                    "keep one of the two entries"));
          }
        }
      }
    } else if (value instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              entry ->
                  keyedLists(
                      entry.getValue(),
                      schema.path("properties").path(entry.getKey()),
                      path.field(entry.getKey()),
                      problems));
    }
  }

  private Place place(JsonNodePath location, JsonNode resource) {
    var place = new Place(FieldPath.ROOT, resource, schema, "");
    for (int i = 0; i < location.getNameCount(); i++) {
      Object element = location.getElement(i);
      place =
          element instanceof Integer index
              ? place.below(
                  place.path.item(index), place.value.path(index), place.schema.path("items"))
              : place.below(element.toString());
    }
    return place;
  }

  /**
   * One value of the resource, with the part of the schema that speaks of it.
   *
   * @param description of the field, or of the list or map that it is an entry of
   */
  private record Place(FieldPath path, JsonNode value, JsonNode schema, String description) {
    Place below(String name) {
      JsonNode properties = schema.path("properties");
      return below(
          path.field(name),
          value.path(name),
          properties.has(name) ? properties.get(name) : schema.path("additionalProperties"));
    }

    Place below(FieldPath path, JsonNode value, JsonNode schema) {
      return new Place(path, value, schema, schema.path("description").asText(description));
    }
  }
}
