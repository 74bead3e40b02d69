package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a build stands, in one word; derived from what exists, never from the previous status. */
public enum Phase {
  @JsonProperty("Pending")
  PENDING,
  @JsonProperty("Provisioning")
  PROVISIONING,
  @JsonProperty("Building")
  BUILDING,
  @JsonProperty("Saving")
  SAVING,
  @JsonProperty("Verifying")
  VERIFYING,
  @JsonProperty("Ready")
  READY,
  @JsonProperty("Failed")
  FAILED,
  @JsonProperty("Suspended")
  SUSPENDED
}
