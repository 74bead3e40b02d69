package dev.zfsdiskimage.kubernetes.cluster;

import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.guest.GuestSpeech;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Volume;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceStatus;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceStatus.Condition;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceStatus.PhaseTransition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatusBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * The controllers of a cluster with KubeVirt, as far as a build meets them: claims are bound, Jobs
 * run their pod, VMs go through the phases and conditions that the real ones show. What a VM's
 * guest does and how a Job ends is scripted by part ({@code build}, {@code check}, {@code save}
 * ...).
 */
public final class SimulatedKubeVirt implements AutoCloseable {
  private static final String PART = "zfsdiskimage.dev/part";
  private static final String FINALIZER = "foregroundDeleteVirtualMachine";
  private static final String SUM = "0123456789abcdef".repeat(4);

  private final ApiServer api;
  private final Clock clock;
  private final ExecutorService controller = threads(1);
  private final ExecutorService guests = threads(Integer.MAX_VALUE);
  private final ClaimProtection protection;
  private final AtomicBoolean protecting = new AtomicBoolean();
  private final LauncherVolumes launcherVolumes;
  private final Set<String> known = new HashSet<>();
  private final Map<String, Integer> started = new HashMap<>();
  private final Map<String, Guest> guestsByPart = new HashMap<>();
  private final Map<String, Function<Job, JobEnd>> jobsByPart = new HashMap<>();

  /** What happens to a VM from its creation on. */
  public interface Guest {
    void run(Machine machine) throws InterruptedException;
  }

  /** How a Job ends; an exit code other than 0 is that of the named container. */
  public record JobEnd(int exitCode, String container, String message, Optional<String> podReason) {
    /** It does what it should. */
    public static JobEnd good() {
      return new JobEnd(0, "", "", Optional.empty());
    }
  }

  public SimulatedKubeVirt(ApiServer api, Clock clock) {
    this.api = api;
    this.clock = clock;
    this.protection = new ClaimProtection(api);
    this.launcherVolumes = new LauncherVolumes(api);
    api.onChange(this::protectClaims);
    api.onChange(PersistentVolumeClaim.class, claim -> controller.execute(() -> reconcile(claim)));
    api.onChange(Job.class, job -> controller.execute(() -> reconcile(job)));
    api.onChange(VirtualMachineInstance.class, vm -> controller.execute(() -> reconcile(vm)));
  }

  /** Scripts the VMs of a part. */
  public synchronized SimulatedKubeVirt guest(String part, Guest guest) {
    guestsByPart.put(part, guest);
    return this;
  }

  /** Scripts the Jobs of a part. */
  public synchronized SimulatedKubeVirt job(String part, Function<Job, JobEnd> end) {
    jobsByPart.put(part, end);
    return this;
  }

  /** How many VMs of a part were ever started. */
  public synchronized int started(String part) {
    return started.getOrDefault(part, 0);
  }

  @Override
  public void close() {
    controller.shutdownNow();
    guests.shutdownNow();
  }

  /** One look serves all changes that came before it. */
  private void protectClaims() {
    if (protecting.compareAndSet(false, true)) {
      controller.execute(
          () -> {
            protecting.set(false);
            protection.release();
          });
    }
  }

  private void reconcile(PersistentVolumeClaim claim) {
    if (claim.getStatus() == null) {
      bind(claim);
    }
  }

  private void reconcile(Job job) {
    if (known.add(job.getMetadata().getUid())) {
      guests.execute(() -> run(job));
    }
  }

  private void reconcile(VirtualMachineInstance vm) {
    if (known.add(vm.getMetadata().getUid())) {
      start(vm);
    }
    if (vm.getMetadata().getDeletionTimestamp() != null) {
      finishDeletion(vm);
    }
  }

  private void bind(PersistentVolumeClaim claim) {
    api.edit(
        PersistentVolumeClaim.class,
        claim.getMetadata().getNamespace(),
        claim.getMetadata().getName(),
        edited -> {
          edited.getMetadata().setFinalizers(List.of(ClaimProtection.FINALIZER));
          edited.setStatus(
              new PersistentVolumeClaimStatusBuilder()
                  .withPhase("Bound")
                  .withCapacity(claim.getSpec().getResources().getRequests())
                  .build());
        });
  }

  // Jobs.

