package dev.zfsdiskimage.cli;

/**
 * One thing that a build needs of this machine.
 *
 * @param found what is there, in a few words
 * @param remedy what to do about it; empty when it is well
 */
record Check(String name, Verdict verdict, String found, String remedy) {
  /** How well it is. */
  enum Verdict {
    OK,
    /** A build works, slower or not in every form. */
    WARN,
    /** A build cannot work. */
    FAIL
  }

  static Check ok(String name, String found) {
    return new Check(name, Verdict.OK, found, "");
  }

  static Check warn(String name, String found, String remedy) {
    return new Check(name, Verdict.WARN, found, remedy);
  }

  static Check fail(String name, String found, String remedy) {
    return new Check(name, Verdict.FAIL, found, remedy);
  }
}
