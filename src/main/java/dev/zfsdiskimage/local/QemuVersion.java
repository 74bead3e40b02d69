package dev.zfsdiskimage.local;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A QEMU release, as {@code --version} says it. */
public record QemuVersion(int major, int minor) {
  private static final Pattern FIRST_LINE = Pattern.compile("version (\\d+)\\.(\\d+)");

  /** Reads the output of {@code qemu-system-x86_64 --version}. */
  public static Optional<QemuVersion> parse(String output) {
    Matcher matcher = FIRST_LINE.matcher(output);
    return matcher.find()
        ? Optional.of(
            new QemuVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  /** Whether this release is {@code major} or newer. */
  public boolean atLeast(int major) {
    return this.major >= major;
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
