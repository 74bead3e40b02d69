package dev.zfsdiskimage.kubernetes;

import static dev.zfsdiskimage.kubernetes.TestCluster.ready;
import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import dev.zfsdiskimage.kubernetes.cluster.ApiServer;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who does not build holds no place: of those here only one may build at once. */
class PlacesScenarioTest {
  /** How long a trouble is not believed, and more than a refused request is not made again. */
  private static final Duration DEBOUNCE = Duration.ofSeconds(31);

  private final TestCluster cluster = new TestCluster(Duration.ofSeconds(60));
  private final CountDownLatch goOn = new CountDownLatch(1);

  @BeforeEach
  void limit() {
    cluster.limitBuilds(1);
  }

  @AfterEach
  void close() {
    goOn.countDown();
    cluster.close();
  }

  @Test
  void deletedResourcesGiveTheirPlacesBackAndTheirConsolesAreLeft() {
    forResource("a", "build", this::waitWhileItRuns);
    cluster.startOperator();
    cluster.apply(TestCluster.resource("a"));
    cluster.awaitPhase("a", Phase.BUILDING);
    cluster.await("its console is followed", () -> gauge("zdi.consoles") == 1);
    cluster.apply(TestCluster.resource("b"));
    cluster.await("b", ready(Reason.WAITING));

    cluster.api.delete(ZfsDiskImage.class, TestCluster.NAMESPACE, "a");

    cluster.awaitPhase("b", Phase.READY);
    cluster.await("no place is held", () -> gauge("zdi.builds.running") == 0);
    cluster.await("no console is followed", () -> gauge("zdi.consoles") == 0);
    cluster.await("no meter has it", () -> resources() == 1);
  }

  @Test
  void deletedResourceThatWaitedIsWaitedForNoLonger() {
    forResource("a", "build", this::waitWhileItRuns);
    cluster.startOperator();
    cluster.apply(TestCluster.resource("a"));
    cluster.awaitPhase("a", Phase.BUILDING);
    cluster.apply(TestCluster.resource("b"));
    cluster.await("b", ready(Reason.WAITING));

    cluster.api.delete(ZfsDiskImage.class, TestCluster.NAMESPACE, "b");

    cluster.await("nobody waits", () -> gauge("zdi.builds.waiting") == 0);
  }

  @Test
  void suspendedBuildGivesItsPlaceBackThoughItsDisksAreThere() {
    forResource("a", "check", this::waitWhileItRuns);
    cluster.startOperator();
    cluster.apply(TestCluster.resource("a"));
    cluster.await("it is checked", () -> cluster.kubevirt.started("check") == 1);
    cluster.apply(TestCluster.resource("b"));
    cluster.await("b", ready(Reason.WAITING));

    suspend("a", true);
    goOn.countDown();

    cluster.awaitPhase("a", Phase.SUSPENDED);
    cluster.awaitPhase("b", Phase.READY);
    suspend("a", false);
    assertThat(cluster.awaitPhase("a", Phase.READY).attempt()).isEqualTo(1);
  }

  @Test
  void buildThatNoNodeTakesGivesItsPlaceBackUntilOneDoes() {
    CountDownLatch struck = new CountDownLatch(1);
    forResource(
        "a",
        "build",
        machine -> {
          machine.phase("Scheduling");
          machine.condition("PodScheduled", "False", "Unschedulable", "insufficient memory");
          struck.countDown();
          goOn.await();
          machine.condition("PodScheduled", "True", null, null);
          machine.run();
          machine.print(machine.speech().goodBuild());
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("a"));
    cluster.await("no node takes it", () -> struck.getCount() == 0);
    cluster.apply(TestCluster.resource("b"));
    cluster.await("b", ready(Reason.WAITING));

    cluster.pass(DEBOUNCE);

    cluster.await("a", ready(Reason.UNSCHEDULABLE));
    cluster.awaitPhase("b", Phase.READY);
    goOn.countDown();
    assertThat(cluster.awaitPhase("a", Phase.READY).attempt()).isEqualTo(1);
  }

  @Test
  void buildWhoseVmTheQuotaRefusesGivesItsPlaceBackUntilItIsRaised() {
    AtomicBoolean full = new AtomicBoolean(true);
    cluster.api.admit(
        (call, object) ->
            full.get()
                    && call.kind().equals("create virtualmachineinstances")
                    && object.at("/metadata/labels").path(Labels.IMAGE).asText().equals("a")
                ? Optional.of(new ApiServer.Refusal(403, "Forbidden", "exceeded quota: small"))
                : Optional.empty());
    cluster.startOperator();
    cluster.apply(TestCluster.resource("a"));

    cluster.await("a", ready(Reason.QUOTA_EXCEEDED));
    cluster.apply(TestCluster.resource("b"));

    cluster.awaitPhase("b", Phase.READY);
    full.set(false);
    cluster.pass(DEBOUNCE);
    cluster.awaitPhase("a", Phase.READY);
  }

  /** For one resource the VMs of this part do as they are told here, all others are good. */
  private void forResource(String name, String part, SimulatedKubeVirt.Guest guest) {
    SimulatedKubeVirt.Guest good =
        part.equals("check")
            ? cluster.goodCheck(Map.of())
            : machine -> {
              machine.run();
              machine.print(machine.speech().goodBuild());
              machine.powerOff();
            };
    cluster.kubevirt.guest(
        part,
        machine -> {
          boolean meant = machine.resource().getMetadata().getName().equals(name);
          (meant ? guest : good).run(machine);
        });
  }

  private void waitWhileItRuns(SimulatedKubeVirt.Machine machine) throws InterruptedException {
    if (machine.name().endsWith("-check")) {
      goOn.await();
      cluster.goodCheck(Map.of()).run(machine);
      return;
    }
    machine.run();
    machine.print(machine.speech().beginning());
    goOn.await();
  }

  private void suspend(String name, boolean suspended) {
    String spec =
        """
        suspend: %s
        install: {rootfs: {payload: {image: "registry.example/rootfs:1"}, bootloader: none}}
        """;
    cluster.change(
        name,
        resource ->
            resource.setSpec(
                Serialization.unmarshal(spec.formatted(suspended), ZfsDiskImageSpec.class)));
  }

  private double gauge(String name) {
    return cluster.registry.get(name).gauge().value();
  }

  private double resources() {
    return cluster.registry.get("zdi.resources").gauges().stream()
        .mapToDouble(gauge -> gauge.value())
        .sum();
  }
}
