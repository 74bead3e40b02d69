package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The condition types of a {@code ZfsDiskImage}: seven steps, then the summary that kstatus reads.
 */
public enum ConditionType {
  @JsonProperty("DisksProvisioned")
  DISKS_PROVISIONED("DisksProvisioned"),
  @JsonProperty("Partitioned")
  PARTITIONED("Partitioned"),
  @JsonProperty("PoolCreated")
  POOL_CREATED("PoolCreated"),
  @JsonProperty("Installed")
  INSTALLED("Installed"),
  @JsonProperty("Exported")
  EXPORTED("Exported"),
  @JsonProperty("Saved")
  SAVED("Saved"),
  @JsonProperty("Verified")
  VERIFIED("Verified"),
  @JsonProperty("Ready")
  READY("Ready"),
  @JsonProperty("Reconciling")
  RECONCILING("Reconciling"),
  @JsonProperty("Stalled")
  STALLED("Stalled");

  private final String word;

  ConditionType(String word) {
    this.word = word;
  }

  /** The type as it stands in status and in console messages. */
  public String word() {
    return word;
  }
}
