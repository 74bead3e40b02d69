package dev.zfsdiskimage.ship;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values of a chart, each with its default and the comment that stands above it. */
record ValuesTable(List<Row> rows) {
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z0-9]+):(?: (.*))?");

  /**
   * One value.
   *
   * @param path its keys, joined by dots
   * @param fallback its default as JSON
   * @param meaning its comment; empty when there is none
   */
  record Row(String path, String fallback, String meaning) {}

  /** Reads values.yaml, in which nested keys are indented by two spaces. */
  static ValuesTable of(String text) {
    JsonNode tree = YamlFiles.documents(text).get(0);
    List<Row> rows = new ArrayList<>();
    Deque<String> path = new ArrayDeque<>();
    StringBuilder comment = new StringBuilder();
    for (String line : text.split("\n")) {
      String content = line.strip();
      Matcher key = KEY.matcher(line);
      if (content.startsWith("# ")) {
        comment.append(comment.isEmpty() ? "" : " ").append(content.substring(2));
      } else if (key.matches()) {
        while (path.size() > key.group(1).length() / 2) {
          path.removeLast();
        }
        path.addLast(key.group(2));
        if (key.group(3) != null) {
          String value = tree.at("/" + String.join("/", path)).toString();
          rows.add(new Row(String.join(".", path), value, comment.toString()));
        }
        comment.setLength(0);
      } else if (content.isEmpty()) {
        comment.setLength(0);
      } else {
        throw new IllegalArgumentException("no key, comment or empty line: " + line);
      }
    }
    return new ValuesTable(rows);
  }

  String markdown() {
    StringBuilder table = new StringBuilder("| value | default | meaning |\n|---|---|---|\n");
    for (Row row : rows) {
      table
          .append("| `%s` | `%s` | ".formatted(row.path(), row.fallback()))
          .append(row.meaning().replace("|", "\\|"))
          .append(" |\n");
    }
    return table.toString();
  }
}
