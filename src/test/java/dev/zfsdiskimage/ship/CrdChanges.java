package dev.zfsdiskimage.ship;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a newer CRD refuses, drops or reads differently of what an older one took. */
final class CrdChanges {
  private static final List<String> UPPER_BOUNDS =
      List.of("maximum", "maxLength", "maxItems", "maxProperties");
  private static final List<String> LOWER_BOUNDS =
      List.of("minimum", "minLength", "minItems", "minProperties");

  /** Any change of these may refuse something; what they allow can't be compared. */
  private static final List<String> FIXED =
      List.of(
          "format",
          "multipleOf",
          "x-kubernetes-int-or-string",
          "x-kubernetes-list-map-keys",
          "x-kubernetes-list-type",
          "x-kubernetes-map-type");

  private final List<String> found = new ArrayList<>();

  private CrdChanges() {}

  /**
   * Each with the field and what changed; empty when the newer one takes all that the older took.
   */
  static List<String> breaking(JsonNode older, JsonNode newer) {
    CrdChanges changes = new CrdChanges();
    for (String name :
        List.of("/spec/group", "/spec/scope", "/spec/names/kind", "/spec/names/plural")) {
      changes.same(name, older.at(name), newer.at(name));
    }
    for (JsonNode version : older.at("/spec/versions")) {
      String name = version.path("name").asText();
      JsonNode now = version(newer, name);
      if (now.path("served").asBoolean()) {
        changes.compare(
            name, version.at("/schema/openAPIV3Schema"), now.at("/schema/openAPIV3Schema"));
      } else {
        changes.found.add(name + ": is no longer served");
      }
    }
    return changes.found;
  }

  private static JsonNode version(JsonNode crd, String name) {
    for (JsonNode version : crd.at("/spec/versions")) {
      if (version.path("name").asText().equals(name)) {
        return version;
      }
    }
    return crd.path("no such version");
  }

  private void compare(String field, JsonNode older, JsonNode newer) {
    same(field + ": type", older.path("type"), newer.path("type"));
    FIXED.forEach(word -> same(field + ": " + word, older.path(word), newer.path(word)));
    required(field, older, newer);
    values(field, older.path("enum"), newer.path("enum"));
    notTightened(field + ": pattern", older.path("pattern"), newer.path("pattern"));
    if (older.has("default")) {
      same(field + ": default", older.path("default"), newer.path("default"));
    }
    if (older.path("nullable").asBoolean() && !newer.path("nullable").asBoolean()) {
      found.add(field + ": may no longer be null");
    }
    for (String bound : UPPER_BOUNDS) {
      bound(field, bound, older.path(bound), newer.path(bound), 1);
    }
    for (String bound : LOWER_BOUNDS) {
      bound(field, bound, older.path(bound), newer.path(bound), -1);
    }
    rules(field, older, newer);
    below(field, older, newer);
  }

  private void below(String field, JsonNode older, JsonNode newer) {
    boolean open = newer.path("x-kubernetes-preserve-unknown-fields").asBoolean();
    if (older.path("x-kubernetes-preserve-unknown-fields").asBoolean() && !open) {
      found.add(field + ": no longer keeps unknown fields");
    }
    older
        .path("properties")
        .properties()
        .forEach(
            property -> {
              String name = field + "." + property.getKey();
              JsonNode now = newer.path("properties").path(property.getKey());
              if (!now.isMissingNode()) {
                compare(name, property.getValue(), now);
              } else if (!open) {
                found.add(name + ": is gone");
              }
            });
    for (String child : List.of("items", "additionalProperties")) {
      if (older.path(child).isObject()) {
        if (newer.path(child).isObject()) {
          compare(
              field + (child.equals("items") ? "[]" : ".*"), older.path(child), newer.path(child));
        } else {
          found.add(field + ": " + child + " is gone");
        }
      }
    }
  }

  private void required(String field, JsonNode older, JsonNode newer) {
    Set<String> before = texts(older.path("required"));
    for (String name : texts(newer.path("required"))) {
      if (!before.contains(name) && !newer.path("properties").path(name).has("default")) {
        found.add(field + "." + name + ": became required");
      }
    }
  }

  private void values(String field, JsonNode older, JsonNode newer) {
    if (newer.isMissingNode()) {
      return;
    }
    if (older.isMissingNode()) {
      found.add(field + ": takes certain values only now");
      return;
    }
    Set<String> gone = texts(older);
    gone.removeAll(texts(newer));
    gone.forEach(value -> found.add(field + ": no longer takes " + value));
  }

  /** A rule that was not there may refuse; what rules say can't be compared. */
  private void rules(String field, JsonNode older, JsonNode newer) {
    Set<String> before = new HashSet<>();
    older.path("x-kubernetes-validations").forEach(rule -> before.add(rule.path("rule").asText()));
    for (JsonNode rule : newer.path("x-kubernetes-validations")) {
      if (!before.contains(rule.path("rule").asText())) {
        found.add(field + ": has a new rule: " + rule.path("rule").asText());
      }
    }
  }

  private void bound(String field, String name, JsonNode older, JsonNode newer, int direction) {
    boolean tighter =
        !newer.isMissingNode()
            && (older.isMissingNode()
                || direction * newer.decimalValue().compareTo(older.decimalValue()) < 0);
    if (tighter) {
      found.add(
          field
              + ": "
              + name
              + " is "
              + newer
              + " now"
              + (older.isMissingNode() ? "" : ", was " + older));
    }
  }

  private void notTightened(String what, JsonNode older, JsonNode newer) {
    if (!newer.isMissingNode()) {
      same(what, older, newer);
    }
  }

  private void same(String what, JsonNode older, JsonNode newer) {
    if (!older.equals(newer)) {
      found.add(what + " changed from " + older + " to " + newer);
    }
  }

  private static Set<String> texts(JsonNode list) {
    Set<String> texts = new HashSet<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }
}
