package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.kubernetes.WatchedByName.User;
import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.ReferencedNames;
import dev.zfsdiskimage.recipe.References;
import dev.zfsdiskimage.recipe.SecretDigests;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The objects that resources refer to, each watched by its name for as long as a resource refers to
 * it, so that a change starts a new revision at once: ConfigMaps, and Secrets where this operator
 * may read them. Of Secrets only digests are kept.
 */
final class ReferencedObjects implements AutoCloseable {
  private static final long NO_RESYNC = 0;

  private final WatchedByName<ConfigMap, Map<String, Bytes>> configMaps;
  private final Optional<WatchedByName<Secret, Map<String, String>>> secrets;

  /**
   * @param watchSecrets whether this operator may read Secrets
   * @param news takes the resources that are to be looked at again
   */
  ReferencedObjects(KubernetesClient client, boolean watchSecrets, Consumer<ResourceID> news) {
    this.configMaps =
        new WatchedByName<>(
            id ->
                client
                    .configMaps()
                    .inNamespace(id.getNamespace().orElseThrow())
                    .withName(id.getName())
                    .runnableInformer(NO_RESYNC),
            ReferencedObjects::data,
            news);
    this.secrets =
        watchSecrets
            ? Optional.of(
                new WatchedByName<>(
                    id ->
                        client
                            .secrets()
                            .inNamespace(id.getNamespace().orElseThrow())
                            .withName(id.getName())
                            .runnableInformer(NO_RESYNC)
                            .itemStore(new DigestedSecrets()),
                    Secret::getData,
                    news))
            : Optional.empty();
  }

  /** What the resource refers to; an object that is not there is left out. */
  References of(ZfsDiskImage resource) {
    ReferencedNames names = ReferencedNames.of(resource.getSpec());
    User user = User.of(resource);
    return new References(
        configMaps.of(user, names.configMaps()),
        Map.of(),
        secrets.map(watched -> new SecretDigests(watched.of(user, names.secrets()))),
        Map.of());
  }

  /** The resource is gone. */
  void forget(ZfsDiskImage resource) {
    User user = User.of(resource);
    configMaps.forget(user);
    secrets.ifPresent(watched -> watched.forget(user));
  }

  @Override
  public void close() {
    configMaps.close();
    secrets.ifPresent(WatchedByName::close);
  }

  private static Map<String, Bytes> data(ConfigMap configMap) {
    Map<String, Bytes> data = new HashMap<>();
    if (configMap.getData() != null) {
      configMap.getData().forEach((key, text) -> data.put(key, Bytes.of(text)));
    }
    if (configMap.getBinaryData() != null) {
      configMap
          .getBinaryData()
          .forEach((key, base64) -> data.put(key, Bytes.of(Base64.getDecoder().decode(base64))));
    }
    return data;
  }
}
