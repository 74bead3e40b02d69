package dev.zfsdiskimage.kubernetes;

import static dev.zfsdiskimage.kubernetes.TestCluster.ready;
import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.kubernetes.cluster.ApiCall;
import dev.zfsdiskimage.kubernetes.cluster.ApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the API server refuses is said in the status, and asked for again now and then. */
class RefusalScenarioTest {
  private static final Duration PAUSE = Duration.ofSeconds(31);

  private final TestCluster cluster = new TestCluster(Duration.ofSeconds(60));
  private final AtomicBoolean refuses = new AtomicBoolean(true);

  @AfterEach
  void close() {
    cluster.close();
  }

  @ParameterizedTest
  @CsvSource({
    "403, Forbidden, configmaps is forbidden: User may not update configmaps",
    "413, RequestEntityTooLarge, Request entity too large: limit is 3145728",
    "422, Invalid, ConfigMap is invalid: []: Too long",
    "400, BadRequest, admission webhook \"keep.example.com\" denied the request: no",
  })
  void recordThatMayNotBeWrittenIsToldAndNotWrittenOverAndOver(
      int status, String reason, String words) {
    judge(call -> call.resource().equals("configmaps"), "-ledger", status, reason, words);
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    assertThat(refused()).contains(words).doesNotContain("Failure executing");
    assertThatNothingIsAskedFor();
    goOn();
    cluster.awaitPhase("web", Phase.READY);
    assertThat(cluster.failures()).isEmpty();
  }

  @Test
  void vmThatAWebhookRefusesIsToldInItsWords() {
    String words = "admission webhook \"limit.example.com\" denied the request: 64Gi at most";
    judge(
        call -> call.kind().equals("create virtualmachineinstances"),
        "-build",
        400,
        "BadRequest",
        words);
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    assertThat(refused()).contains(words).doesNotContain("Failure executing");
    assertThatNothingIsAskedFor();
    goOn();
    cluster.awaitPhase("web", Phase.READY);
    assertThat(cluster.failures()).isEmpty();
  }

  @Test
  void vmThatMayNotBeDeletedIsToldAndAskedForNowAndThen() {
    refuse(call -> call.kind().equals("delete virtualmachineinstances"));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    assertThat(refused()).contains("injected").doesNotContain("Failure executing");
    assertThatNothingIsAskedFor();
    goOn();
    cluster.awaitPhase("web", Phase.READY);
  }

  @Test
  void failureStandsThoughWhatIsLeftOfItMayNotBeDeleted() {
    cluster.kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          machine.print(machine.speech().failure("install", 7, "ScriptFailed"));
          machine.powerOff();
        });
    refuse(call -> call.kind().equals("delete persistentvolumeclaims"));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.await("the refusal is told", () -> message().contains("injected"));

    assertThat(cluster.awaitPhase("web", Phase.FAILED)).matches(ready(Reason.SCRIPT_FAILED));
    assertThatNothingIsAskedFor();
    goOn();
    cluster.await("all disks go", () -> cluster.claims().isEmpty());
  }

  @Test
  void tidyingThatIsRefusedIsToldAndLeavesTheImagesReady() {
    refuse(call -> call.kind().equals("delete configmaps"));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.awaitPhase("web", Phase.READY);

    cluster.await("the refusal is told", () -> message().contains("injected"));

    assertThat(cluster.awaitPhase("web", Phase.READY)).matches(ready(Reason.SUCCEEDED));
    assertThatNothingIsAskedFor();
    goOn();
    cluster.await("tidied", () -> cluster.api.list(ConfigMap.class).size() == 1);
    cluster.await("nothing more is told", () -> !message().contains("injected"));
  }

  @Test
  void eventsThatAreDeniedHoldNothing() {
    refuse(call -> call.resource().equals("events"));
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));

    cluster.awaitPhase("web", Phase.READY);

    assertThat(cluster.api.list(Event.class)).isEmpty();
  }

  @Test
  void lookThatFailsAgainAndAgainIsToldAndLeavesNoOldReadyStanding() {
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.awaitPhase("web", Phase.READY);
    cluster.api.refuse(
        Integer.MAX_VALUE,
        500,
        "InternalError",
        call ->
            refuses.get()
                && call.kind().equals("list configmaps")
                && call.namespace().equals(TestCluster.NAMESPACE));

    cluster.change(
        "web",
        resource ->
            resource.setSpec(
                Serialization.unmarshal(
                    """
                    install: {rootfs: {payload: {image: "registry.example/rootfs:1"}, bootloader: none}}
                    contents: [{target: /etc/motd, source: {configMap: {name: installer, key: motd}}}]
                    """,
                    ZfsDiskImageSpec.class)));

    ZfsDiskImageStatus failing = cluster.await("web", ready(Reason.RETRYING));
    ZfsDiskImageStatus.Condition said =
        TestCluster.condition(failing, ConditionType.READY).orElseThrow();
    assertThat(said.status()).isEqualTo(ZfsDiskImageStatus.Status.UNKNOWN);
    assertThat(said.message()).contains("500", "injected").doesNotContain("Failure executing");
    assertThat(failing.images()).isNotNull();
    refuses.set(false);
    cluster.await("web", ready(Reason.REFERENCE_NOT_FOUND));
  }

  /** Refuses what such a request writes under a name that ends so. */
  private void judge(
      Predicate<ApiCall> which, String name, int status, String reason, String words) {
    cluster.api.admit(
        (call, object) ->
            refuses.get() && which.test(call) && object.at("/metadata/name").asText().endsWith(name)
                ? Optional.of(new ApiServer.Refusal(status, reason, words))
                : Optional.empty());
  }

  private void refuse(Predicate<ApiCall> which) {
    cluster.api.refuse(
        Integer.MAX_VALUE, 403, "Forbidden", call -> refuses.get() && which.test(call));
  }

  /** What the status says once it says that something was refused. */
  private String refused() {
    cluster.await("web", ready(Reason.REQUEST_REFUSED));
    return message();
  }

  private String message() {
    return cluster.api.list(ZfsDiskImage.class).stream()
        .flatMap(resource -> Optional.ofNullable(resource.getStatus()).stream())
        .flatMap(status -> TestCluster.condition(status, ConditionType.READY).stream())
        .map(ZfsDiskImageStatus.Condition::message)
        .findFirst()
        .orElse("");
  }

  private void assertThatNothingIsAskedFor() {
    // A look is counted before its status has reached the server.
    for (int i = 0; i < 10 && !askedInOneLook().isEmpty(); i++) {
      cluster.pass(Duration.ofSeconds(1));
    }
    for (int i = 0; i < 4; i++) {
      assertThat(askedInOneLook()).isEmpty();
    }
  }

  private List<ApiCall> askedInOneLook() {
    cluster.api.forgetCalls();
    lookAgain();
    return cluster.api.calls().stream()
        .filter(call -> !call.verb().equals("watch"))
        .filter(call -> !call.resource().equals("pods/log"))
        .toList();
  }

  private void lookAgain() {
    double looks = cluster.looks();
    cluster.pass(Duration.ofSeconds(1));
    cluster.await("another look", () -> cluster.looks() > looks);
  }

  /** Nothing is refused any more, and time passes until it is tried again. */
  private void goOn() {
    refuses.set(false);
    cluster.pass(PAUSE);
  }
}
