package dev.zfsdiskimage.kubevirt;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * What KubeVirt says of a virtual machine; a component is null where it says nothing.
 *
 * @param phase Pending, Scheduling, Scheduled, Running, Succeeded, Failed or Unknown
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VirtualMachineInstanceStatus(
    String phase,
    String reason,
    String nodeName,
    List<Condition> conditions,
    List<PhaseTransition> phaseTransitionTimestamps) {

  /** One condition, as Kubernetes writes them. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Condition(
      String type, String status, String reason, String message, String lastTransitionTime) {}

  /** When a phase began, RFC 3339. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PhaseTransition(String phase, String phaseTransitionTimestamp) {}

  /** The condition of this type. */
  public Optional<Condition> condition(String type) {
    return conditions == null
        ? Optional.empty()
        : conditions.stream().filter(condition -> type.equals(condition.type())).findFirst();
  }

  /** When the phase began, RFC 3339. */
  public Optional<String> phaseBegan(String name) {
    return phaseTransitionTimestamps == null
        ? Optional.empty()
        : phaseTransitionTimestamps.stream()
            .filter(transition -> name.equals(transition.phase()))
            .map(PhaseTransition::phaseTransitionTimestamp)
            .findFirst();
  }
}
