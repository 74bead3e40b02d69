package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/** The virtual machine that builds. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BuilderSpec(
    @JsonPropertyDescription(
            "Memory of the builder VM, a whole number of Mi, Gi or Ti; at least 512Mi. With less than 2Gi, ZFS is known to run out of it.")
        @Default(Defaults.BUILDER_MEMORY)
        @Pattern(Patterns.SIZE)
        String memory,
    @JsonPropertyDescription("Processor cores of the builder VM.")
        @Default(Defaults.BUILDER_CORES)
        @Min(1)
        @Max(256)
        Integer cores,
    @JsonPropertyDescription(
            "OCI image of the builder appliance (kernel, initial RAM disk, toolbox). Left out, it is the one that this release was made with.")
        @Pattern(Patterns.IMAGE)
        @Size(min = 1, max = 512)
        String image,
    @JsonPropertyDescription(
            "Secret with which the builder's and the payloads' OCI images are pulled; in a cluster only.")
        @Pattern(Patterns.OBJECT_NAME)
        @Size(min = 1, max = 253)
        String imagePullSecret,
    @JsonPropertyDescription(
            "None: the builder VM has no network at all. Pod: it reaches what a pod reaches, for install scripts that download.")
        @Default(Defaults.NETWORK)
        Network network,
    @JsonPropertyDescription("Deadlines.") @Default("{}") Timeouts timeouts,
    @JsonPropertyDescription(
            "How often a build is tried again after a failure that may pass, such as a lost node.")
        @Default(Defaults.RETRIES)
        @Min(0)
        @Max(20)
        Integer retries,
    @JsonPropertyDescription("Labels of the nodes on which the builder may run; in a cluster only.")
        @Size(max = 32)
        Map<String, @Size(max = 63) String> nodeSelector,
    @JsonPropertyDescription("Taints that the builder tolerates; in a cluster only.")
        @Size(max = 32)
        List<Toleration> tolerations) {

  /** Whether the builder VM has a network. */
  public enum Network {
    @JsonProperty("None")
    NONE,
    @JsonProperty("Pod")
    POD
  }

  /** Deadlines: a number with h, m or s, such as 90s or 1h30m. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Timeouts(
      @JsonPropertyDescription("From the VM's start to its first message, such as 90s or 5m.")
          @Default(Defaults.START_TIMEOUT)
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 16)
          String start,
      @JsonPropertyDescription("From the VM's start to its power-off, such as 2h or 1h30m.")
          @Default(Defaults.BUILD_TIMEOUT)
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 16)
          String build,
      @JsonPropertyDescription("For checking, converting, hashing and postBuild, such as 1h.")
          @Default(Defaults.SAVE_TIMEOUT)
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 16)
          String save) {}

  /** A taint that is tolerated; the fields mean what they mean in a pod. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "!has(self.value) || !has(self.operator) || self.operator != 'Exists'",
      fieldPath = ".value",
      message = "a toleration with operator Exists has no value; remove one of them")
  public record Toleration(
      @JsonPropertyDescription("Key of the taint. Left out, with operator Exists, it is every key.")
          @Size(max = 316)
          String key,
      @JsonPropertyDescription(
              "Exists tolerates any value, Equal the one given. Left out, it is Equal.")
          TolerationOperator operator,
      @JsonPropertyDescription("Value of the taint.") @Size(max = 63) String value,
      @JsonPropertyDescription("Effect of the taint. Left out, it is every effect.")
          TaintEffect effect,
      @JsonPropertyDescription("Seconds for which a NoExecute taint is tolerated.") @Min(0)
          Long tolerationSeconds) {}

  /** How a toleration compares. */
  public enum TolerationOperator {
    @JsonProperty("Exists")
    EXISTS,
    @JsonProperty("Equal")
    EQUAL
  }

  /** What a taint does to pods. */
  public enum TaintEffect {
    @JsonProperty("NoSchedule")
    NO_SCHEDULE,
    @JsonProperty("PreferNoSchedule")
    PREFER_NO_SCHEDULE,
    @JsonProperty("NoExecute")
    NO_EXECUTE
  }
}
