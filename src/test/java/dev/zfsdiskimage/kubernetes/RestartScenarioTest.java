package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.Machine;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an operator makes of builds that were under way before it began. */
class RestartScenarioTest {
  /** Longer than {@code timeouts.start}, and than a short {@code timeouts.build}. */
  private static final Duration LONG = Duration.ofMinutes(10);

  /** Longer than {@code timeouts.build}. */
  private static final Duration TOO_LONG = Duration.ofHours(2);

  private final TestCluster cluster = new TestCluster();
  private final ZfsDiskImage resource = TestCluster.resource("web");
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final CountDownLatch logAnswers = new CountDownLatch(1);

  @AfterEach
  void close() {
    logAnswers.countDown();
    cluster.close();
  }

  @Test
  void buildGoesOnThoughItsLogAnswersLateAfterARestart() {
    buildThatSays(machine -> machine.print(machine.speech().beginning()));
    restartWithLateLog(LONG);
    lookAgain();
    assertThat(cluster.failures()).isEmpty();

    logAnswers.countDown();
    goOn.countDown();

    assertThat(cluster.awaitPhase("web", Phase.READY).attempt()).isEqualTo(1);
    assertThat(cluster.failures()).isEmpty();
  }

  @Test
  void guestThatWasDoneBeforeTheRestartIsNotLate() {
    resource.setSpec(
        Serialization.unmarshal(
            """
            install: {rootfs: {payload: {image: "registry.example/rootfs:1"}, bootloader: none}}
            builder: {timeouts: {build: 8m}}
            """,
            ZfsDiskImageSpec.class));
    buildThatSays(machine -> machine.print(machine.speech().goodBuild()));
    restartWithLateLog(LONG);
    lookAgain();

    logAnswers.countDown();
    goOn.countDown();

    assertThat(cluster.awaitPhase("web", Phase.READY).attempt()).isEqualTo(1);
    assertThat(cluster.failures()).isEmpty();
  }

  @Test
  void guestThatWasSilentBeforeTheRestartIsStillFound() {
    buildThatSays(machine -> machine.print(List.of("[    0.000000] Linux version 6.12.107")));
    restartWithLateLog(LONG);
    lookAgain();
    assertThat(cluster.failures()).isEmpty();

    logAnswers.countDown();

    cluster.await("it is silent", () -> cluster.failures().equals(List.of(Reason.GUEST_SILENT)));
  }

  @Test
  void buildWhoseConsoleCannotBeReadEndsWithThatWord() {
    cluster.api.refuse(
        Integer.MAX_VALUE, 403, "Forbidden", call -> call.resource().equals("pods/log"));
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          goOn.await();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.awaitPhase("web", Phase.BUILDING);
    cluster.await(
        "the log is asked for",
        () -> cluster.api.calls().stream().anyMatch(call -> call.resource().equals("pods/log")));

    cluster.pass(LONG);
    lookAgain();
    assertThat(cluster.failures()).isEmpty();
    cluster.pass(TOO_LONG);

    cluster.await(
        "it is too late", () -> cluster.failures().equals(List.of(Reason.BUILD_DEADLINE_EXCEEDED)));
    assertThat(cluster.failedTries().get(0).message())
        .contains("its console could not be read", "403");
  }

  private interface Words {
    void say(Machine machine);
  }

  /** A build that has said so much and then goes on when it is told to. */
  private void buildThatSays(Words words) {
    CountDownLatch said = new CountDownLatch(1);
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          words.say(machine);
          said.countDown();
          goOn.await();
          machine.print(machine.speech().goodBuild());
          machine.powerOff();
        });
    cluster.startOperator();
    cluster.apply(resource);
    cluster.await("the guest has said it", () -> said.getCount() == 0);
    cluster.awaitPhase("web", Phase.BUILDING);
  }

  private void restartWithLateLog(Duration after) {
    cluster.stopOperator();
    cluster.clock.advance(after);
    cluster.api.forgetCalls();
    cluster.api.hold(logAnswers, call -> call.resource().equals("pods/log"));
    cluster.startOperator();
  }

  /** Has it looked at twice more: what was decided by then has been done. */
  private void lookAgain() {
    for (int i = 0; i < 2; i++) {
      double looks = cluster.looks();
      cluster.pass(Duration.ofSeconds(1));
      cluster.await("another look", () -> cluster.looks() > looks);
    }
  }
}
