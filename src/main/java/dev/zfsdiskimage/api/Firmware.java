package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The firmware under which a finished image is booted to verify it. */
public enum Firmware {
  @JsonProperty("bios")
  BIOS,
  @JsonProperty("uefi")
  UEFI
}
