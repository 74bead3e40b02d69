package dev.zfsdiskimage.kubernetes;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the save Job says of one image, in bytes. */
record Saved(long virtualBytes, long fileBytes, long storedBytes, String sha256) {
  private static final Pattern LINE =
      Pattern.compile("(boot|root) ([0-9]{1,18}) ([0-9]{1,18}) ([0-9]{1,18}) ([0-9a-f]{64})");

  /**
   * The images by disk, as {@code hash.sh} tells them; lines that are no such thing are skipped.
   */
  static Map<String, Saved> parse(String text) {
    Map<String, Saved> saved = new HashMap<>();
    text.lines()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .forEach(
            line ->
                saved.put(
                    line.group(1),
                    new Saved(
                        Long.parseLong(line.group(2)),
                        Long.parseLong(line.group(3)),
                        Long.parseLong(line.group(4)),
                        line.group(5))));
    return saved;
  }
}
