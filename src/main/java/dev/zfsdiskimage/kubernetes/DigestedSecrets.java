package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.SecretDigests;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What an informer keeps of Secrets: digests in place of their values. */
final class DigestedSecrets implements ItemStore<Secret> {
  private final ItemStore<Secret> kept = new BasicItemStore<>(Cache::metaNamespaceKeyFunc);

  @Override
  public Secret put(String key, Secret secret) {
    return kept.put(key, digested(secret));
  }

  private static Secret digested(Secret secret) {
    String name = secret.getMetadata().getName();
    Map<String, String> digests = new HashMap<>();
    if (secret.getData() != null) {
      secret
          .getData()
          .forEach(
              (key, base64) ->
                  digests.put(
                      key,
                      SecretDigests.digest(
                          name, key, Bytes.of(Base64.getDecoder().decode(base64)))));
    }
    // No annotations: kubectl apply puts the values into one of them.
    return new SecretBuilder()
        .withMetadata(
            new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(secret.getMetadata().getNamespace())
                .withUid(secret.getMetadata().getUid())
                .withResourceVersion(secret.getMetadata().getResourceVersion())
                .build())
        .withData(digests)
        .build();
  }

  @Override
  public boolean isFullState() {
    return false;
  }

  @Override
  public String getKey(Secret secret) {
    return kept.getKey(secret);
  }

  @Override
  public Secret remove(String key) {
    return kept.remove(key);
  }

  @Override
  public Stream<String> keySet() {
    return kept.keySet();
  }

  @Override
  public Stream<Secret> values() {
    return kept.values();
  }

  @Override
  public int size() {
    return kept.size();
  }

  @Override
  public Secret get(String key) {
    return kept.get(key);
  }
}
