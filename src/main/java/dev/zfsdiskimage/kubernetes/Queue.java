package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.engine.Turn;
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
  private final Map<String, String> told = new HashMap<>();

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
    Turn turn = turn(build, placesInOrder());
    if (turn.ahead() == 0) {
      waiting.remove(build.uid());
      building.put(build.uid(), build);
    }
    told.put(build.uid(), turn.told());
    return turn.ahead();
  }

  /** The build has ended or will not begin; tells whose turn has come, or is to be told anew. */
  synchronized List<Build> leave(String uid) {
    boolean freed = building.remove(uid) != null;
    boolean waited = waiting.remove(uid) != null;
    told.remove(uid);
    if (!freed && !waited) {
      return List.of();
    }
    Map<String, Integer> order = placesInOrder();
    return waiting.values().stream()
        .filter(
            build -> {
              Turn turn = turn(build, order);
              return turn.ahead() == 0 || !turn.told().equals(told.get(build.uid()));
            })
        .toList();
  }

  synchronized int building() {
    return building.size();
  }

  synchronized int waiting() {
    return waiting.size();
  }

  private Turn turn(Build build, Map<String, Integer> order) {
    Integer position = order.get(build.uid());
    if (position == null) {
      return new Turn(1 + olderInNamespace(build));
    }
    int free = Math.max(0, places - building.size());
    return new Turn(position < free ? 0 : position - free + 1);
  }

  private Map<String, Integer> placesInOrder() {
    Map<String, Integer> order = new HashMap<>();
    admissible().forEach(build -> order.put(build.uid(), order.size()));
    return order;
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
