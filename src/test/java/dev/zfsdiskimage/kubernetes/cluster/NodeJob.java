package dev.zfsdiskimage.kubernetes.cluster;

import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.JobEnd;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A Job whose containers really run, one after the other, as its pod's security context says. */
final class NodeJob {
  private static final Path RUN_CONTAINER = Path.of("e2e/run-container").toAbsolutePath();

  private final Job job;
  private final PodSpec pod;
  private final NodeVolumes volumes;
  private final NodeImages images;
  private final Map<String, Path> mounted = new HashMap<>();

  NodeJob(Job job, NodeVolumes volumes, NodeImages images) {
    this.job = job;
    this.pod = job.getSpec().getTemplate().getSpec();
    this.volumes = volumes;
    this.images = images;
  }

  /** Runs them until one fails; the last one's last words are the Job's. */
  JobEnd run(Set<Process> running) throws IOException, InterruptedException {
    for (Volume volume : pod.getVolumes()) {
      mounted.put(volume.getName(), volumes.of(volume));
    }
    List<Container> all =
        Stream.concat(
                Optional.ofNullable(pod.getInitContainers()).orElse(List.of()).stream(),
                pod.getContainers().stream())
            .toList();
    JobEnd end = JobEnd.good();
    for (Container container : all) {
      end = run(container, running);
      if (end.exitCode() != 0) {
        return end;
      }
    }
    return end;
  }

  private JobEnd run(Container container, Set<Process> running)
      throws IOException, InterruptedException {
    String name = job.getMetadata().getName() + "-" + container.getName();
    Path log = volumes.log(name);
    Path lastWords = volumes.log(name + "-last-words");
    Files.writeString(lastWords, "");
    Files.setPosixFilePermissions(lastWords, PosixFilePermissions.fromString("rw-rw-rw-"));
    ProcessBuilder builder =
        new ProcessBuilder(words(container, lastWords))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    if (container.getWorkingDir() != null) {
      builder.environment().put("WORKDIR", container.getWorkingDir());
    }
    Process process = builder.start();
    running.add(process);
    int status = process.waitFor();
    running.remove(process);
    String told = Files.readString(lastWords);
    boolean logInstead =
        told.isEmpty()
            && status != 0
            && "FallbackToLogsOnError".equals(container.getTerminationMessagePolicy());
    return new JobEnd(
        status, container.getName(), logInstead ? Files.readString(log) : told, Optional.empty());
  }

  private List<String> words(Container container, Path lastWords) {
    if (!Boolean.TRUE.equals(container.getSecurityContext().getReadOnlyRootFilesystem())) {
      throw new IllegalStateException("a container whose root can be written to");
    }
    List<String> words = new ArrayList<>();
    words.add(RUN_CONTAINER.toString());
    words.add(images.root(container.getImage()).toString());
    words.add(pod.getSecurityContext().getRunAsUser().toString());
    for (VolumeMount mount : container.getVolumeMounts()) {
      words.add(mounted.get(mount.getName()) + ":" + mount.getMountPath());
    }
    words.add(lastWords + ":/dev/termination-log");
    words.add("--");
    Optional.ofNullable(container.getEnv())
        .orElse(List.of())
        .forEach(variable -> words.add(variable.getName() + "=" + variable.getValue()));
    words.addAll(container.getCommand());
    words.addAll(Optional.ofNullable(container.getArgs()).orElse(List.of()));
    return words;
  }
}
