package dev.zfsdiskimage.recipe;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as the resource writes them: whole {@code Mi}, {@code Gi} or {@code Ti}. */
final class ByteSize {
  static final long MIB = 1024 * 1024;

  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5})(Mi|Gi|Ti)");

  private ByteSize() {}

  /**
   * The bytes of {@code text}, which stands at {@code field}. Says a problem and returns 0 when it
   * has another form or is less than {@code least}.
   *
   * @param why what the least size is needed for, a sentence
   */
  static long read(String field, String text, long least, String why, Problems problems) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      problems.add(
          field,
          text,
          "is no size",
          "write a whole number, up to six digits, of Mi, Gi or Ti, such as 2Gi");
      return 0;
    }
    long unit =
        switch (matcher.group(2)) {
          case "Mi" -> MIB;
          case "Gi" -> 1024 * MIB;
          default -> 1024 * 1024 * MIB;
        };
    long bytes = Long.parseLong(matcher.group(1)) * unit;
    if (bytes < least) {
      problems.add(field, text, "is too small: " + why, "make it at least " + text(least));
      return 0;
    }
    return bytes;
  }

  /** {@code bytes} in the largest unit that holds them whole. */
  static String text(long bytes) {
    long mebibytes = bytes / MIB;
    if (mebibytes % (1024 * 1024) == 0) {
      return mebibytes / (1024 * 1024) + "Ti";
    }
    return mebibytes % 1024 == 0 ? mebibytes / 1024 + "Gi" : mebibytes + "Mi";
  }
}