  private void run(Job job) {
    Function<Job, JobEnd> script;
    synchronized (this) {
      script = jobsByPart.getOrDefault(part(job), any -> JobEnd.good());
    }
    JobEnd end = script.apply(job);
    if (end == null) {
      return;
    }
    String namespace = job.getMetadata().getNamespace();
    String started = now();
    Pod pod = jobPod(job, end);
    api.create(pod);
    boolean good = end.exitCode() == 0;
    api.edit(
        Job.class,
        namespace,
        job.getMetadata().getName(),
        edited ->
            edited.setStatus(
                new JobStatusBuilder()
                    .withStartTime(started)
                    .withCompletionTime(good ? now() : null)
                    .addNewCondition()
                    .withType(good ? "Complete" : "Failed")
                    .withStatus("True")
                    .withReason(good ? "CompletionsReached" : "BackoffLimitExceeded")
                    .withMessage(good ? null : "Job has reached the specified backoff limit")
                    .withLastTransitionTime(now())
                    .endCondition()
                    .build()));
  }

  private Pod jobPod(Job job, JobEnd end) {
    PodStatusBuilder status =
        new PodStatusBuilder()
            .withPhase(end.exitCode() == 0 ? "Succeeded" : "Failed")
            .withReason(end.podReason().orElse(null));
    for (var container : job.getSpec().getTemplate().getSpec().getContainers()) {
      boolean failed = end.container().equals(container.getName());
      String message = failed ? end.message() : lastWords(job, container.getName());
      status.addToContainerStatuses(
          new ContainerStatusBuilder()
              .withName(container.getName())
              .withNewState()
              .withNewTerminated()
              .withExitCode(failed ? end.exitCode() : 0)
              .withMessage(message)
              .endTerminated()
              .endState()
              .build());
    }
    for (var container : job.getSpec().getTemplate().getSpec().getInitContainers()) {
      boolean failed = end.container().equals(container.getName());
      status.addToInitContainerStatuses(
          new ContainerStatusBuilder()
              .withName(container.getName())
              .withNewState()
              .withNewTerminated()
              .withExitCode(failed ? end.exitCode() : 0)
              .withMessage(failed ? end.message() : null)
              .endTerminated()
              .endState()
              .build());
    }
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(job.getMetadata().getNamespace())
        .withName(job.getMetadata().getName() + "-" + suffix())
        .withLabels(job.getSpec().getTemplate().getMetadata().getLabels())
        .withOwnerReferences(owner(job))
        .endMetadata()
        .withSpec(job.getSpec().getTemplate().getSpec())
        .withStatus(status.build())
        .build();
  }

  private static String lastWords(Job job, String container) {
    return part(job).equals("save") && container.equals("hash")
        ? "boot 1073741824 1073741824 47185920 "
            + SUM
            + "\nroot 2147483648 2147483648 188743680 "
            + SUM
            + "\n"
        : null;
  }

  // VMs.

