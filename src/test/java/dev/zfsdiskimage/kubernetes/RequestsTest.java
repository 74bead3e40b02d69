package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.kubernetes.cluster.ApiCall;
import dev.zfsdiskimage.kubevirt.DataSource;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a build costs the API server. */
class RequestsTest {

  @Test
  void goodBuildMakesFewRequests() {
    try (TestCluster cluster = new TestCluster()) {
      cluster.startOperator();
      cluster.api.forgetCalls();
      cluster.apply(TestCluster.resource("web"));

      cluster.awaitPhase("web", Phase.READY);
      cluster.await("DataSources", () -> cluster.api.list(DataSource.class).size() == 2);
      cluster.await("tidied", () -> cluster.api.list(ConfigMap.class).size() == 1);

      assertThat(requests(cluster.api.calls()))
          .isEqualTo(
              Map.of(
                  "create persistentvolumeclaims", 2L,
                  "create configmaps", 3L,
                  "create jobs", 2L,
                  "create virtualmachineinstances", 2L,
                  "create datasources", 2L,
                  "create events", 1L,
                  "update configmaps", 2L,
                  "update persistentvolumeclaims", 2L,
                  "delete virtualmachineinstances", 2L,
                  "delete configmaps", 2L));
    }
  }

  /**
   * How often each was made; without those that a slow machine makes more of: at most one status a
   * second, consoles that are asked for before they are there, and pods that the cluster is asked
   * for when their news comes late.
   */
  private static Map<String, Long> requests(List<ApiCall> calls) {
    return calls.stream()
        .filter(call -> !call.verb().equals("watch"))
        .filter(call -> !call.resource().equals("zfsdiskimages/status"))
        .filter(call -> !call.resource().equals("pods/log"))
        .filter(call -> !call.kind().equals("list pods"))
        .collect(Collectors.groupingBy(ApiCall::kind, Collectors.counting()));
  }
}
