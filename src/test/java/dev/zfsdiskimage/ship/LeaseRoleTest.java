package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.kubernetes.cluster.ApiCall;
import dev.zfsdiskimage.kubernetes.cluster.ApiServer;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The role for the Lease allows what an election does. */
class LeaseRoleTest {
  /** java-operator-sdk does not start an election without these, whether it needs them or not. */
  private static final Set<String> ASKED_FOR = Set.of("create", "update", "get");

  @Test
  void electionNeedsAllOfTheRoleAndNoMore() throws Exception {
    try (ApiServer api = new ApiServer();
        KubernetesClient client = api.client()) {
      CountDownLatch renewed = new CountDownLatch(1);
      CountDownLatch leads = new CountDownLatch(1);
      api.onChange(
          () -> {
            if (leases(api).contains("patch")) {
              renewed.countDown();
            }
          });
      LeaderElectionConfig election =
          new LeaderElectionConfigBuilder()
              .withName("operator")
              .withLock(new LeaseLock("zfs-disk-image-operator", "lease", "me"))
              .withLeaseDuration(Duration.ofSeconds(15))
              .withRenewDeadline(Duration.ofSeconds(10))
              .withRetryPeriod(Duration.ofMillis(50))
              .withLeaderCallbacks(new LeaderCallbacks(leads::countDown, () -> {}, leader -> {}))
              .build();

      CompletableFuture<?> running = client.leaderElector().withConfig(election).build().start();
      assertThat(leads.await(1, TimeUnit.MINUTES)).isTrue();
      assertThat(renewed.await(1, TimeUnit.MINUTES)).isTrue();
      running.cancel(true);

      Set<String> needed = new TreeSet<>(leases(api));
      needed.addAll(ASKED_FOR);
      assertThat(rules())
          .singleElement()
          .satisfies(
              rule -> {
                assertThat(rule.getApiGroups()).containsExactly("coordination.k8s.io");
                assertThat(rule.getResources()).containsExactly("leases");
                assertThat(rule.getVerbs()).containsExactlyInAnyOrderElementsOf(needed);
              });
    }
  }

  private static Set<String> leases(ApiServer api) {
    return api.calls().stream()
        .filter(call -> call.resource().equals("leases"))
        .map(ApiCall::verb)
        .collect(Collectors.toSet());
  }

  private static List<PolicyRule> rules() throws IOException {
    try (InputStream in =
        Files.newInputStream(Path.of("operator/kustomize/base/lease-role.yaml"))) {
      return Serialization.unmarshal(in, Role.class).getRules();
    }
  }
}
