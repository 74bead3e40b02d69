package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.Firmware;

/** The pieces of an attempt, in order. */
public enum Stage {
  /** Blank disks, the config disk and the payloads are made. */
  PROVISION("provision"),
  /** The builder VM runs the guest program. */
  BUILD("build"),
  /** A second VM looks at the disks, read-only. */
  CHECK("check"),
  /** The disks become images: conversion, hashes, {@code postBuild}. */
  SAVE("save"),
  /** A copy-on-write copy of the images boots under BIOS. */
  VERIFY_BIOS("verify-bios"),
  /** A copy-on-write copy of the images boots under UEFI. */
  VERIFY_UEFI("verify-uefi"),
  /** A copy-on-write copy of the images boots with a larger root disk. */
  VERIFY_GROW("verify-grow"),
  /** The images are the resource's newest good ones. */
  PUBLISH("publish");

  private final String word;

  Stage(String word) {
    this.word = word;
  }

  /** The stage's name among the steps in status. */
  public String word() {
    return word;
  }

  /** The stage that boots the images under {@code firmware}. */
  public static Stage verifying(Firmware firmware) {
    return switch (firmware) {
      case BIOS -> VERIFY_BIOS;
      case UEFI -> VERIFY_UEFI;
    };
  }

  /**
   * Whether a failure here spoils the attempt's disks, so that only a new attempt can help. After
   * the other stages the disks are as good as before, and the stage alone is run again.
   */
  boolean spoilsDisks() {
    return this == PROVISION || this == BUILD || this == PUBLISH;
  }
}
