package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Vm.Trouble;
import dev.zfsdiskimage.engine.Work;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Sees the Jobs of an attempt in the engine's terms. */
final class JobObserver {
  private final View view;
  private final Pods pods;
  private final Symptoms symptoms;
  private final Instant now;

  JobObserver(View view, Pods pods, Symptoms symptoms, Instant now) {
    this.view = view;
    this.pods = pods;
    this.symptoms = symptoms;
    this.now = now;
  }

  Work work(Attempt attempt, Part part) {
    return view.job(attempt, part).map(job -> work(job, part)).orElse(Work.ABSENT);
  }

  /** One run of a part, and no other. */
  Work work(Attempt attempt, Part part, int run) {
    return view.job(attempt, part)
        .filter(job -> Labels.number(job, Labels.RUN) == run)
        .map(job -> work(job, part))
        .orElse(Work.ABSENT);
  }

  /** The last words of a container of a Job that has succeeded. */
  Optional<String> lastWords(Attempt attempt, Part part, String container) {
    return view.job(attempt, part).stream()
        .flatMap(job -> pods.of(job, Pods::isOver).stream())
        .flatMap(pod -> terminated(pod, container).stream())
        .filter(terminated -> Integer.valueOf(0).equals(terminated.getExitCode()))
        .flatMap(terminated -> Optional.ofNullable(terminated.getMessage()).stream())
        .findFirst();
  }

  private Work work(Job job, Part part) {
    int run = Math.max(1, Labels.number(job, Labels.RUN));
    Instant started =
        Optional.ofNullable(job.getStatus())
            .flatMap(status -> Times.parse(status.getStartTime()))
            .orElseGet(() -> Times.created(job));
    Optional<JobCondition> complete = condition(job, "Complete");
    if (complete.isPresent()) {
      Instant finished =
          Times.parse(job.getStatus().getCompletionTime())
              .or(() -> Times.parse(complete.get().getLastTransitionTime()))
              .orElse(now);
      return new Work.Done(run, started, finished);
    }
    Optional<JobCondition> failed = condition(job, "Failed");
    if (failed.isPresent()) {
      Instant finished = Times.parse(failed.get().getLastTransitionTime()).orElse(now);
      return failed(pods.of(job, Pods::isOver), part, run, failed.get(), started, finished);
    }
    List<Pod> begun = pods.of(job);
    Optional<Trouble> trouble =
        begun.isEmpty()
            ? symptoms.fromEvents(job, Times.created(job))
            : symptoms.ofPending(begun.get(0));
    return trouble
        .<Work>map(known -> new Work.Waiting(run, known.reason(), known.message(), known.since()))
        .orElseGet(() -> new Work.Running(run, started));
  }

  private static Work failed(
      List<Pod> pods, Part part, int run, JobCondition failed, Instant started, Instant finished) {
    Optional<Pod> pod = pods.stream().findFirst();
    Optional<Reason> disrupted = pod.flatMap(Symptoms::disruption);
    Reason reason =
        disrupted
            .or(() -> pod.filter(JobObserver::isEvicted).map(any -> Reason.EVICTED))
            .or(
                () ->
                    pod.filter(JobObserver::isLate)
                        .map(
                            any ->
                                part == Part.SAVE || part == Part.LARGER
                                    ? Reason.SAVE_DEADLINE_EXCEEDED
                                    : Reason.BUILD_DEADLINE_EXCEEDED))
            .orElseGet(() -> ofFailedContainer(pod, part));
    String message =
        pod.flatMap(JobObserver::lastWordsOfFailed)
            .orElseGet(() -> failed.getMessage() == null ? "the Job failed" : failed.getMessage());
    return new Work.Failed(run, reason, message, started, finished);
  }

  private static Reason ofFailedContainer(Optional<Pod> pod, Part part) {
    if (pod.isEmpty()) {
      // The Job's pod was deleted: the Job says no more than that.
      return Reason.EVICTED;
    }
    if (part == Part.PREPARE) {
      return Reason.DISK_NOT_BLANK;
    }
    if (part == Part.FETCH) {
      return ofFetch(pod.get());
    }
    boolean postBuild =
        statuses(pod.get())
            .anyMatch(status -> status.getName().equals("post-build") && isFailed(status));
    return postBuild ? Reason.POST_BUILD_FAILED : Reason.SAVE_FAILED;
  }

  /** By the exit status, as {@code fetch.sh} says it. */
  private static Reason ofFetch(Pod pod) {
    int status = terminated(pod, "fetch").map(ContainerStateTerminated::getExitCode).orElse(0);
    return switch (status) {
      case 4 -> Reason.PAYLOAD_INVALID;
      case 5 -> Reason.HOST_DISK_FULL;
      default -> Reason.PAYLOAD_UNAVAILABLE;
    };
  }

  private static Optional<String> lastWordsOfFailed(Pod pod) {
    return statuses(pod)
        .filter(JobObserver::isFailed)
        .map(
            status -> {
              ContainerStateTerminated end = status.getState().getTerminated();
              String words = end.getMessage() == null ? "" : ": " + end.getMessage().strip();
              return status.getName() + " ended with " + end.getExitCode() + words;
            })
        .findFirst();
  }

  private static boolean isFailed(ContainerStatus status) {
    return status.getState() != null
        && status.getState().getTerminated() != null
        && !Integer.valueOf(0).equals(status.getState().getTerminated().getExitCode());
  }

  private static boolean isEvicted(Pod pod) {
    return "Evicted".equals(pod.getStatus().getReason());
  }

  private static boolean isLate(Pod pod) {
    return "DeadlineExceeded".equals(pod.getStatus().getReason());
  }

  private static Optional<ContainerStateTerminated> terminated(Pod pod, String container) {
    return statuses(pod)
        .filter(status -> status.getName().equals(container))
        .filter(status -> status.getState() != null)
        .flatMap(status -> Optional.ofNullable(status.getState().getTerminated()).stream())
        .findFirst();
  }

  private static Stream<ContainerStatus> statuses(Pod pod) {
    return pod.getStatus() == null
        ? Stream.empty()
        : Stream.concat(
            pod.getStatus().getInitContainerStatuses().stream(),
            pod.getStatus().getContainerStatuses().stream());
  }

  private static Optional<JobCondition> condition(Job job, String type) {
    return job.getStatus() == null
        ? Optional.empty()
        : job.getStatus().getConditions().stream()
            .filter(condition -> type.equals(condition.getType()))
            .filter(condition -> "True".equals(condition.getStatus()))
            .findFirst();
  }
}