  private void start(VirtualMachineInstance vm) {
    Machine machine = new Machine(vm);
    api.edit(
        VirtualMachineInstance.class,
        machine.namespace,
        machine.name,
        edited -> edited.getMetadata().setFinalizers(List.of(FINALIZER)));
    Guest guest;
    synchronized (this) {
      guest = guestsByPart.get(part(vm));
      started.merge(part(vm), 1, Integer::sum);
    }
    if (guest == null) {
      throw new IllegalStateException("no guest is scripted for VMs of part " + part(vm));
    }
    guests.execute(
        () -> {
          try {
            Optional<String> trouble = launcherVolumes.trouble(vm);
            if (trouble.isPresent()) {
              machine.schedule();
              machine.phase("Scheduled");
              machine.condition("Synchronized", "False", "SyncFailed", trouble.get());
              return;
            }
            guest.run(machine);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void finishDeletion(VirtualMachineInstance vm) {
    Machine machine = new Machine(vm);
    for (Pod pod : machine.pods()) {
      api.console(machine.namespace, pod.getMetadata().getName(), Machine.CONSOLE).close();
      api.delete(Pod.class, machine.namespace, pod.getMetadata().getName());
    }
    api.edit(
        VirtualMachineInstance.class,
        machine.namespace,
        machine.name,
        edited -> edited.getMetadata().setFinalizers(List.of()));
  }

  /** One VM, for the script that makes it live and die. */
  public final class Machine {
    private static final String CONSOLE = "guest-console-log";

    private final String namespace;
    private final String name;
    private final String uid;
    private final GuestSpeech speech;

    private Machine(VirtualMachineInstance vm) {
      namespace = vm.getMetadata().getNamespace();
      name = vm.getMetadata().getName();
      uid = vm.getMetadata().getUid();
      speech = new GuestSpeech(nonce(vm).orElse("none"));
    }

    /** Its guest's way to speak. */
    public GuestSpeech speech() {
      return speech;
    }

    public String name() {
      return name;
    }

    /** The resource that it serves. */
    public ZfsDiskImage resource() {
      return vm().map(vm -> vm.getMetadata().getLabels().get("zfsdiskimage.dev/image"))
          .flatMap(image -> api.get(ZfsDiskImage.class, namespace, image))
          .orElseThrow(() -> new IllegalStateException("VM " + name + " serves no resource"));
    }

    /** Which try it is. */
    public int attempt() {
      return vm().map(vm -> vm.getMetadata().getLabels().get("zfsdiskimage.dev/attempt"))
          .map(Integer::parseInt)
          .orElse(0);
    }

    /** Whether it is still there and not being deleted. */
    public boolean lives() {
      return vm().filter(vm -> vm.getMetadata().getDeletionTimestamp() == null).isPresent();
    }

    /** Waits until somebody deletes it. */
    public void untilDeleted() throws InterruptedException {
      while (lives()) {
        Thread.sleep(5);
      }
    }

    /** Its launcher's pod is there, on a node, and the VM runs. */
    public void run() {
      schedule();
      begin();
    }

    /** Whether its launcher's pod is there. */
    public boolean isScheduled() {
      return !pods().isEmpty();
    }

    /** Its pod gets to a node, and the VM runs; the console's container has begun before it. */
    public void begin() {
      phase("Scheduled");
      podPhase("Running");
      console();
      phase("Running");
      condition("Ready", "True", null, null);
    }

    /** Its launcher's pod is there. */
    public void schedule() {
      phase("Pending");
      phase("Scheduling");
      api.create(
          new PodBuilder()
              .withNewMetadata()
              .withNamespace(namespace)
              .withName("virt-launcher-" + name + "-" + suffix())
              .withLabels(labels())
              .withOwnerReferences(owner(vm().orElseThrow()))
              .endMetadata()
              .withNewSpec()
              .addNewContainer()
              .withName("compute")
              .endContainer()
              .withVolumes(launcherVolumes.of(vm().orElseThrow()))
              .endSpec()
              .withNewStatus()
              .withPhase("Pending")
              .endStatus()
              .build());
    }

    /** Writes to its console. */
    public void print(List<String> lines) {
      console().print(lines.toArray(String[]::new));
    }

    /** Its console; nobody reads that of a VM whose pod is gone. */
    public Console console() {
      return pods().stream()
          .findFirst()
          .map(pod -> api.console(namespace, pod.getMetadata().getName(), CONSOLE))
          .orElseGet(Console::new);
    }

    /** Waits until somebody watches its console live, or the VM is deleted. */
    public void awaitViewer() throws InterruptedException {
      while (lives() && console().viewers() == 0) {
        Thread.sleep(5);
      }
    }

    /** The guest powers off: the VM has succeeded, its pod a while later too. */
    public void powerOff() {
      condition("Ready", "False", "PodTerminating", "virt-launcher pod is terminating");
      phase("Succeeded");
      endPod("Succeeded");
    }

    /** The VM ends badly. */
    public void fail() {
      phase("Failed");
      endPod("Failed");
    }

    /** The VM ends badly and its pod, with the log, is gone. */
    public void vanishLauncher() {
      for (Pod pod : pods()) {
        api.console(namespace, pod.getMetadata().getName(), CONSOLE).close();
        api.delete(Pod.class, namespace, pod.getMetadata().getName());
      }
      phase("Failed");
    }

    public void condition(String type, String status, String reason, String message) {
      edit(
          known ->
              new VirtualMachineInstanceStatus(
                  known.phase(),
                  known.reason(),
                  known.nodeName(),
                  with(known.conditions(), new Condition(type, status, reason, message, now())),
                  known.phaseTransitionTimestamps()));
    }

    public void statusReason(String reason) {
      edit(
          known ->
              new VirtualMachineInstanceStatus(
                  known.phase(),
                  reason,
                  "node-1",
                  known.conditions(),
                  known.phaseTransitionTimestamps()));
    }

    public void phase(String phase) {
      edit(
          known -> {
            List<PhaseTransition> transitions =
                new ArrayList<>(
                    Optional.ofNullable(known.phaseTransitionTimestamps()).orElse(List.of()));
            transitions.add(new PhaseTransition(phase, now()));
            return new VirtualMachineInstanceStatus(
                phase, known.reason(), known.nodeName(), known.conditions(), transitions);
          });
    }

    /** An event about the VM. */
    public void event(String reason, String message) {
      about(vm().orElseThrow(), reason, message);
    }

    /** An event about its pod. */
    public void podEvent(String reason, String message) {
      about(pods().get(0), reason, message);
    }

    public void podCondition(String type, String status, String reason, String message) {
      PodCondition condition =
          new PodConditionBuilder()
              .withType(type)
              .withStatus(status)
              .withReason(reason)
              .withMessage(message)
              .withLastTransitionTime(now())
              .build();
      editPod(pod -> pod.getStatus().setConditions(List.of(condition)));
    }

    /** What the launcher's kernel container waits for. */
    public void podWaits(String reason, String message) {
      editPod(
          pod ->
              pod.getStatus()
                  .setInitContainerStatuses(
                      List.of(
                          new ContainerStatusBuilder()
                              .withName("volumekernel-boot-volume")
                              .withNewState()
                              .withNewWaiting()
                              .withReason(reason)
                              .withMessage(message)
                              .endWaiting()
                              .endState()
                              .build())));
    }

    private void about(HasMetadata object, String reason, String message) {
      Event event =
          new EventBuilder()
              .withNewMetadata()
              .withNamespace(namespace)
              .withName(object.getMetadata().getName() + "." + suffix())
              .endMetadata()
              .withNewInvolvedObject()
              .withKind(object.getKind())
              .withNamespace(namespace)
              .withName(object.getMetadata().getName())
              .withUid(object.getMetadata().getUid())
              .endInvolvedObject()
              .withType("Warning")
              .withReason(reason)
              .withMessage(message)
              .build();
      api.create(event);
    }

    private void podPhase(String phase) {
      editPod(pod -> pod.getStatus().setPhase(phase));
    }

    private void endPod(String phase) {
      for (Pod pod : pods()) {
        api.console(namespace, pod.getMetadata().getName(), CONSOLE).close();
      }
      podPhase(phase);
    }

    private void editPod(java.util.function.Consumer<Pod> change) {
      for (Pod pod : pods()) {
        api.edit(Pod.class, namespace, pod.getMetadata().getName(), change);
      }
    }

    private List<Pod> pods() {
      return api.ownedBy(Pod.class, uid);
    }

    private Map<String, String> labels() {
      Map<String, String> labels = new HashMap<>(vm().orElseThrow().getMetadata().getLabels());
      labels.put("kubevirt.io", "virt-launcher");
      return labels;
    }

    private Optional<VirtualMachineInstance> vm() {
      return api.get(VirtualMachineInstance.class, namespace, name)
          .filter(vm -> vm.getMetadata().getUid().equals(uid));
    }

    private void edit(Function<VirtualMachineInstanceStatus, VirtualMachineInstanceStatus> change) {
      api.edit(
          VirtualMachineInstance.class,
          namespace,
          name,
          vm ->
              vm.setStatus(
                  change.apply(
                      Optional.ofNullable(vm.getStatus())
                          .orElse(
                              new VirtualMachineInstanceStatus(null, null, null, null, null)))));
    }
  }

  private static List<Condition> with(List<Condition> conditions, Condition one) {
    List<Condition> all = new ArrayList<>(Optional.ofNullable(conditions).orElse(List.of()));
    all.removeIf(known -> known.type().equals(one.type()));
    all.add(one);
    return all;
  }

  private Optional<String> nonce(VirtualMachineInstance vm) {
    return vm.getSpec().volumes().stream()
        .filter(volume -> volume.configMap() != null)
        .map(Volume::configMap)
        .flatMap(
            volume ->
                api.get(ConfigMap.class, vm.getMetadata().getNamespace(), volume.name()).stream())
        .map(map -> Base64.getDecoder().decode(map.getBinaryData().get("build.args")))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8).replace("\0", ""))
        .findFirst();
  }

  private static OwnerReference owner(HasMetadata object) {
    return new OwnerReferenceBuilder()
        .withApiVersion(object.getApiVersion())
        .withKind(object.getKind())
        .withName(object.getMetadata().getName())
        .withUid(object.getMetadata().getUid())
        .withController(true)
        .build();
  }

  private static String part(HasMetadata object) {
    return object.getMetadata().getLabels().getOrDefault(PART, "");
  }

  private static String suffix() {
    return UUID.randomUUID().toString().substring(0, 5);
  }

  private String now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  /** What is asked for once the cluster has gone is left undone. */
  private static ExecutorService threads(int most) {
    boolean one = most == 1;
    return new ThreadPoolExecutor(
        one ? 1 : 0,
        most,
        60,
        TimeUnit.SECONDS,
        one ? new LinkedBlockingQueue<>() : new SynchronousQueue<>(),
        SimulatedKubeVirt::daemon,
        new ThreadPoolExecutor.DiscardPolicy());
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "simulated-kubevirt");
    thread.setDaemon(true);
    return thread;
  }
}
