package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What an informer remembers of its objects, without what nobody here reads: who manages which
 * field, and a kind's own ballast. A thousand images have nine thousand objects.
 */
public final class SlimStore<T extends HasMetadata> implements ItemStore<T> {
  private final ItemStore<T> objects = new BasicItemStore<>(Cache::metaNamespaceKeyFunc);
  private final Consumer<T> ballast;

  /** Takes away nothing but the managed fields. */
  public SlimStore() {
    this(object -> {});
  }

  /**
   * @param ballast takes away what is not read
   */
  SlimStore(Consumer<T> ballast) {
    this.ballast = ballast;
  }

  @Override
  public String getKey(T object) {
    return objects.getKey(object);
  }

  @Override
  public T put(String key, T object) {
    object.getMetadata().setManagedFields(null);
    ballast.accept(object);
    return objects.put(key, object);
  }

  @Override
  public T remove(String key) {
    return objects.remove(key);
  }

  @Override
  public Stream<String> keySet() {
    return objects.keySet();
  }

  @Override
  public Stream<T> values() {
    return objects.values();
  }

  @Override
  public int size() {
    return objects.size();
  }

  @Override
  public T get(String key) {
    return objects.get(key);
  }
}
