package dev.zfsdiskimage.guest;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When two values of a ZFS property mean the same: ZFS keeps numbers and enumerations, not the text
 * that they were given as. After OpenZFS 2.3's zfs_prop.c and {@code zfs_nicestrtonum}. User
 * properties (with a colon) and free text are compared byte for byte.
 */
final class PropertyValue {
  private static final Pattern SIZE =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([bkmgtpez]?)(?:i?b)?");
  private static final String UNITS = "bkmgtpez";

  private static final Set<String> SIZES =
      Set.of(
          "quota",
          "refquota",
          "reservation",
          "refreservation",
          "recordsize",
          "special_small_blocks",
          "volsize",
          "volblocksize",
          "ashift",
          "copies",
          "filesystem_limit",
          "snapshot_limit",
          "dedup_table_quota");

  /** Properties for which {@code none} is kept as 0. */
  private static final Set<String> NONE_IS_ZERO =
      Set.of("quota", "refquota", "reservation", "refreservation");

  private static final Set<String> LIMITS = Set.of("filesystem_limit", "snapshot_limit");
  private static final BigInteger NO_LIMIT = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  /** Other spellings of an enumerated value, by property; ZFS shows the first of them. */
  private static final Map<String, Map<String, String>> SPELLINGS =
      Map.of(
          "acltype",
          Map.of("posixacl", "posix", "noacl", "off", "disabled", "off"),
          "aclinherit",
          Map.of("secure", "restricted"),
          "compression",
          Map.of("gzip-6", "gzip", "zstd-3", "zstd", "zstd-fast-1", "zstd-fast"),
          "xattr",
          Map.of("on", "sa"),
          "encryption",
          Map.of("on", "aes-256-gcm"));

  private PropertyValue() {}

  /**
   * Whether {@code seen}, as {@code get -p} prints it, is what {@code asked} becomes.
   *
   * @param property the property's name
   */
  static boolean same(String property, String asked, String seen) {
    if (asked.equals(seen)) {
      return true;
    }
    if (property.startsWith("feature@")) {
      return asked.equals("enabled") && seen.equals("active");
    }
    if (property.equals("mountpoint")) {
      return seen.equals(underAltroot(asked));
    }
    if (SIZES.contains(property)) {
      Optional<BigInteger> number = number(property, asked);
      return number.isPresent() && number.equals(number(property, seen));
    }
    Map<String, String> spellings = SPELLINGS.getOrDefault(property, Map.of());
    return spellings.getOrDefault(asked, asked).equals(spellings.getOrDefault(seen, seen));
  }

  /** Whether the value takes a property back to its default, which then may not show as local. */
  static boolean isUnset(String property, String value) {
    return (NONE_IS_ZERO.contains(property)
            && number(property, value).equals(Optional.of(BigInteger.ZERO)))
        || (LIMITS.contains(property) && value.equals("none"));
  }

  /** A pool that the check imports under {@code /mnt} shows its mount points there. */
  private static String underAltroot(String mountpoint) {
    return mountpoint.equals("/") ? Layout.TARGET : Layout.TARGET + mountpoint;
  }

  private static Optional<BigInteger> number(String property, String value) {
    if (value.equals("none")) {
      return LIMITS.contains(property) ? Optional.of(NO_LIMIT) : Optional.of(BigInteger.ZERO);
    }
    Matcher size = SIZE.matcher(value.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      return Optional.empty();
    }
    int exponent = size.group(2).isEmpty() ? 0 : UNITS.indexOf(size.group(2));
    return Optional.of(
        new BigDecimal(size.group(1))
            .multiply(new BigDecimal(BigInteger.TWO.pow(10 * exponent)))
            .toBigInteger());
  }
}
