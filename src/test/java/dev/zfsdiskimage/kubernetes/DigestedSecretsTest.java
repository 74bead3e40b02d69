package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No value of a Secret stays in the operator's memory. */
class DigestedSecretsTest {
  private static final String VALUE = "correct horse battery staple";

  private final DigestedSecrets store = new DigestedSecrets();

  @Test
  void valuesAreNotKeptNorWhatKubectlApplyHasNotedOfThem() {
    Secret secret = TestCluster.secret("keys", Map.of("host", VALUE));
    String encoded = secret.getData().get("host");
    secret
        .getMetadata()
        .setAnnotations(Map.of("kubectl.kubernetes.io/last-applied-configuration", encoded));

    store.put(store.getKey(secret), secret);

    Secret kept = store.get("images/keys");
    assertThat(Serialization.asJson(kept)).doesNotContain(encoded, VALUE);
    assertThat(kept.getData()).containsOnlyKeys("host");
  }

  @Test
  void digestsTellWhetherAValueHasChanged() {
    String one = digest("one");

    assertThat(digest("one")).isEqualTo(one);
    assertThat(digest("two")).isNotEqualTo(one);
  }

  private String digest(String value) {
    Secret secret = TestCluster.secret("keys", Map.of("host", value));
    store.put(store.getKey(secret), secret);
    return store.get("images/keys").getData().get("host");
  }
}
