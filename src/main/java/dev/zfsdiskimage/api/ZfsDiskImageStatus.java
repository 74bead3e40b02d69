package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** What is true of a build. Times are RFC 3339 in UTC. A component is null where it is unknown. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ZfsDiskImageStatus(
    @JsonPropertyDescription("Generation of the resource that this status speaks of.") @Min(0)
        Long observedGeneration,
    @JsonPropertyDescription("Where the build stands, in one word.") Phase phase,
    @JsonPropertyDescription("Content hash of the spec that is built or was built last.")
        @Size(max = 64)
        String revision,
    @JsonPropertyDescription("Which attempt at this revision it is, from 1 on.") @Min(0)
        Integer attempt,
    @JsonPropertyDescription("What is true, step by step, and the summary.") @Size(max = 32)
        List<Condition> conditions,
    @JsonPropertyDescription("The steps of the newest attempt, in order.") @Size(max = 64)
        List<Step> steps,
    @JsonPropertyDescription("The newest good images.") Images images,
    @JsonPropertyDescription("The pool on the newest good root image.") Pool pool,
    @JsonPropertyDescription("The console's last lines, after a failure.") @Size(max = 65536)
        String console) {

  /** One condition. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Condition(
      @JsonPropertyDescription("What the condition speaks of.") @Required ConditionType type,
      @JsonPropertyDescription("Whether it holds.") @Required Status status,
      @JsonPropertyDescription("Generation of the resource that the condition speaks of.") @Min(0)
          Long observedGeneration,
      @JsonPropertyDescription("When the status last changed, RFC 3339.") @Required @Size(max = 64)
          String lastTransitionTime,
      @JsonPropertyDescription("Why, in one word.") @Required Reason reason,
      @JsonPropertyDescription("Why, in a sentence.") @Size(max = 32768) String message) {}

  /** Whether a condition holds. */
  public enum Status {
    @JsonProperty("True")
    TRUE,
    @JsonProperty("False")
    FALSE,
    @JsonProperty("Unknown")
    UNKNOWN
  }

  /** One step of a build. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Step(
      @JsonPropertyDescription("The step.") @Required @Size(min = 1, max = 64) String name,
      @JsonPropertyDescription("When it started, RFC 3339.") @Size(max = 64) String startedAt,
      @JsonPropertyDescription("When it finished, RFC 3339.") @Size(max = 64) String finishedAt) {}

  /** Both images. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Images(
      @JsonPropertyDescription("The boot disk's image.") Image boot,
      @JsonPropertyDescription("The root disk's image.") Image root) {}

  /** One image. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Image(
      @JsonPropertyDescription("PersistentVolumeClaim that holds it, in a cluster.")
          @Size(max = 253)
          String claim,
      @JsonPropertyDescription(
              "Its path: in the claim, or on one machine in the folder of the images.")
          @Size(max = 4096)
          String path,
      @JsonPropertyDescription("Its format.") Format format,
      @JsonPropertyDescription("Size of the disk that it holds, in bytes.") @Min(0)
          Long virtualBytes,
      @JsonPropertyDescription("What it takes where it is stored, in bytes.") @Min(0)
          Long storedBytes,
      @JsonPropertyDescription("SHA-256 of its file.") @Size(max = 64) String sha256) {}

  /** The pool. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Pool(
      @JsonPropertyDescription("Its name.") @Size(max = 255) String name,
      @JsonPropertyDescription("Its guid, a decimal number of up to 20 digits.") @Size(max = 20)
          String guid,
      @JsonPropertyDescription("Its size in bytes.") @Min(0) Long bytes,
      @JsonPropertyDescription("Version of ZFS that created it.") @Size(max = 64)
          String zfsVersion) {}
}
