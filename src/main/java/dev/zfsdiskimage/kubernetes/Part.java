package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Firmware;

/** What an object is in its attempt; the last part of its name. */
enum Part {
  /** The boot disk's claim. */
  BOOT("boot"),
  /** The root disk's claim. */
  ROOT("root"),
  /** The claim of converted images and of what {@code postBuild} writes. */
  OUT("out"),
  /** The claim of a payload that is put into a volume first; payload N is run N + 1. */
  PAYLOAD("payload"),
  /** The Job that puts payloads into their volumes. */
  FETCH("fetch"),
  /** The Job that makes disks of exact sizes. */
  PREPARE("prepare"),
  /** The builder VM, and its config disk. */
  BUILD("build"),
  /** The VM that looks at the disks, and its config disk. */
  CHECK("check"),
  /** The Job that converts and hashes. */
  SAVE("save"),
  /** A boot of the result under BIOS. */
  VERIFY_BIOS("bios"),
  /** A boot of the result under UEFI. */
  VERIFY_UEFI("uefi"),
  /** The claim of a larger root disk, and the Job that copies the root disk into it. */
  LARGER("larger"),
  /** A boot of the result with the larger root disk. */
  GROW("grow"),
  /** The VM that looks at the larger root disk after that boot, and its config disk. */
  GROWN("grown"),
  /** What the operator must not forget of a revision. */
  LEDGER("ledger");

  private final String word;

  Part(String word) {
    this.word = word;
  }

  /** The part as it stands in names and labels. */
  String word() {
    return word;
  }

  static Part verifying(Firmware firmware) {
    return switch (firmware) {
      case BIOS -> VERIFY_BIOS;
      case UEFI -> VERIFY_UEFI;
    };
  }
}
