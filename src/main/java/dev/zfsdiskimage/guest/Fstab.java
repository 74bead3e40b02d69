package dev.zfsdiskimage.guest;

import java.nio.charset.StandardCharsets;

/** One line of {@code /etc/fstab}. */
record Fstab(String device, String mount, String type, String options, int pass) {

  /** The line, ended by a newline. */
  String line() {
    return escape(device) + " " + escape(mount) + " " + type + " " + options + " 0 " + pass + "\n";
  }

  /**
   * As fstab(5) asks: white space as three octal digits; and so the backslash itself, {@code #},
   * and other controls, which libmount decodes just the same.
   */
  private static String escape(String field) {
    StringBuilder escaped = new StringBuilder();
    for (byte next : field.getBytes(StandardCharsets.UTF_8)) {
      int code = next & 0xFF;
      if (code <= ' ' || code == '\\' || code == '#' || code == 0x7F) {
        escaped.append(String.format("\\%03o", code));
      } else {
        escaped.append((char) code);
      }
    }
    return new String(
        escaped.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
