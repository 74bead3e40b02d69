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
  private static final Comparator<Build> OLDEST_FIRST =
      Comparator.comparing(Build::created).thenComparing(Build::uid);

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
    Turn turn = turns().get(build.uid());
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
    Map<String, Turn> turns = turns();
    return waiting.values().stream()
        .filter(
            build -> {
              Turn turn = turns.get(build.uid());
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

  /** By uid, of all that wait; one whose namespace is full waits for those before it there. */
  private Map<String, Turn> turns() {
    Map<String, Turn> turns = new HashMap<>();
    int free = Math.max(0, places - building.size());
    for (Build build : admissible()) {
      int position = turns.size();
      turns.put(build.uid(), new Turn(position < free ? 0 : position - free + 1));
    }
    Map<String, Integer> inNamespace = new HashMap<>();
    waiting.values().stream()
        .sorted(OLDEST_FIRST)
        .forEach(
            build -> {
              int upToIt = inNamespace.merge(build.namespace(), 1, Integer::sum);
              turns.putIfAbsent(build.uid(), new Turn(upToIt));
            });
    return turns;
  }

  /** Those whose namespace has a place free, in the order in which they come. */
  private List<Build> admissible() {
    Map<String, Integer> used = new HashMap<>();
    building.values().forEach(build -> used.merge(build.namespace(), 1, Integer::sum));
    Map<String, List<Build>> byNamespace = new HashMap<>();
    waiting.values().stream()
        .sorted(OLDEST_FIRST)
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
}
