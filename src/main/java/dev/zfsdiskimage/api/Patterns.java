package dev.zfsdiskimage.api;

/** Regular expressions of the schema, in the dialect that RE2 and Java share. */
final class Patterns {
  /** Whole mebibytes: {@code 512Mi}, {@code 2Gi}, {@code 1Ti}. */
  static final String SIZE = "^[1-9][0-9]{0,5}(Mi|Gi|Ti)$";

  /** Hours, minutes, seconds: {@code 90s}, {@code 10m}, {@code 1h30m}. */
  static final String DURATION = "^([1-9][0-9]{0,3}h)?([0-9]{1,4}m)?([0-9]{1,5}s)?$";

  /** A name of a Kubernetes object: a DNS subdomain. */
  static final String OBJECT_NAME = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";

  /** A value of a label; it may be empty. */
  static final String LABEL_VALUE = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";

  /** A key of a ConfigMap or Secret. */
  static final String KEY = "^[-._a-zA-Z0-9]+$";

  /** An absolute path without empty segments, trailing slash or control characters. */
  static final String ABSOLUTE_PATH = "^(/|(/[^/\\x00-\\x1f\\x7f]+)+)$";

  /** A path without control characters. */
  static final String PATH = "^[^\\x00-\\x1f\\x7f]+$";

  /** Printable text without white space. */
  static final String WORD = "^[^\\s\\x00-\\x1f\\x7f]+$";

  /** OCI image reference: registry/repository:tag@digest. */
  static final String IMAGE = "^[a-zA-Z0-9][-a-zA-Z0-9._:/@]*$";

  /** As sha256sum prints it. */
  static final String SHA256 = "^[0-9a-f]{64}$";

  /** Address of something on a web server. */
  static final String WEB_ADDRESS = "^https?://[^\\s/]+[^\\s]*$";

  /** A path in Nix's store: 32 digits of Nix's base 32, then a name. */
  static final String STORE_PATH = "^/nix/store/[0-9a-df-np-sv-z]{32}-[-A-Za-z0-9+._?=]{1,211}$";

  /** A key that signs store paths, as {@code nix key convert-secret-to-public} prints it. */
  static final String NIX_PUBLIC_KEY = "^[-A-Za-z0-9._]+:[A-Za-z0-9+/]{43}=$";

  private Patterns() {}
}
