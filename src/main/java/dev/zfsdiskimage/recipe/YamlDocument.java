package dev.zfsdiskimage.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.FieldPath;
import dev.zfsdiskimage.schema.Problem;
import java.io.StringReader;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * One YAML document as the tree that {@code kubectl} would send (YAML 1.1: an unquoted {@code off}
 * is false), with the line of each field.
 */
record YamlDocument(JsonNode tree, Map<FieldPath, Integer> lines) {
  private static final int MOST_BYTES = 3 * 1024 * 1024;
  private static final int MOST_NODES = 100_000;
  private static final int DEEPEST = 50;

  /** The documents of {@code text} that are not empty. */
  static Checked<List<YamlDocument>> readAll(String text) {
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setCodePointLimit(MOST_BYTES);
    options.setNestingDepthLimit(DEEPEST);
    var yaml =
        new Yaml(
            new SafeConstructor(options),
            new Representer(new DumperOptions()),
            new DumperOptions(),
            options,
            new Resolver());
    try {
      List<YamlDocument> documents = new ArrayList<>();
      List<Problem> problems = new ArrayList<>();
      for (Node root : yaml.composeAll(new StringReader(text))) {
        var reading = new Reading(problems);
        JsonNode tree = reading.tree(root, FieldPath.ROOT, 0);
        if (!tree.isNull()) {
          documents.add(new YamlDocument(tree, Map.copyOf(reading.lines)));
        }
      }
      return problems.isEmpty() ? new Checked.Valid<>(documents) : new Checked.Invalid<>(problems);
    } catch (MarkedYAMLException e) {
      String what = e.getProblem() == null ? "can't be read" : e.getProblem();
      return new Checked.Invalid<>(
          List.of(
              Problem.invalid("", "", "the text is no YAML: " + what, "correct it there")
                  .atLine(
                      e.getProblemMark() == null
                          ? OptionalInt.empty()
                          : OptionalInt.of(e.getProblemMark().getLine() + 1))));
    } catch (YAMLException e) {
      return new Checked.Invalid<>(
          List.of(Problem.invalid("", "", "the text is no YAML: " + e.getMessage(), "correct it")));
    }
  }

  /** The line of {@code field}, or of the nearest field around it. */
  OptionalInt line(FieldPath field) {
    FieldPath at = field;
    while (!lines.containsKey(at) && !at.equals(FieldPath.ROOT)) {
      at = at.parent();
    }
    return lines.containsKey(at) ? OptionalInt.of(lines.get(at)) : OptionalInt.empty();
  }

  /** The reading of one document. */
  private static final class Reading {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final List<Problem> problems;
    private final Map<FieldPath, Integer> lines = new HashMap<>();
    private int nodes;

    Reading(List<Problem> problems) {
      this.problems = problems;
    }

    JsonNode tree(Node node, FieldPath path, int depth) {
      nodes++;
      if (nodes > MOST_NODES || depth > DEEPEST) {
        throw new YAMLException("it is nested too deeply or grows too large by its aliases");
      }
      lines.putIfAbsent(path, node.getStartMark().getLine() + 1);
      if (node instanceof MappingNode mapping) {
        ObjectNode object = JSON.objectNode();
        fill(object, mapping, path, depth, false);
        return object;
      }
      if (node instanceof SequenceNode sequence) {
        ArrayNode list = JSON.arrayNode();
        for (Node item : sequence.getValue()) {
          list.add(tree(item, path.item(list.size()), depth + 1));
        }
        return list;
      }
      return scalar((ScalarNode) node);
    }

    private void fill(
        ObjectNode object, MappingNode mapping, FieldPath path, int depth, boolean merged) {
      Map<String, Integer> own = new HashMap<>();
      for (NodeTuple entry : mapping.getValue()) {
        int line = entry.getKeyNode().getStartMark().getLine() + 1;
        if (entry.getKeyNode().getTag().equals(Tag.MERGE)) {
          continue;
        }
        if (!(entry.getKeyNode() instanceof ScalarNode key)) {
          problems.add(
              Problem.invalid(path.text(), "", "has a key that is no text", "write a plain key")
                  .atLine(OptionalInt.of(line)));
          continue;
        }
        String name = key.getValue();
        FieldPath field = path.field(name);
        Integer first = own.putIfAbsent(name, line);
        if (first != null) {
          problems.add(
              Problem.invalid(
                      field.text(), "", "stands twice, first in line " + first, "keep one of them")
                  .atLine(OptionalInt.of(line)));
          continue;
        }
        if (!merged || !object.has(name)) {
          lines.putIfAbsent(field, line);
          object.set(name, tree(entry.getValueNode(), field, depth + 1));
        }
      }
      for (NodeTuple entry : mapping.getValue()) {
        if (entry.getKeyNode().getTag().equals(Tag.MERGE)) {
          merge(object, entry.getValueNode(), path, depth + 1);
        }
      }
    }

    /** {@code <<}: fields of another map that this one does not give. */
    private void merge(ObjectNode object, Node from, FieldPath path, int depth) {
      if (depth > DEEPEST) {
        throw new YAMLException("it is nested too deeply");
      }
      if (from instanceof MappingNode mapping) {
        fill(object, mapping, path, depth, true);
      } else if (from instanceof SequenceNode sequence) {
        sequence.getValue().forEach(each -> merge(object, each, path, depth + 1));
      }
    }

    private static JsonNode scalar(ScalarNode node) {
      String text = node.getValue();
      Tag tag = node.getTag();
      if (tag.equals(Tag.NULL)) {
        return JSON.nullNode();
      }
      if (tag.equals(Tag.BOOL)) {
        return JSON.booleanNode(text.toLowerCase(Locale.ROOT).matches("true|yes|on"));
      }
      if (tag.equals(Tag.INT)) {
        return integer(text.replace("_", ""));
      }
      if (tag.equals(Tag.FLOAT) && text.matches("[-+]?[0-9_]*\\.?[0-9_]+([eE][-+]?[0-9]+)?")) {
        return JSON.numberNode(Double.parseDouble(text.replace("_", "")));
      }
      return JSON.textNode(text);
    }

    private static JsonNode integer(String text) {
      boolean negative = text.startsWith("-");
      String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
      int radix = 10;
      if (digits.startsWith("0x")) {
        radix = 16;
        digits = digits.substring(2);
      } else if (digits.startsWith("0b")) {
        radix = 2;
        digits = digits.substring(2);
      } else if (digits.length() > 1 && digits.startsWith("0")) {
        radix = 8;
        digits = digits.substring(1);
      }
      try {
        BigInteger value = new BigInteger(digits, radix);
        return JSON.numberNode(negative ? value.negate() : value);
      } catch (NumberFormatException e) {
        return JSON.textNode(text);
      }
    }
  }
}
