package dev.zfsdiskimage.recipe;

import java.util.Arrays;
import java.util.List;

/** Absolute paths in the finished system. */
final class TargetPath {
  private static final List<String> KERNEL = List.of("/proc", "/sys", "/dev");

  private TargetPath() {}

  /** Says what is wrong with {@code path}; returns whether nothing is. */
  static boolean check(String field, String path, Problems problems) {
    List<String> parts = Arrays.asList(path.split("/", -1));
    if (!path.startsWith("/")) {
      problems.add(field, path, "is not absolute", "write /" + path);
    } else if (parts.contains(".") || parts.contains("..")) {
      problems.add(field, path, "has . or .. in it", "write the path that they lead to");
    } else if (!path.equals("/") && parts.subList(1, parts.size()).contains("")) {
      problems.add(
          field,
          path,
          "has a slash too many",
          "write /" + String.join("/", parts.stream().filter(part -> !part.isEmpty()).toList()));
    } else if (path.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      problems.add(field, path, "has a control character in it", "remove it");
    } else if (KERNEL.stream().anyMatch(root -> isBelow(path, root))) {
      problems.add(
          field,
          path,
          "lies under /proc, /sys or /dev, which belong to the kernel",
          "choose another path");
    } else {
      return true;
    }
    return false;
  }

  /** Whether {@code path} is {@code root} or lies below it. */
  static boolean isBelow(String path, String root) {
    return path.equals(root) || path.startsWith(root.equals("/") ? "/" : root + "/");
  }
}
