package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.guest.SampleReports;
import dev.zfsdiskimage.kubernetes.cluster.ApiCall;
import dev.zfsdiskimage.kubernetes.cluster.ApiServer;
import dev.zfsdiskimage.kubernetes.cluster.MovableClock;
import dev.zfsdiskimage.kubernetes.cluster.ObjectSchemas;
import dev.zfsdiskimage.kubernetes.cluster.ShippedRole;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt;
import dev.zfsdiskimage.metrics.BuildMeters;
import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Place;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipes;
import dev.zfsdiskimage.recipe.References;
import dev.zfsdiskimage.schema.Checked;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.processing.Controller;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A cluster with a simulated KubeVirt and the operator in it, for one scenario. */
final class TestCluster implements AutoCloseable {
  static final String NAMESPACE = "images";

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Optional<ObjectSchemas> SCHEMAS = ObjectSchemas.read();
  static final long GIB = 1L << 30;

  /** The root disk's size where the resource does not say it. */
  static final long DISK = 2 * GIB;

  /** The size of a pool on such a disk. */
  static final long POOL = 2013265920;

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  final ApiServer api = new ApiServer();
  final MovableClock clock = new MovableClock();
  final SimulatedKubeVirt kubevirt = new SimulatedKubeVirt(api, clock);
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<String> violations = Collections.synchronizedList(new ArrayList<>());
  private final List<RunningOperator> operators = new ArrayList<>();
  private final Duration patience;
  private int builds = 10;
  private boolean watchSecrets;
  private Set<String> namespaces = Set.of();

  private record RunningOperator(Operator operator, ZfsDiskImageReconciler reconciler) {}

  TestCluster() {
    this(PATIENCE);
  }

