package dev.zfsdiskimage.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.schema.GeneratedCrd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** {@code docs/reference.md}: every field of the resource, as the CRD has it. */
final class ReferencePage {
  /** A longer list of words has a table of its own. */
  private static final int SHOWN = 16;

  private static final String HEAD =
      """
      # Reference

      Every field of `%s` (group `%s`, version `%s`, short name `%s`), made from the CRD in
      [crds/](../crds/zfsdiskimages.zfsdiskimage.dev.yaml). `[]` stands for each entry of a list.
      A field with a default may be left out; so may every other one that is not *required*.

      `metadata.name` has at most %s characters, small letters, digits and dashes: the names of claims and VMs begin with it.
      """;

  private final JsonNode crd = GeneratedCrd.tree();
  private final JsonNode schema = crd.at("/spec/versions/0/schema/openAPIV3Schema");
  private final StringBuilder page = new StringBuilder();
  private final Map<String, String> places = new HashMap<>();

  private ReferencePage() {}

  static String text() {
    return new ReferencePage().write();
  }

  /** What follows from a reason, in the words of the documentation. */
  static String handling(Reason reason) {
    return switch (reason.handling()) {
      case NORMAL -> "No failure.";
      case WAITING -> "Waits.";
      case RETRIED -> "Tried again.";
      case PERMANENT -> "Not tried again.";
    };
  }

  private String write() {
    JsonNode names = crd.at("/spec/names");
    page.append(
        HEAD.formatted(
            names.path("kind").asText(),
            ZfsDiskImage.GROUP,
            ZfsDiskImage.VERSION,
            names.at("/shortNames/0").asText(),
            schema.at("/properties/metadata/properties/name/maxLength").asText()));
    spec();
    status();
    return page.toString();
  }

  private void spec() {
    JsonNode spec = schema.at("/properties/spec");
    List<String> plain = new ArrayList<>();
    spec.path("properties")
        .properties()
        .forEach(
            field -> {
              if (!isObject(field.getValue())) {
                plain.add(field.getKey());
              }
            });
    page.append("\n## spec\n\n");
    table("spec", (ObjectNode) spec, plain);
    rules(ownRules("spec", spec));
    spec.path("properties")
        .properties()
        .forEach(
            field -> {
              if (isObject(field.getValue())) {
                section("spec." + field.getKey(), field.getValue());
              }
            });
  }

  private void section(String path, JsonNode field) {
    page.append("\n### ").append(path).append("\n\n");
    page.append(field.path("description").asText()).append('\n').append('\n');
    List<String> rules = new ArrayList<>(ownRules(path, field));
    header();
    JsonNode inner = field.has("items") ? field.path("items") : field;
    String below = field.has("items") ? path + "[]" : path;
    if (field.has("items")) {
      rules.addAll(ownRules(below, inner));
    }
    rows(below, inner, rules);
    rules(rules);
  }

  private void table(String path, ObjectNode parent, List<String> fields) {
    header();
    for (String name : fields) {
      row(path + "." + name, parent.at("/properties/" + name), required(parent, name));
    }
  }

  private void header() {
    page.append("| field | type | default | bounds | meaning |\n|---|---|---|---|---|\n");
  }

  private void rows(String path, JsonNode object, List<String> rules) {
    object
        .path("properties")
        .properties()
        .forEach(
            field -> {
              String below = path + "." + field.getKey();
              JsonNode value = field.getValue();
              Optional<String> same = known(below, value);
              row(below, value, required(object, field.getKey()), same);
              if (same.isEmpty()) {
                rules.addAll(ownRules(below, value));
                inside(below, value, rules);
              }
            });
  }

  private void inside(String path, JsonNode value, List<String> rules) {
    if (value.path("items").has("properties")) {
      rules.addAll(ownRules(path + "[]", value.path("items")));
      rows(path + "[]", value.path("items"), rules);
    } else {
      rows(path, value, rules);
    }
  }

  /** Where an object with the same fields stands already. */
  private Optional<String> known(String path, JsonNode value) {
    JsonNode inside = value.has("items") ? value.path("items") : value;
    if (inside.path("properties").size() < 2) {
      return Optional.empty();
    }
    return Optional.ofNullable(places.putIfAbsent(inside.path("properties").toString(), path));
  }

  private void row(String path, JsonNode value, boolean required) {
    row(path, value, required, Optional.empty());
  }

  private void row(String path, JsonNode value, boolean required, Optional<String> same) {
    String meaning =
        value.path("description").asText()
            + same.map(place -> " The same fields as `" + place + "`.").orElse("");
    cells(
        code(path) + (required ? " *required*" : ""),
        type(value),
        value.has("default") ? code(value.get("default").toString()) : "",
        bounds(value),
        escaped(meaning));
  }

