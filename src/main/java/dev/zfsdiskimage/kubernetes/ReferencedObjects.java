package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ContentSpec;
import dev.zfsdiskimage.api.KeyReference;
import dev.zfsdiskimage.api.ScriptSpec;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.References;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The ConfigMaps that resources refer to, each watched by its name for as long as a resource refers
 * to it, so that a change starts a new revision at once. Secrets are not read at all.
 */
final class ReferencedConfigMaps implements AutoCloseable {
  private final KubernetesClient client;
  private final Consumer<ResourceID> news;
  private final Map<ResourceID, Watched> watched = new HashMap<>();

  ReferencedConfigMaps(KubernetesClient client, Consumer<ResourceID> news) {
    this.client = client;
    this.news = news;
  }

  /** The bytes that the resource refers to; a ConfigMap that is not there is left out. */
  References of(ResourceID resource, ZfsDiskImageSpec spec) {
    Set<String> names = names(spec);
    forget(resource, names);
    Map<String, Map<String, Bytes>> configMaps = new HashMap<>();
    for (String name : names) {
      ConfigMap configMap = watch(resource, name);
      if (configMap != null) {
        configMaps.put(name, data(configMap));
      }
    }
    return new References(configMaps, Map.of(), Map.of());
  }

  /** The resource is gone. */
  void forget(ResourceID resource) {
    forget(resource, Set.of());
  }

  @Override
  public synchronized void close() {
    watched.values().forEach(each -> each.informer.close());
    watched.clear();
  }

  private synchronized ConfigMap watch(ResourceID resource, String name) {
    String namespace = resource.getNamespace().orElseThrow();
    Watched found =
        watched.computeIfAbsent(
            new ResourceID(name, namespace), id -> new Watched(namespace, name));
    found.users.add(resource);
    return found.informer.getStore().getByKey(namespace + "/" + name);
  }

  private synchronized void forget(ResourceID resource, Set<String> but) {
    watched
        .entrySet()
        .removeIf(
            entry -> {
              Watched each = entry.getValue();
              boolean left =
                  !but.contains(entry.getKey().getName())
                      && each.users.remove(resource)
                      && each.users.isEmpty();
              if (left) {
                each.informer.close();
              }
              return left;
            });
  }

  private static Set<String> names(ZfsDiskImageSpec spec) {
    Set<String> names = new HashSet<>();
    if (spec.install() != null) {
      names(spec.install().script()).forEach(names::add);
    }
    if (spec.postBuild() != null) {
      names(spec.postBuild().script()).forEach(names::add);
    }
    if (spec.contents() != null) {
      spec.contents().stream()
          .map(ContentSpec::source)
          .filter(Objects::nonNull)
          .map(ContentSpec.Source::configMap)
          .filter(Objects::nonNull)
          .map(KeyReference::name)
          .forEach(names::add);
    }
    return names;
  }

  private static Stream<String> names(ScriptSpec script) {
    return script == null || script.configMapKeyRef() == null
        ? Stream.empty()
        : Stream.of(script.configMapKeyRef().name());
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

  private final class Watched implements ResourceEventHandler<ConfigMap> {
    private final Set<ResourceID> users = new HashSet<>();
    private final SharedIndexInformer<ConfigMap> informer;

    private Watched(String namespace, String name) {
      informer = client.configMaps().inNamespace(namespace).withName(name).inform(this);
    }

    @Override
    public void onAdd(ConfigMap configMap) {
      tell();
    }

    @Override
    public void onUpdate(ConfigMap before, ConfigMap after) {
      if (!Objects.equals(before.getData(), after.getData())
          || !Objects.equals(before.getBinaryData(), after.getBinaryData())) {
        tell();
      }
    }

    @Override
    public void onDelete(ConfigMap configMap, boolean unknown) {
      tell();
    }

    private void tell() {
      Set<ResourceID> told;
      synchronized (ReferencedConfigMaps.this) {
        told = Set.copyOf(users);
      }
      told.forEach(news);
    }
  }
}
