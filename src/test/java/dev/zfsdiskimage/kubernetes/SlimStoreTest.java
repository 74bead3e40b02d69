package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;

class SlimStoreTest {
  @Test
  void objectIsKeptWithoutItsManagedFieldsAndItsBallast() {
    SlimStore<Pod> store = new SlimStore<>(pod -> pod.setSpec(null));
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace("default")
            .withName("one")
            .addNewManagedField()
            .withManager("kubelet")
            .endManagedField()
            .endMetadata()
            .withNewSpec()
            .withNodeName("node")
            .endSpec()
            .withNewStatus()
            .withPhase("Running")
            .endStatus()
            .build();

    store.put(store.getKey(pod), pod);

    Pod kept = store.get("default/one");
    assertThat(kept.getMetadata().getManagedFields()).isNullOrEmpty();
    assertThat(kept.getSpec()).isNull();
    assertThat(kept.getStatus().getPhase()).isEqualTo("Running");
    assertThat(store.size()).isEqualTo(1);
    assertThat(store.remove("default/one")).isSameAs(kept);
    assertThat(store.values()).isEmpty();
  }
}
