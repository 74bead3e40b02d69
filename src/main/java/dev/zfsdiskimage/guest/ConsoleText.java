package dev.zfsdiskimage.guest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The newest text of the console of an installed system, enough to look for words in it. Words are
 * looked for in what the system wrote, byte for byte: colours between them part them. Not
 * thread-safe.
 */
public final class ConsoleText {
  private static final int KEPT = 64 << 10;
  private static final int TAIL_LINES = 30;
  private static final int LONGEST_LINE = 1000;

  /** Cursor Position of ECMA-48, and its twin. */
  private static final Pattern CURSOR_SET = Pattern.compile("\u001b\\[[0-9;]*[Hf]");

  private final StringBuilder text = new StringBuilder();

  /** Reads some more of the console. */
  public void add(byte[] bytes) {
    add(bytes, 0, bytes.length);
  }

  /** Reads {@code count} more bytes of the console. */
  public void add(byte[] bytes, int offset, int count) {
    // Latin 1 keeps every byte one character, so that words match wherever a read has cut them.
    text.append(new String(bytes, offset, count, StandardCharsets.ISO_8859_1));
    if (text.length() > 2 * KEPT) {
      text.delete(0, text.length() - KEPT);
    }
  }

  /** Whether the words stand in the newest 64 KiB at least. */
  public boolean contains(String words) {
    String bytes = new String(words.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return text.indexOf(bytes) >= 0;
  }

  /**
   * Whether a menu was drawn last, as boot loaders and firmware do: the cursor was set somewhere
   * and no line was ended since. A system that boots ends lines.
   */
  public boolean endsInMenu() {
    int drawn = -1;
    for (var set = CURSOR_SET.matcher(text); set.find(); ) {
      drawn = set.end();
    }
    return drawn >= 0 && text.indexOf("\n", drawn) < 0;
  }

  /** What stands behind the last line end, without control sequences; often a prompt. */
  public String openLine() {
    int start = Math.max(text.lastIndexOf("\n") + 1, text.length() - LONGEST_LINE);
    byte[] bytes = text.substring(start).getBytes(StandardCharsets.ISO_8859_1);
    return PlainText.printable(new String(bytes, StandardCharsets.UTF_8));
  }

  /** The last lines, without control sequences. */
  public String tail() {
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
