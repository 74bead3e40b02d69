package dev.zfsdiskimage.recipe;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as the resource writes them: {@code 90s}, {@code 10m}, {@code 1h30m}. */
final class Deadline {
  private static final Pattern FORM =
      Pattern.compile("(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,5})s)?");

  private Deadline() {}

  /** The duration of {@code text}; says a problem and returns zero when it is none. */
  static Duration read(String field, String text, Problems problems) {
    Matcher matcher = FORM.matcher(text);
    Duration duration = Duration.ZERO;
    if (matcher.matches()) {
      duration =
          Duration.ofHours(number(matcher.group(1)))
              .plusMinutes(number(matcher.group(2)))
              .plusSeconds(number(matcher.group(3)));
    }
    if (duration.isZero()) {
      problems.add(
          field,
          text,
          "is no duration",
          "write hours, minutes and seconds, more than none of them, such as 90s, 10m or 1h30m");
    }
    return duration;
  }

  private static long number(String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
