package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Vm.Trouble;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceStatus;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceStatus.Condition;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What Kubernetes and KubeVirt show of a trouble, and the reason that it means. Seen on KubeVirt
 * 1.9; a condition's reason may be a whole sentence there, so messages are matched too.
 */
final class Symptoms {
  private static final Set<String> IMAGE_PULL =
      Set.of(
          "ErrImagePull",
          "ImagePullBackOff",
          "ErrImageNeverPull",
          "InvalidImageName",
          "ErrImagePullBackOff");
  private static final Set<String> ATTACH = Set.of("FailedAttachVolume", "FailedMount");

  /** Events are asked for when something has not gone on for this long. */
  private static final Duration SLOW = Duration.ofSeconds(30);

  private final Function<HasMetadata, List<Event>> events;
  private final Instant now;

  /**
   * @param events asks the cluster for the events of an object; asked only when conditions say
   *     nothing
   */
  Symptoms(Function<HasMetadata, List<Event>> events, Instant now) {
    this.events = events;
    this.now = now;
  }

  /** What keeps a VM from running. */
  Optional<Trouble> ofStarting(VirtualMachineInstance vm, List<Pod> pods) {
    Optional<VirtualMachineInstanceStatus> status = Optional.ofNullable(vm.getStatus());
    Instant created = Times.created(vm);
    return status
        .flatMap(s -> s.condition("Synchronized"))
        .filter(condition -> "False".equals(condition.status()))
        .map(condition -> refused(condition, since(condition, created)))
        .or(
            () ->
                status
                    .flatMap(s -> s.condition("PodScheduled"))
                    .filter(condition -> "False".equals(condition.status()))
                    .map(condition -> unscheduled(condition.message(), since(condition, created))))
        .or(() -> pods.stream().findFirst().flatMap(this::ofPending))
        .or(() -> fromEvents(vm, created));
  }

  /** What is wrong with a running VM. */
  static Optional<Trouble> ofRunning(VirtualMachineInstance vm) {
    VirtualMachineInstanceStatus status = vm.getStatus();
    Instant created = Times.created(vm);
    if ("NodeUnresponsive".equals(status.reason())) {
      return Optional.of(
          new Trouble(
              Reason.NODE_LOST, "node " + status.nodeName() + " does not respond", created));
    }
    return status
        .condition("Paused")
        .filter(condition -> "True".equals(condition.status()))
        .filter(condition -> "PausedIOError".equals(condition.reason()))
        .map(
            condition ->
                new Trouble(
                    Reason.DISK_IO_ERROR,
                    words(condition.message(), "the VM is paused by an I/O error"),
                    since(condition, created)));
  }

  /** What keeps a pod from running. */
  Optional<Trouble> ofPending(Pod pod) {
    Instant created = Times.created(pod);
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    Optional<PodCondition> scheduled =
        pod.getStatus().getConditions().stream()
            .filter(condition -> "PodScheduled".equals(condition.getType()))
            .filter(condition -> "False".equals(condition.getStatus()))
            .findFirst();
    if (scheduled.isPresent()) {
      return Optional.of(
          unscheduled(
              scheduled.get().getMessage(),
              Times.parse(scheduled.get().getLastTransitionTime()).orElse(created)));
    }
    Optional<Trouble> image =
        Stream.concat(
                pod.getStatus().getInitContainerStatuses().stream(),
                pod.getStatus().getContainerStatuses().stream())
            .flatMap(status -> waiting(status).stream())
            .filter(waiting -> IMAGE_PULL.contains(waiting.getReason()))
            .map(
                waiting ->
                    new Trouble(
                        Reason.BUILDER_IMAGE_PULL,
                        words(waiting.getMessage(), waiting.getReason()),
                        created))
            .findFirst();
    boolean pending = "Pending".equals(pod.getStatus().getPhase());
    return image.isPresent() || !pending ? image : fromEvents(pod, created);
  }

  /** What the events of an object tell that has not gone on for a while. */
  Optional<Trouble> fromEvents(HasMetadata object, Instant since) {
    if (Duration.between(since, now).compareTo(SLOW) < 0) {
      return Optional.empty();
    }
    for (Event event : events.apply(object)) {
      String reason = event.getReason() == null ? "" : event.getReason();
      String message = words(event.getMessage(), reason);
      if (ATTACH.contains(reason)) {
        return Optional.of(new Trouble(Reason.VOLUME_ATTACH, message, since));
      }
      if (reason.equals("FailedPvcNotFound")) {
        return Optional.of(new Trouble(Reason.PVC_NOT_FOUND, message, since));
      }
      if (reason.equals("FailedCreate")) {
        return Optional.of(new Trouble(denied(message), message, since));
      }
      if (reason.equals("SyncFailed")) {
        return Optional.of(new Trouble(Reason.VM_START_FAILED, message, since));
      }
    }
    return Optional.empty();
  }

  /** Whether KubeVirt saw the guest's kernel panic. */
  boolean panicked(VirtualMachineInstance vm) {
    return events.apply(vm).stream().anyMatch(event -> "GuestPanicked".equals(event.getReason()));
  }

  /** Why the cluster takes this pod away; empty when it does not. */
  static Optional<Reason> disruption(Pod pod) {
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    if ("NodeLost".equals(pod.getStatus().getReason())) {
      return Optional.of(Reason.NODE_LOST);
    }
    return pod.getStatus().getConditions().stream()
        .filter(condition -> "DisruptionTarget".equals(condition.getType()))
        .filter(condition -> "True".equals(condition.getStatus()))
        .findFirst()
        .map(
            condition ->
                "DeletionByTaintManager".equals(condition.getReason())
                        || "DeletionByPodGC".equals(condition.getReason())
                    ? Reason.NODE_LOST
                    : Reason.EVICTED);
  }

  /** The reason of a request that the cluster has denied. */
  static Reason denied(String message) {
    if (message.contains("exceeded quota")) {
      return Reason.QUOTA_EXCEEDED;
    }
    if (message.contains("PodSecurity")) {
      return Reason.POD_SECURITY_DENIED;
    }
    return Reason.VM_START_FAILED;
  }

  private static Trouble refused(Condition condition, Instant since) {
    String reason = condition.reason() == null ? "" : condition.reason();
    String message = words(condition.message(), reason);
    if (IMAGE_PULL.stream().anyMatch(pull -> reason.contains(pull) || message.contains(pull))) {
      return new Trouble(Reason.BUILDER_IMAGE_PULL, message, since);
    }
    if (reason.equals("FailedPvcNotFound")) {
      return new Trouble(Reason.PVC_NOT_FOUND, message, since);
    }
    return new Trouble(denied(message), message, since);
  }

  private static Trouble unscheduled(String message, Instant since) {
    String text = words(message, "no node takes the pod");
    boolean claim = text.contains("persistentvolumeclaim") && text.contains("not found");
    return new Trouble(claim ? Reason.PVC_NOT_FOUND : Reason.UNSCHEDULABLE, text, since);
  }

  private static Optional<ContainerStateWaiting> waiting(ContainerStatus status) {
    return Optional.ofNullable(status.getState()).map(state -> state.getWaiting());
  }

  private static Instant since(Condition condition, Instant otherwise) {
    return Times.parse(condition.lastTransitionTime()).orElse(otherwise);
  }

  private static String words(String message, String otherwise) {
    return message == null || message.isEmpty() ? otherwise : message;
  }
}
