package dev.zfsdiskimage.local;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The newest text of a console, enough to look for words in it. */
final class ConsoleText {
  private static final int KEPT = 64 << 10;
  private static final int TAIL_LINES = 30;

  private final StringBuilder text = new StringBuilder();

  void add(byte[] bytes) {
    // Latin 1 keeps every byte one character, so that words match wherever a read has cut them.
    text.append(new String(bytes, StandardCharsets.ISO_8859_1));
    if (text.length() > 2 * KEPT) {
      text.delete(0, text.length() - KEPT);
    }
  }

  boolean contains(String words) {
    String bytes = new String(words.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return text.indexOf(bytes) >= 0;
  }

  /** The last lines, without control sequences. */
  String tail() {
    String plain =
        new String(text.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
            .replaceAll("\u001b\\[[0-9;?=]*[A-Za-z]", "")
            .replaceAll("\u001b[()c78=>][0-9A-Za-z]?", "");
    List<String> lines = new ArrayList<>();
    for (String line : plain.split("[\r\n]+")) {
      String printable = line.replaceAll("\\p{Cntrl}", "").stripTrailing();
      if (!printable.isEmpty()) {
        lines.add(printable);
      }
    }
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }
}
