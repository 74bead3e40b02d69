package dev.zfsdiskimage.images;

/** Software that is in an image, as a bill of materials names it. */
public sealed interface SoftwarePackage {

  /** Its name, without what its kind adds. */
  String name();

  String version();

  /** A Debian package; the architecture can be {@code all}. */
  record Debian(String name, String version, String architecture) implements SoftwarePackage {}

  /** A jar from a Maven repository. */
  record Maven(String group, String name, String version) implements SoftwarePackage {}
}
