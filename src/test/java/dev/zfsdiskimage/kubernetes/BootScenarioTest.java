package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.kubernetes.cluster.ApiCall;
import dev.zfsdiskimage.kubernetes.cluster.Console;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.Machine;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Finished images are booted until their login prompt, which stands in no log, was seen. */
class BootScenarioTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final String BANNER = "Debian GNU/Linux 13 web ttyS0";
  private static final String PROMPT = "web login: ";
  private static final int EVERY = Integer.MAX_VALUE;

  private final TestCluster cluster = new TestCluster();

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void promptThatEndsNoLineIsSeen() {
    cluster.kubevirt.guest(
        "uefi",
        machine -> {
          machine.run();
          machine.print(List.of(BANNER));
          machine.awaitViewer();
          machine.console().write(PROMPT);
          machine.untilDeleted();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.booting("web"));

    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.READY);

    assertThat(TestCluster.condition(status, ConditionType.VERIFIED).get().status())
        .isEqualTo(ZfsDiskImageStatus.Status.TRUE);
    assertThat(cluster.failures()).isEmpty();
  }

  @Test
  void promptThatWasThereBeforeAnybodyLookedComesAgainAtEnter() {
    CompletableFuture<byte[]> typed = new CompletableFuture<>();
    cluster.kubevirt.guest(
        "uefi",
        machine -> {
          machine.schedule();
          machine.print(List.of(BANNER));
          machine.console().write(PROMPT);
          machine.begin();
          typed.complete(machine.console().readTyped());
          machine.console().write("\r\n" + PROMPT);
          machine.untilDeleted();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.booting("web"));

    cluster.awaitPhase("web", Phase.READY);

    assertThat(typed.join()).isEqualTo(new byte[] {'\r'});
  }

  @Test
  void connectionThatIsCutIsTakenAgain() {
    cluster.kubevirt.guest(
        "uefi",
        machine -> {
          machine.run();
          machine.print(List.of(BANNER));
          machine.awaitViewer();
          machine.console().interruptViewer();
          while (machine.console().viewers() > 0) {
            Thread.sleep(5);
          }
          machine.awaitViewer();
          machine.console().write(PROMPT);
          machine.untilDeleted();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.booting("web"));

    cluster.awaitPhase("web", Phase.READY);

    assertThat(consoleCalls()).isEqualTo(2);
    assertThat(cluster.failures()).isEmpty();
  }

  @Test
  void copyWhoseKernelPanicsAndHangsIsTriedAgainWithoutWaitingForItsDeadline() {
    cluster.kubevirt.guest(
        "uefi", TestCluster.panicsOnce(TestCluster::boots, Machine::untilDeleted));
    cluster.startOperator();
    cluster.apply(TestCluster.booting("web"));

    cluster.passPauseAfterFailure(1);
    cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.failures()).containsExactly(Reason.GUEST_PANICKED);
  }

  @ParameterizedTest
  @CsvSource({"404, 3", "500, 5"})
  void copyThatHangsIsToldWithItsLastWordsAndWhyTheyAreTheLast(int answer, int calls) {
    cluster.kubevirt.guest("uefi", machine -> hang(machine, answer));
    cluster.startOperator();
    cluster.apply(TestCluster.booting("web"));
    // The client asks again by itself after a 500.
    cluster.await("the console was refused and asked for again", () -> consoleCalls() >= calls);

    cluster.pass(TIMEOUT);
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    ZfsDiskImageStatus.Condition ready = TestCluster.condition(status, ConditionType.READY).get();
    assertThat(ready.reason()).isEqualTo(Reason.BOOT_FAILED);
    assertThat(ready.message())
        .contains("\"login:\" did not stand on the console of web-")
        .contains("-uefi within 600 s")
        .contains("KubeVirt answered " + answer)
        .contains("ends with:\n" + BANNER + "\nGive root password for maintenance:;");
  }

  @Test
  void copyThatHangsWithALargerDiskIsToldAsWhatItIs() {
    cluster.growTo(TestCluster.POOL + TestCluster.GIB);
    cluster.kubevirt.guest(
        "grow",
        machine -> {
          machine.run();
          machine.untilDeleted();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.growing("web"));
    cluster.await(
        "the larger copy boots",
        () ->
            cluster.api.list(VirtualMachineInstance.class).stream()
                .anyMatch(
                    vm ->
                        vm.getMetadata().getName().contains("-grow")
                            && vm.getStatus() != null
                            && "Running".equals(vm.getStatus().phase())));
    cluster.awaitSeen();

    cluster.pass(TIMEOUT);
    ZfsDiskImageStatus status = cluster.awaitPhase("web", Phase.FAILED);

    ZfsDiskImageStatus.Condition ready = TestCluster.condition(status, ConditionType.READY).get();
    assertThat(ready.reason()).isEqualTo(Reason.BOOT_FAILED);
    assertThat(ready.message())
        .contains("\"Multi-User System\" did not stand on the console of web-")
        .contains("-grow within 600 s; nothing stood on it");
  }

  @Test
  void textOfAWholeLineIsFoundWithoutTheLiveConsole() {
    cluster.api.refuse(EVERY, 500, "InternalError", BootScenarioTest::opensConsole);
    cluster.growTo(TestCluster.POOL + TestCluster.GIB);
    for (String part : List.of("uefi", "grow")) {
      cluster.kubevirt.guest(
          part,
          machine -> {
            machine.run();
            machine.print(List.of("Reached target Multi-User System."));
            machine.untilDeleted();
          });
    }
    cluster.startOperator();
    cluster.apply(TestCluster.growing("web"));

    cluster.awaitPhase("web", Phase.READY);
  }

  @Test
  void operatorThatEndsLeavesTheConsole() {
    CompletableFuture<Console> console = new CompletableFuture<>();
    cluster.kubevirt.guest(
        "uefi",
        machine -> {
          machine.run();
          machine.awaitViewer();
          console.complete(machine.console());
          machine.untilDeleted();
        });
    cluster.startOperator();
    cluster.apply(TestCluster.booting("web"));
    cluster.await("the console is watched", console::isDone);

    cluster.stopOperator();

    cluster.await("nobody watches", () -> console.join().viewers() == 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10})
  void operatorThatComesBackAsksForThePromptEvenWhenItIsLate(int minutes) {
    CompletableFuture<Console> console = new CompletableFuture<>();
    cluster.kubevirt.guest(
        "uefi",
        machine -> {
          machine.run();
          machine.print(List.of(BANNER));
          machine.awaitViewer();
          console.complete(machine.console());
          while (machine.lives()) {
            machine.console().readTyped();
            machine.console().write("\r\n" + PROMPT);
          }
        });
    cluster.startOperator();
    cluster.apply(TestCluster.booting("web"));
    cluster.await("the console is watched", console::isDone);
    cluster.stopOperator();

    console.join().write(PROMPT);
    cluster.clock.advance(Duration.ofMinutes(minutes));
    cluster.startOperator();

    cluster.awaitPhase("web", Phase.READY);
  }

  /** Its console is cut for good behind a question that nobody answers. */
  private void hang(Machine machine, int answer) throws InterruptedException {
    machine.run();
    machine.print(List.of(BANNER));
    // Nothing is typed before the log was read.
    machine.console().readTyped();
    machine.console().write("\r\nGive root password for maintenance: ");
    machine.console().awaitShown();
    cluster.api.refuse(EVERY, answer, "Refused", BootScenarioTest::opensConsole);
    machine.console().interruptViewer();
    machine.untilDeleted();
  }

  private long consoleCalls() {
    return cluster.api.calls().stream().filter(BootScenarioTest::opensConsole).count();
  }

  private static boolean opensConsole(ApiCall call) {
    return call.resource().equals("virtualmachineinstances/console");
  }
}
