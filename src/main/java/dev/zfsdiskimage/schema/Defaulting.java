package dev.zfsdiskimage.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An API server's defaulting: an absent field gets its default, and so does a null one; a field
 * that is given is left as it is, a map as a whole.
 */
final class Defaulting {
  private Defaulting() {}

  static ObjectNode of(ObjectNode resource, JsonNode schema) {
    ObjectNode copy = resource.deepCopy();
    fill(copy, schema);
    return copy;
  }

  private static void fill(JsonNode value, JsonNode schema) {
    if (value instanceof ObjectNode object) {
      schema
          .path("properties")
          .properties()
          .forEach(
              property -> {
                String name = property.getKey();
                JsonNode fallback = property.getValue().path("default");
                if (!object.hasNonNull(name) && !fallback.isMissingNode()) {
                  object.set(name, fallback.deepCopy());
                }
                if (object.has(name)) {
                  fill(object.get(name), property.getValue());
                }
              });
    } else if (value.isArray()) {
      value.forEach(item -> fill(item, schema.path("items")));
    }
  }
}
