package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.kubernetes.cluster.ApiServer;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of an operator that leads. */
class OwnLeaseTest {
  private static final OwnLease OURS = new OwnLease("system", "operator", "pod-a_1");

  private final ApiServer api = new ApiServer();
  private final KubernetesClient client = api.client();

  @AfterEach
  void close() {
    client.close();
    api.close();
  }

  @Test
  void leaseIsGivenBackSoThatTheNextLeadsAtOnce() {
    heldBy("pod-a_1");

    OURS.giveBack(client);

    assertThat(lease().getSpec().getHolderIdentity()).isNullOrEmpty();
    assertThat(lease().getSpec().getLeaseDurationSeconds()).isEqualTo(1);
    assertThat(lease().getSpec().getLeaseTransitions()).isEqualTo(7);
  }

  @Test
  void leaseOfAnotherOperatorStaysItsOwn() {
    heldBy("pod-b_2");

    OURS.giveBack(client);

    assertThat(lease().getSpec().getHolderIdentity()).isEqualTo("pod-b_2");
  }

  @Test
  void endGoesOnWhereThereIsNoLeaseOrNoCluster() {
    OURS.giveBack(client);
    api.close();
    OURS.giveBack(client);
  }

  private void heldBy(String identity) {
    api.create(
        new LeaseBuilder()
            .withNewMetadata()
            .withNamespace("system")
            .withName("operator")
            .endMetadata()
            .withNewSpec()
            .withHolderIdentity(identity)
            .withLeaseDurationSeconds(15)
            .withLeaseTransitions(7)
            .endSpec()
            .build());
  }

  private Lease lease() {
    return api.get(Lease.class, "system", "operator").orElseThrow();
  }
}
