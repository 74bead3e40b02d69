package dev.zfsdiskimage.guest;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Quotes words as {@code printf %q} of bash 5 does in the C locale, which the builder VM runs in:
 * what a person pastes into a shell is the very argument, byte for byte. After lib/sh/shquote.c and
 * lib/sh/strtrans.c of bash 5.2.
 */
final class ShellWord {
  private static final String ESCAPED = " \t\n'\"\\|&;()<>!{}*[]?^$`,";

  private ShellWord() {}

  /** The words as one command line. */
  static String commandLine(List<String> words) {
    return words.stream().map(ShellWord::quoted).collect(Collectors.joining(" "));
  }

  static String quoted(String word) {
    if (word.isEmpty()) {
      return "''";
    }
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    for (byte next : bytes) {
      if (!isPrintable(next)) {
        return ansiC(bytes);
      }
    }
    return backslashed(word);
  }

  private static String backslashed(String word) {
    StringBuilder quoted = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      char next = word.charAt(i);
      boolean comment = next == '#' && i == 0;
      boolean home =
          next == '~' && (i == 0 || word.charAt(i - 1) == ':' || word.charAt(i - 1) == '=');
      if (ESCAPED.indexOf(next) >= 0 || comment || home) {
        quoted.append('\\');
      }
      quoted.append(next);
    }
    return quoted.toString();
  }

  private static String ansiC(byte[] bytes) {
    StringBuilder quoted = new StringBuilder("$'");
    for (byte next : bytes) {
      switch (next) {
        case 0x1B -> quoted.append("\\E");
        case 0x07 -> quoted.append("\\a");
        case 0x0B -> quoted.append("\\v");
        case '\b' -> quoted.append("\\b");
        case '\f' -> quoted.append("\\f");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '\\' -> quoted.append("\\\\");
        case '\'' -> quoted.append("\\'");
        default -> {
          if (isPrintable(next)) {
            quoted.append((char) next);
          } else {
            quoted.append(String.format(Locale.ROOT, "\\%03o", next & 0xFF));
          }
        }
      }
    }
    return quoted.append('\'').toString();
  }

  private static boolean isPrintable(byte code) {
    return code >= ' ' && code < 0x7F;
  }
}
