package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

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
  SUSPENDED;

  /** As it stands in a status. */
  public String word() {
    return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
  }
}
