package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a finished image is stored, and the extension its file gets. */
public enum Format {
  @JsonProperty("raw")
  RAW("raw", "img"),
  @JsonProperty("qcow2")
  QCOW2("qcow2", "qcow2"),
  @JsonProperty("qcow2-compressed")
  QCOW2_COMPRESSED("qcow2", "qcow2"),
  @JsonProperty("vdi")
  VDI("vdi", "vdi"),
  @JsonProperty("vpc")
  VPC("vpc", "vhd");

  private final String qemuName;
  private final String extension;

  Format(String qemuName, String extension) {
    this.qemuName = qemuName;
    this.extension = extension;
  }

  /** The format's name in {@code qemu-img -O}. */
  public String qemuName() {
    return qemuName;
  }

  /** The extension of the image's file, without the dot. */
  public String extension() {
    return extension;
  }
}
