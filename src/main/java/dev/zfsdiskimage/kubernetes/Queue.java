package dev.zfsdiskimage.kubernetes;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who may build. Builds that have begun have their place; the others wait in the order of their
 * resources' creation, one namespace after the other, so that no namespace starves another.
 *
 * <p>Nothing is kept over a restart: builds that have begun say so when they are first looked at.
 */
final class Queue {
  private final int places;
  private final int placesPerNamespace;
  private final Map<String, Build> building = new HashMap<>();
  private final Map<String, Build> waiting = new HashMap<>();

  /** Which resource, and since when it exists. */
  record Build(String namespace, String name, String uid, Instant created) {}

  Queue(int places, int placesPerNamespace) {
    this.places = places;
    this.placesPerNamespace = placesPerNamespace;
  }

  /**
   * How many builds must end before this one may begin; 0 gives it its place.
   *
   * @param begun whether it has begun already
   */
  synchronized int ahead(Build build, boolean begun) {
    if (begun || building.containsKey(build.uid())) {
      waiting.remove(build.uid());
      building.put(build.uid(), build);
      return 0;
    }
    waiting.put(build.uid(), build);
    List<Build> next = admissible();
    int position = next.indexOf(build);
    int free = places - building.size();
    if (position >= 0 && position < free) {
      waiting.remove(build.uid());
      building.put(build.uid(), build);
      return 0;
    }
    int before = position >= 0 ? position - Math.max(0, free) + 1 : 1 + olderInNamespace(build);
    return Math.max(1, before);
  }

  /** The build has ended or will not begin; tells who waits now. */
  synchronized List<Build> leave(String uid) {
    boolean freed = building.remove(uid) != null;
    boolean waited = waiting.remove(uid) != null;
    return freed || waited ? List.copyOf(waiting.values()) : List.of();
  }

  synchronized int building() {
    return building.size();
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /** Those whose namespace has a place free, in the order in which they come. */
  private List<Build> admissible() {
    Map<String, Integer> used = new HashMap<>();
    building.values().forEach(build -> used.merge(build.namespace(), 1, Integer::sum));
    Map<String, List<Build>> byNamespace = new HashMap<>();
    waiting.values().stream()
        .sorted(Comparator.comparing(Build::created).thenComparing(Build::uid))
        .forEach(
            build ->
                byNamespace
                    .computeIfAbsent(build.namespace(), name -> new ArrayList<>())
                    .add(build));
    List<Build> order = new ArrayList<>();
    Set<String> exhausted = new HashSet<>();
    for (int round = 0; exhausted.size() < byNamespace.size(); round++) {
      int turn = round;
      byNamespace.entrySet().stream()
          .filter(entry -> !exhausted.contains(entry.getKey()))
          .sorted(
              Comparator.comparing(
                      (Map.Entry<String, List<Build>> entry) ->
                          used.getOrDefault(entry.getKey(), 0) + turn)
                  .thenComparing(
                      entry ->
                          entry.getValue().size() > turn
                              ? entry.getValue().get(turn).created()
                              : Instant.MAX))
          .toList()
          .forEach(
              entry -> {
                boolean room = used.getOrDefault(entry.getKey(), 0) + turn < placesPerNamespace;
                if (room && entry.getValue().size() > turn) {
                  order.add(entry.getValue().get(turn));
                } else {
                  exhausted.add(entry.getKey());
                }
              });
    }
    return order;
  }

  private int olderInNamespace(Build build) {
    return (int)
        waiting.values().stream()
            .filter(other -> other.namespace().equals(build.namespace()))
            .filter(other -> other.created().isBefore(build.created()))
            .count();
  }
}
