package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.kubernetes.cluster.ApiCall;
import dev.zfsdiskimage.kubernetes.cluster.ShippedRole;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The role allows what the operator does (every scenario checks that) and nothing else. */
class ShippedRoleTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void everyPermissionIsNeeded() {
    assertThat(unused(ShippedRole.read(), cluster -> {})).isEmpty();
  }

  @Test
  void permissionToReadSecretsIsNeededWhereTheyAreWatchedAndNowhereElse() {
    assertThat(unused(ShippedRole.readWithSecrets(), TestCluster::letOperatorWatchSecrets))
        .isEmpty();
    assertThat(unused(ShippedRole.readWithSecrets(), cluster -> {}))
        .containsExactly("list secrets", "watch secrets");
  }

  @Test
  void operatorForSomeNamespacesAsksForNothingOutsideOfThem() {
    try (TestCluster cluster = new TestCluster()) {
      cluster.watchOnly(TestCluster.NAMESPACE);
      cluster.startOperator();
      cluster.apply(TestCluster.resource("web"));
      cluster.awaitPhase("web", Phase.READY);

      assertThat(cluster.api.calls())
          .extracting(ApiCall::namespace)
          .containsOnly(TestCluster.NAMESPACE);
    }
  }

  /** What of the role nobody needs who builds an image twice, once with a failure. */
  private static Set<String> unused(ShippedRole role, Consumer<TestCluster> settings) {
    try (TestCluster cluster = new TestCluster()) {
      cluster.kubevirt.guest(
          "build",
          machine -> {
            machine.run();
            if (machine.attempt() == 1 && cluster.kubevirt.started("build") == 1) {
              machine.event("GuestPanicked", "VirtualMachineInstance guest panicked");
              machine.fail();
            } else {
              machine.print(machine.speech().goodBuild());
              machine.powerOff();
            }
          });
      cluster.kubevirt.guest("uefi", TestCluster::boots);
      settings.accept(cluster);
      cluster.startOperator();
      cluster.api.create(TestCluster.secret("keys", Map.of("host", "a key")));
      ZfsDiskImage resource = TestCluster.booting("web");
      change(resource, spec -> spec.withObjectProperty("output").put("onDelete", "Retain"));
      change(resource, TestCluster::addSecretContent);
      cluster.apply(resource);
      ZfsDiskImageStatus first = firstReady(cluster);
      cluster.change("web", known -> change(known, spec -> spec.put("rebuild", "again")));
      cluster.await(
          "web",
          status -> status.phase() == Phase.READY && !first.revision().equals(status.revision()));
      cluster.await(
          "DataSources point to the new images",
          () ->
              cluster.api.calls().stream()
                      .filter(call -> call.kind().equals("update datasources"))
                      .count()
                  == 2);

      return role.unused(cluster.api.calls());
    }
  }

  private static ZfsDiskImageStatus firstReady(TestCluster cluster) {
    cluster.passPauseAfterFailure(1);
    return cluster.awaitPhase("web", Phase.READY);
  }

  @Test
  void requestOutsideOfTheRoleIsFound() {
    List<ApiCall> calls = List.of(new ApiCall("list", "", "secrets", "images", ""));

    assertThat(ShippedRole.read().denied(calls)).containsExactly("list secrets");
  }

  private static void change(ZfsDiskImage resource, Consumer<ObjectNode> change) {
    ObjectNode spec = JSON.valueToTree(resource.getSpec());
    change.accept(spec);
    try {
      resource.setSpec(JSON.treeToValue(spec, ZfsDiskImageSpec.class));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
