package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.kubernetes.cluster.ApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import org.junit.jupiter.api.Test;

class ClientClusterTest {

  @Test
  void objectThatWasMadeAnewUnderItsNameIsNotDeletedInTheOldOnesPlace() {
    try (ApiServer api = new ApiServer();
        KubernetesClient client = api.client()) {
      api.create(configMap());
      ConfigMap old = client.configMaps().inNamespace("images").withName("web").get();
      api.delete(ConfigMap.class, "images", "web");
      api.create(configMap());

      new ClientCluster(client, null).delete(old);

      assertThat(api.get(ConfigMap.class, "images", "web")).isPresent();
    }
  }

  @Test
  void objectIsDeletedAndNoHarmIsDoneWhenItIsGoneAlready() {
    try (ApiServer api = new ApiServer();
        KubernetesClient client = api.client()) {
      api.create(configMap());
      ConfigMap known = client.configMaps().inNamespace("images").withName("web").get();

      new ClientCluster(client, null).delete(known);
      new ClientCluster(client, null).delete(known);

      assertThat(api.get(ConfigMap.class, "images", "web")).isEmpty();
    }
  }

  private static ConfigMap configMap() {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace("images")
        .withName("web")
        .endMetadata()
        .build();
  }
}
