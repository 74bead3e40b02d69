package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Objects of one kind, each watched by its name for as long as a resource refers to it.
 *
 * @param <T> the kind
 * @param <C> what matters of an object
 */
final class WatchedByName<T extends HasMetadata, C> implements AutoCloseable {
  private final Function<ResourceID, SharedIndexInformer<T>> informers;
  private final Function<T, C> content;
  private final Consumer<ResourceID> news;
  private final Map<ResourceID, Watched> watched = new HashMap<>();

  /**
   * Who refers to an object: another resource of the same name is another user.
   *
   * @param uid the resource's
   */
  record User(ResourceID resource, String uid) {
    static User of(HasMetadata resource) {
      return new User(ResourceID.fromResource(resource), resource.getMetadata().getUid());
    }
  }

  /**
   * @param informers make an informer of one object, to be started
   * @param content of an object as its informer keeps it
   * @param news takes the resources that refer to an object whose content has changed
   */
  WatchedByName(
      Function<ResourceID, SharedIndexInformer<T>> informers,
      Function<T, C> content,
      Consumer<ResourceID> news) {
    this.informers = informers;
    this.content = content;
    this.news = news;
  }

  /** What the resource refers to, by name; an object that is not there is left out. */
  Map<String, C> of(User user, Set<String> names) {
    forget(user, names);
    Map<String, C> found = new HashMap<>();
    for (String name : names) {
      watch(user, name).ifPresent(each -> found.put(name, each));
    }
    return found;
  }

  /** The resource is gone. */
  void forget(User user) {
    forget(user, Set.of());
  }

  @Override
  public synchronized void close() {
    watched.values().forEach(each -> each.informer.close());
    watched.clear();
  }

  private synchronized Optional<C> watch(User user, String name) {
    ResourceID id = new ResourceID(name, user.resource().getNamespace().orElseThrow());
    Watched found = watched.computeIfAbsent(id, Watched::new);
    found.users.add(user);
    return found.content();
  }

  private synchronized void forget(User user, Set<String> but) {
    watched
        .entrySet()
        .removeIf(
            entry -> {
              Watched each = entry.getValue();
              boolean left =
                  !but.contains(entry.getKey().getName())
                      && each.users.remove(user)
                      && each.users.isEmpty();
              if (left) {
                each.informer.close();
              }
              return left;
            });
  }

  private final class Watched implements ResourceEventHandler<T> {
    private final String key;
    private final Set<User> users = new HashSet<>();
    private final SharedIndexInformer<T> informer;

    private Watched(ResourceID id) {
      key = id.getNamespace().orElseThrow() + "/" + id.getName();
      informer = informers.apply(id);
      informer.addEventHandler(this).run();
    }

    private Optional<C> content() {
      return Optional.ofNullable(informer.getStore().getByKey(key)).map(content);
    }

    @Override
    public void onAdd(T object) {
      tell();
    }

    /** What is kept now counts: it may be less than what has come. */
    @Override
    public void onUpdate(T before, T after) {
      if (!Objects.equals(Optional.of(content.apply(before)), content())) {
        tell();
      }
    }

    @Override
    public void onDelete(T object, boolean unknown) {
      tell();
    }

    private void tell() {
      Set<User> told;
      synchronized (WatchedByName.this) {
        told = Set.copyOf(users);
      }
      told.forEach(user -> news.accept(user.resource()));
    }
  }
}
