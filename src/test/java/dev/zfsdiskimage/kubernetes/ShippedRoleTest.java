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
import org.junit.jupiter.api.Test;

/** The role allows what the operator does (every scenario checks that) and nothing else. */
class ShippedRoleTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void everyPermissionIsNeeded() {
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
      cluster.startOperator();
      ZfsDiskImage resource = TestCluster.booting("web");
      change(resource, spec -> spec.withObjectProperty("output").put("onDelete", "Retain"));
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

      assertThat(ShippedRole.read().unused(cluster.api.calls())).isEmpty();
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

  private static void change(
      ZfsDiskImage resource, java.util.function.Consumer<ObjectNode> change) {
    ObjectNode spec = JSON.valueToTree(resource.getSpec());
    change.accept(spec);
    try {
      resource.setSpec(JSON.treeToValue(spec, ZfsDiskImageSpec.class));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