  /**
   * @param patience how long what is awaited may take
   */
  TestCluster(Duration patience) {
    this.patience = patience;
    api.admit(
        (call, object) -> {
          if (!call.group().equals("zfsdiskimage.dev")) {
            SCHEMAS.ifPresent(schemas -> violations.addAll(schemas.problems(object)));
          }
          return Optional.empty();
        });
    kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().goodBuild());
          machine.powerOff();
        });
    kubevirt.guest("check", goodCheck(Map.of()));
  }

  /** A check that finds the disks as the first resource asks. */
  SimulatedKubeVirt.Guest goodCheck(Map<String, String> installer) {
    return machine -> {
      machine.run();
      machine.print(machine.speech().check(SampleReports.good(recipe(installer))));
      machine.powerOff();
    };
  }

  /** A Secret beside the resources. */
  static Secret secret(String name, Map<String, String> data) {
    Map<String, String> encoded = new HashMap<>();
    data.forEach(
        (key, text) ->
            encoded.put(
                key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName(name)
        .endMetadata()
        .withData(encoded)
        .build();
  }

  /** Puts the key {@code host} of Secret {@code keys} on the images. */
  static void addSecretContent(ObjectNode spec) {
    ObjectNode content = spec.withArray("contents").addObject();
    content.put("target", "/etc/host");
    content.putObject("source").putObject("secret").put("name", "keys").put("key", "host");
  }

  /** A change of a resource's spec, as JSON. */
  static Consumer<ZfsDiskImage> spec(Consumer<ObjectNode> change) {
    return resource -> {
      ObjectNode spec = JSON.valueToTree(resource.getSpec());
      change.accept(spec);
      try {
        resource.setSpec(JSON.treeToValue(spec, ZfsDiskImageSpec.class));
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException(e);
      }
    };
  }

  /** The smallest resource. */
  static ZfsDiskImage resource(String name) {
    return Serialization.unmarshal(
        """
        apiVersion: zfsdiskimage.dev/v1alpha1
        kind: ZfsDiskImage
        metadata: {name: %s, namespace: images}
        spec:
          install: {rootfs: {payload: {image: "registry.example/rootfs:1"}, bootloader: none}}
        """
            .formatted(name),
        ZfsDiskImage.class);
  }

  /** A small resource whose root file system comes from a web server. */
  static ZfsDiskImage fetching(String name) {
    return Serialization.unmarshal(
        """
        apiVersion: zfsdiskimage.dev/v1alpha1
        kind: ZfsDiskImage
        metadata: {name: %s, namespace: images}
        spec:
          install:
            rootfs:
              payload: {http: {url: "https://example.com/rootfs.tar", sha256: "%s"}}
              bootloader: none
        """
            .formatted(name, "0123456789abcdef".repeat(4)),
        ZfsDiskImage.class);
  }

  /** A small resource whose images are booted as far as their login prompt. */
  static ZfsDiskImage booting(String name) {
    return Serialization.unmarshal(
        """
        apiVersion: zfsdiskimage.dev/v1alpha1
        kind: ZfsDiskImage
        metadata: {name: %s, namespace: images}
        spec:
          install: {rootfs: {payload: {image: "registry.example/rootfs:1"}, bootloader: none}}
          verify: {boot: {firmware: [uefi]}}
        """
            .formatted(name),
        ZfsDiskImage.class);
  }

  /** A small resource whose images are booted, and booted again with 1 GiB more. */
  static ZfsDiskImage growing(String name) {
    return Serialization.unmarshal(
        """
        apiVersion: zfsdiskimage.dev/v1alpha1
        kind: ZfsDiskImage
        metadata: {name: %s, namespace: images}
        spec:
          install: {rootfs: {payload: {image: "registry.example/rootfs:1"}, bootloader: none}}
          verify:
            boot: {firmware: [uefi], expect: Multi-User System}
            grow: {by: 1Gi}
        """
            .formatted(name),
        ZfsDiskImage.class);
  }

  /**
   * The finished images boot, and with the larger disk the pool becomes {@code poolBytes} large.
   */
  TestCluster growTo(long poolBytes) {
    kubevirt.guest("check", sees(POOL, DISK));
    kubevirt.guest("uefi", TestCluster::boots);
    kubevirt.guest("grow", TestCluster::boots);
    kubevirt.guest("grown", sees(poolBytes, DISK + GIB));
    return this;
  }

  /** Builder VMs stop after their first steps, and end well once the semaphore lets them. */
  Semaphore pauseBuilds() {
    Semaphore goOn = new Semaphore(0);
    kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().beginning());
          goOn.acquire();
          machine.print(machine.speech().goodBuild());
          machine.powerOff();
        });
    return goOn;
  }

  /** The first such VM's kernel panics, after which it does {@code end}; later ones are good. */
  static SimulatedKubeVirt.Guest panicsOnce(
      SimulatedKubeVirt.Guest good, SimulatedKubeVirt.Guest end) {
    AtomicBoolean panics = new AtomicBoolean(true);
    return machine -> {
      if (!panics.getAndSet(false)) {
        good.run(machine);
        return;
      }
      machine.run();
      machine.print(List.of("[   1.0] Kernel panic - not syncing: Fatal exception in interrupt"));
      end.run(machine);
    };
  }

  /** It comes up as far as its login prompt. */
  static void boots(SimulatedKubeVirt.Machine machine) throws InterruptedException {
    machine.run();
    machine.print(List.of("[  OK  ] Reached target multi-user.target - Multi-User System."));
    machine.awaitViewer();
    machine.console().write("\r\nweb login: ");
    machine.untilDeleted();
  }

  /** A look at a root disk of that size. */
  SimulatedKubeVirt.Guest sees(long poolBytes, long diskBytes) {
    return machine -> {
      machine.run();
      machine.print(
          machine
              .speech()
              .check(SampleReports.withPool(SampleReports.good(recipe()), poolBytes, diskBytes)));
      machine.powerOff();
    };
  }

  /** What the first resource asks for now. */
  Recipe recipe() {
    return recipe(Map.of());
  }

  private Recipe recipe(Map<String, String> installer) {
    Map<String, Bytes> data = new HashMap<>();
    installer.forEach((key, text) -> data.put(key, Bytes.of(text)));
    ZfsDiskImage resource = api.list(ZfsDiskImage.class).get(0);
    References references = new References(Map.of("installer", data), Map.of(), Map.of());
    Checked<Recipe> recipe = Recipes.read(resource, references, Place.CLUSTER);
    return ((Checked.Valid<Recipe>) recipe).value();
  }

  /** The names of all claims. */
  List<String> claims() {
    return api.list(PersistentVolumeClaim.class).stream()
        .map(claim -> claim.getMetadata().getName())
        .toList();
  }

  /** Why attempts have failed so far. */
  List<Reason> failures() {
    return failedTries().stream().map(Failure::reason).toList();
  }

  /** What has gone wrong so far, as the ledgers have it. */
  List<Failure> failedTries() {
    return api.list(ConfigMap.class).stream()
        .filter(map -> Labels.has(map, Labels.PART, Part.LEDGER.word()))
        .flatMap(map -> Ledger.read(map).orElseThrow().failures().stream())
        .toList();
  }

  /** Whether some resource's status says so. */
  boolean hasReached(ConditionType type) {
    return api.list(ZfsDiskImage.class).stream()
        .map(ZfsDiskImage::getStatus)
        .filter(Objects::nonNull)
        .flatMap(status -> condition(status, type).stream())
        .anyMatch(condition -> condition.status() == ZfsDiskImageStatus.Status.TRUE);
  }

  void limitBuilds(int limit) {
    builds = limit;
  }

  /** Operators started from now on may read Secrets, as the role that is added for it allows. */
  void letOperatorWatchSecrets() {
    watchSecrets = true;
  }

  /** Operators started from now on see nothing else. */
  void watchOnly(String namespace) {
    namespaces = Set.of(namespace);
  }

  TestCluster startOperator() {
    var client = api.client();
    Settings settings =
        new Settings(
            "registry.example/builder:1",
            "registry.example/tools:1",
            Optional.of("registry.example/debian:1"),
            "IfNotPresent",
            true,
            true,
            watchSecrets,
            Optional.empty(),
            0.055,
            builds,
            5);
    var reconciler = new ZfsDiskImageReconciler(client, settings, new BuildMeters(registry), clock);
    Operator operator =
        new Operator(
            overrider ->
                overrider
                    .withKubernetesClient(client)
                    .checkingCRDAndValidateLocalModel(false)
                    .withCloseClientOnStop(true)
                    .withReconciliationTerminationTimeout(Duration.ofSeconds(5)));
    operator.register(
        reconciler,
        overrider -> {
          if (!namespaces.isEmpty()) {
            overrider.settingNamespaces(namespaces);
          }
        });
    operator.start();
    operators.add(new RunningOperator(operator, reconciler));
    return this;
  }

  void stopOperator() {
    operators.forEach(
        running -> {
          running.operator().stop();
          running.reconciler().close();
        });
    operators.clear();
  }

  ZfsDiskImage apply(ZfsDiskImage resource) {
    api.create(resource);
    return resource;
  }

  /** How often the operator has looked at any resource. */
  double looks() {
    return registry.counter("zdi.looks").count();
  }

  /** Changes the spec, as a person does. */
  void change(String name, Consumer<ZfsDiskImage> change) {
    api.edit(ZfsDiskImage.class, NAMESPACE, name, change);
  }

  /** Moves time on and has everything looked at again. */
  void pass(Duration duration) {
    clock.advance(duration);
    for (ZfsDiskImage resource : api.list(ZfsDiskImage.class)) {
      operators.forEach(running -> running.reconciler().tell(ResourceID.fromResource(resource)));
    }
  }

  ZfsDiskImageStatus awaitPhase(String name, Phase phase) {
    return await(name, status -> status.phase() == phase);
  }

  /** Waits until the status is so; gives up, loudly, after a time that no good run needs. */
  ZfsDiskImageStatus await(String name, Predicate<ZfsDiskImageStatus> predicate) {
    return awaitResource(
            name, resource -> resource.getStatus() != null && predicate.test(resource.getStatus()))
        .getStatus();
  }

  private ZfsDiskImage awaitResource(String name, Predicate<ZfsDiskImage> predicate) {
    long end = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < end) {
      Optional<ZfsDiskImage> resource = api.get(ZfsDiskImage.class, NAMESPACE, name);
      if (resource.filter(predicate).isPresent()) {
        return resource.get();
      }
      pause();
    }
    throw new AssertionError(
        "never came; status is "
            + api.get(ZfsDiskImage.class, NAMESPACE, name).map(ZfsDiskImage::getStatus)
            + "\nlast requests: "
            + tail(api.calls()));
  }

  /** Waits until so many tries have failed, and lets the pause after the last of them pass. */
  void passPauseAfterFailure(int failures) {
    await(failures + " failures", () -> failures().size() == failures);
    pass(Duration.ofSeconds(10L << (failures - 1)).plusSeconds(1));
  }

  /** Waits until every operator has all that the cluster holds of its objects in its caches. */
  void awaitSeen() {
    for (RunningOperator running : operators) {
      for (Object controller : running.operator().getRegisteredControllers()) {
        ((Controller<?>) controller)
            .getEventSourceManager()
            .getEventSourcesStream()
            .filter(InformerEventSource.class::isInstance)
            .forEach(
                source ->
                    await(
                        "the operator sees it",
                        () -> isUpToDate((InformerEventSource<?, ?>) source)));
      }
    }
  }

  private <T extends HasMetadata> boolean isUpToDate(InformerEventSource<T, ?> source) {
    List<T> there =
        api.list(source.resourceType()).stream()
            .filter(object -> Labels.has(object, Labels.MANAGED_BY, Labels.OPERATOR))
            .toList();
    return source.keys().count() == there.size()
        && there.stream()
            .allMatch(
                object ->
                    source
                        .get(ResourceID.fromResource(object))
                        .filter(
                            seen ->
                                seen.getMetadata()
                                    .getResourceVersion()
                                    .equals(object.getMetadata().getResourceVersion()))
                        .isPresent());
  }

  void await(String what, java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "never came: "
                + what
                + "\nstatus: "
                + api.list(ZfsDiskImage.class).stream().map(ZfsDiskImage::getStatus).toList());
      }
      pause();
    }
  }

  static Predicate<ZfsDiskImageStatus> ready(Reason reason) {
    return status ->
        condition(status, ConditionType.READY)
            .filter(known -> known.reason() == reason)
            .isPresent();
  }

  static Optional<ZfsDiskImageStatus.Condition> condition(
      ZfsDiskImageStatus status, ConditionType type) {
    return status.conditions().stream().filter(known -> known.type() == type).findFirst();
  }

  private static List<ApiCall> tail(List<ApiCall> calls) {
    return calls.subList(Math.max(0, calls.size() - 15), calls.size());
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stopOperator();
    kubevirt.close();
    List<ApiCall> calls = api.calls();
    api.close();
    assertThat(violations).as("objects hold the real schemas").isEmpty();
    ShippedRole role = watchSecrets ? ShippedRole.readWithSecrets() : ShippedRole.read();
    assertThat(role.denied(calls)).as("requests outside of the role").isEmpty();
  }
}