  private void cells(String... cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static boolean isObject(JsonNode value) {
    return value.has("properties") || value.path("items").has("properties");
  }

  private static boolean required(JsonNode object, String name) {
    return texts(object.path("required")).anyMatch(name::equals);
  }

  private static String type(JsonNode value) {
    if (value.has("enum")) {
      return "enum";
    }
    if (value.has("items")) {
      return "list of " + type(value.path("items"));
    }
    if (value.has("additionalProperties")) {
      return "map of " + type(value.path("additionalProperties"));
    }
    return value.path("type").asText();
  }

  private static String bounds(JsonNode value) {
    List<String> bounds = new ArrayList<>();
    JsonNode item =
        Stream.of("items", "additionalProperties")
            .map(value::path)
            .filter(JsonNode::isObject)
            .filter(inner -> !inner.has("properties"))
            .findFirst()
            .orElse(value);
    if (item.path("enum").size() > SHOWN) {
      bounds.add("one of those [below](#reasons)");
    } else if (item.has("enum")) {
      bounds.add(
          texts(item.get("enum")).map(ReferencePage::code).collect(Collectors.joining(", ")));
    }
    range(value, "minItems", "maxItems", "entries").ifPresent(bounds::add);
    range(value, "minProperties", "maxProperties", "entries").ifPresent(bounds::add);
    range(item, "minLength", "maxLength", "characters").ifPresent(bounds::add);
    range(item, "minimum", "maximum", "").ifPresent(bounds::add);
    if (item.has("pattern")) {
      bounds.add(code(item.get("pattern").asText()));
    }
    return String.join("; ", bounds);
  }

  private static Optional<String> range(JsonNode value, String least, String most, String unit) {
    if (!value.has(least) && !value.has(most)) {
      return Optional.empty();
    }
    String from = value.path(least).asText("0");
    String to = value.path(most).asText();
    String words =
        !value.has(most)
            ? "at least " + from
            : from.equals("0") ? "at most " + to : from + " to " + to;
    return Optional.of((words + " " + unit).strip());
  }

  private static List<String> ownRules(String path, JsonNode value) {
    List<String> rules = new ArrayList<>();
    for (JsonNode owner : List.of(value, value.path("additionalProperties"))) {
      for (JsonNode rule : owner.path("x-kubernetes-validations")) {
        rules.add(
            "- "
                + code(path + rule.path("fieldPath").asText())
                + ": "
                + rule.path("message").asText()
                + ".\n");
      }
    }
    return rules;
  }

  private void rules(List<String> rules) {
    if (!rules.isEmpty()) {
      page.append("\nRefused with these messages (CEL rules):\n\n");
      rules.forEach(page::append);
    }
  }

  private void status() {
    page.append("\n## status\n\n");
    page.append(
        "Written by the operator only; on one machine `manifest.json` holds the results.\n\n");
    header();
    rows("status", schema.at("/properties/status"), new ArrayList<>());
    columns();
    phases();
    conditions();
    reasons();
  }

  private void columns() {
    String columns =
        StreamSupport.stream(
                crd.at("/spec/versions/0/additionalPrinterColumns").spliterator(), false)
            .map(column -> column.path("name").asText())
            .collect(Collectors.joining(", "));
    page.append("\nColumns of `kubectl get zdi`: ").append(columns).append(".\n");
  }

  private void phases() {
    page.append("\n### Phases\n\n| phase | meaning |\n|---|---|\n");
    for (Phase phase : Phase.values()) {
      cells(code(word(phase)), meaning(phase));
    }
  }

  private void conditions() {
    page.append(
        """

        ### Conditions

        Each has `observedGeneration`, a reason and a message. The step conditions come in this order; each is `Unknown` until it is
        reached, `True` then, and `False` when the build failed before it. `Ready`, `Reconciling` and `Stalled` are read by kstatus.

        | condition | true when |
        |---|---|
        """);
    for (ConditionType type : ConditionType.values()) {
      cells(code(type.word()), meaning(type));
    }
  }

  private void reasons() {
    page.append(
        """

        ### Reasons

        | reason | what follows | remedy |
        |---|---|---|
        """);
    Stream.of(Reason.values()).sorted((a, b) -> a.word().compareTo(b.word())).forEach(this::reason);
  }

  private void reason(Reason reason) {
    cells(
        "[`%s`](operations.md#%s)".formatted(reason.word(), reason.word().toLowerCase(Locale.ROOT)),
        handling(reason),
        escaped(reason.remedy()));
  }

  private static String word(Phase phase) {
    return phase.name().charAt(0) + phase.name().substring(1).toLowerCase(Locale.ROOT);
  }

  private static String meaning(Phase phase) {
    return switch (phase) {
      case PENDING -> "not begun: it waits for its turn, or for the pause before the next attempt";
      case PROVISIONING -> "blank disks, the config disk and the payloads are made";
      case BUILDING -> "the builder VM starts, runs or stops";
      case SAVING -> "the disks are checked, converted and hashed; `postBuild` runs";
      case VERIFYING -> "copies of the images are booted";
      case READY -> "both images are saved and good";
      case FAILED -> "given up; nothing happens until the spec changes";
      case SUSPENDED -> "nothing new is begun while `spec.suspend` is true";
    };
  }

  private static String meaning(ConditionType type) {
    return switch (type) {
      case DISKS_PROVISIONED -> "two blank disks of the sizes asked for are there";
      case PARTITIONED -> "the boot disk has its partitions";
      case POOL_CREATED -> "the pool and its datasets exist";
      case INSTALLED -> "the operating system and `contents` are on the disks, and the boot loader";
      case EXPORTED -> "the pool was unmounted and exported";
      case SAVED -> "the disks passed the offline check, were converted and hashed";
      case VERIFIED ->
          "what `verify.boot` and `verify.grow` ask for has happened; absent when nothing is asked for";
      case READY -> "both images are saved and good, and nothing is left to do";
      case RECONCILING -> "work is under way or waited for; absent otherwise";
      case STALLED -> "given up until the spec changes; absent otherwise";
    };
  }

  private static Stream<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText);
  }

  private static String code(String text) {
    return "`" + escaped(text) + "`";
  }

  private static String escaped(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
