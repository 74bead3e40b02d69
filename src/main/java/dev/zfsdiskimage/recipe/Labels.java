package dev.zfsdiskimage.recipe;

import java.util.List;
import java.util.regex.Pattern;

/** What Kubernetes takes as a label, and which labels a resource may ask for. */
final class Labels {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
  private static final Pattern PREFIX =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final int LONGEST_NAME = 63;
  private static final int LONGEST_PREFIX = 253;

  /** The operator knows its objects by the first, and KubeVirt refuses the second. */
  private static final List<String> RESERVED_PREFIXES = List.of("zfsdiskimage.dev", "kubevirt.io");

  private static final String RESERVED = "app.kubernetes.io/managed-by";

  private Labels() {}

  /** A name, or a DNS name, a slash and a name. */
  static boolean isKey(String key) {
    int slash = key.indexOf('/');
    return isName(key.substring(slash + 1)) && (slash < 0 || isPrefix(key.substring(0, slash)));
  }

  static boolean isValue(String value) {
    return value.isEmpty() || isName(value);
  }

  /** Whether others than the user give it. */
  static boolean isReserved(String key) {
    return key.equals(RESERVED)
        || RESERVED_PREFIXES.stream().anyMatch(prefix -> key.startsWith(prefix + "/"));
  }

  private static boolean isName(String text) {
    return text.length() <= LONGEST_NAME && NAME.matcher(text).matches();
  }

  private static boolean isPrefix(String text) {
    return text.length() <= LONGEST_PREFIX && PREFIX.matcher(text).matches();
  }
}
