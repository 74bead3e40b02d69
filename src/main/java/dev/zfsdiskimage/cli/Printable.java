package dev.zfsdiskimage.cli;

import java.util.ArrayList;
import java.util.List;

/** Text for a terminal. */
final class Printable {
  private Printable() {}

  /**
   * Free text of a resource or a guest on one line: its control characters stay out of the
   * terminal.
   */
  static String line(String text) {
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .forEach(
            c ->
                printable.append(
                    Character.isISOControl(c)
                        ? String.format("\\x%02x", c)
                        : Character.toString(c)));
    return printable.toString();
  }

  /** The words of {@code text} on lines no longer than {@code width}, as far as the words allow. */
  static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (line.length() > 0 && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
