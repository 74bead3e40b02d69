package dev.zfsdiskimage.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;

/** Amounts as people read them. */
final class Quantity {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Quantity() {}

  /**
   * {@code 512 B}, {@code 1.5 MiB}, {@code 1000 MiB}, {@code 1.99 GiB}: what is not whole has three
   * digits.
   */
  static String bytes(long bytes) {
    double amount = bytes;
    int unit = 0;
    // 1000 MiB is what a resource says, and is not 0.98 GiB.
    while ((amount >= 1024 || amount >= 999.5 && amount != Math.rint(amount))
        && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    int digits = amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
    String number =
        BigDecimal.valueOf(amount)
            .setScale(digits, RoundingMode.HALF_UP)
            .stripTrailingZeros()
            .toPlainString();
    return number + " " + UNITS[unit];
  }

  /** {@code 0:07}, {@code 12:30}, {@code 1:02:03}. */
  static String elapsed(Duration duration) {
    long seconds = Math.max(duration.toSeconds(), 0);
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
