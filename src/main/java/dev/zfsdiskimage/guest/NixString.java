package dev.zfsdiskimage.guest;

/** A string of the Nix language, in double quotes, that means exactly the given text. */
final class NixString {
  private NixString() {}

  static String of(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      switch (character) {
        case '"', '\\' -> quoted.append('\\').append(character);
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '$' -> quoted.append(opensInterpolation(text, i) ? "\\$" : "$");
        default -> quoted.append(character);
      }
    }
    return quoted.append('"').toString();
  }

  /** A dollar sign is itself unless a brace follows. */
  private static boolean opensInterpolation(String text, int dollar) {
    return text.startsWith("${", dollar);
  }
}
