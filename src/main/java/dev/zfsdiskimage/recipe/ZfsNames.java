package dev.zfsdiskimage.recipe;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names of pools and datasets, by OpenZFS's own rules (2.3: zpool-create(8) and {@code
 * pool_namecheck}, {@code dataset_namecheck}, {@code dataset_nestcheck} in zfs_namecheck.c). Names
 * like {@code c0t0}, which older releases kept for disks, are free.
 */
final class ZfsNames {
  /**
   * A pool's name leaves room for {@code /$ORIGIN@$ORIGIN} in 256 bytes, the closing NUL among
   * them.
   */
  private static final int POOL_LENGTH = 239;

  private static final int DATASET_LENGTH = 255;
  private static final int NESTING = 50;
  private static final Pattern ALLOWED = Pattern.compile("[-a-zA-Z0-9_.: ]+");
  private static final List<String> RESERVED_BEGINNINGS =
      List.of("mirror", "raidz", "draid", "spare");

  private ZfsNames() {}

  /** Says what is wrong with {@code name} as a pool's. */
  static void checkPool(String field, String name, Problems problems) {
    if (name.isEmpty() || !Character.isLetter(name.charAt(0)) || name.charAt(0) > 'z') {
      problems.add(field, name, "does not begin with a letter", "begin it with a to z or A to Z");
    } else if (!ALLOWED.matcher(name).matches()) {
      problems.add(
          field,
          name,
          "has a character that ZFS does not allow",
          "use letters, digits, '_', '-', ':', '.' and spaces");
    } else if (name.length() > POOL_LENGTH) {
      problems.add(
          field, name, "has " + name.length() + " characters", "use at most " + POOL_LENGTH);
    } else if (name.equals("log") || RESERVED_BEGINNINGS.stream().anyMatch(name::startsWith)) {
      problems.add(
          field,
          name,
          "is reserved by ZFS",
          "choose a name that is not log and does not begin with "
              + String.join(", ", RESERVED_BEGINNINGS));
    }
  }

  /** What is wrong with {@code name} as a dataset's of {@code pool}; complaint, then remedy. */
  static Optional<List<String>> faultOfDataset(String name, String pool) {
    if (!name.equals(pool) && !name.startsWith(pool + "/")) {
      return Optional.of(
          List.of(
              "is not in the pool " + pool, "begin the name with " + pool + "/: full names only"));
    }
    if (name.length() > DATASET_LENGTH) {
      return Optional.of(
          List.of("has " + name.length() + " characters", "use at most " + DATASET_LENGTH));
    }
    String[] components = name.split("/", -1);
    if (components.length > NESTING) {
      return Optional.of(
          List.of(
              "is nested " + components.length + " deep", "use at most " + NESTING + " levels"));
    }
    for (String component : components) {
      if (component.isEmpty()) {
        return Optional.of(
            List.of("has an empty part", "remove the slash at its end or the double one"));
      }
      if (component.equals(".") || component.equals("..")) {
        return Optional.of(List.of("has a part " + component, "write the dataset's own name"));
      }
      if (!ALLOWED.matcher(component).matches()) {
        return Optional.of(
            List.of(
                "has a character that ZFS does not allow",
                "use letters, digits, '_', '-', ':', '.' and spaces"));
      }
    }
    return Optional.empty();
  }
}
