package dev.zfsdiskimage.guest;

import java.util.regex.Pattern;

/** Console text made harmless for a terminal and a status field. */
final class PlainText {
  private static final int MAX_CHARS = 500;

  /** CSI, OSC and the shorter sequences of ECMA-48; a cut one runs to the end of the line. */
  private static final Pattern ESCAPES =
      Pattern.compile(
          "\u001b\\[[0-?]*[ -/]*[@-~]?|\u001b\\][^\u0007\u001b]*(\u0007|\u001b\\\\)?|\u001b[ -/]*[0-~]?");

  /** Controls, and the invisible characters that reorder or hide text. */
  private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cn}\\p{Cs}]");

  private PlainText() {}

  /** The text without escape sequences and control characters, cut at 500 characters. */
  static String printable(String text) {
    String plain = ESCAPES.matcher(text).replaceAll("").replace('\t', ' ').replace('\n', ' ');
    plain = INVISIBLE.matcher(plain).replaceAll("").stripTrailing();
    if (plain.length() <= MAX_CHARS) {
      return plain;
    }
    int end =
        Character.isHighSurrogate(plain.charAt(MAX_CHARS - 2)) ? MAX_CHARS - 2 : MAX_CHARS - 1;
    return plain.substring(0, end) + "…";
  }
}
