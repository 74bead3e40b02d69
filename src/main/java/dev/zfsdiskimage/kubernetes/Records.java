package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is remembered of a resource's revisions: their ledgers, and, where one is lost, cannot be
 * read or had no time to be written, what the marks of finished images say.
 */
final class Records {
  private final View view;
  private final Map<String, Ledger> readable = new TreeMap<>();
  private final Map<String, ConfigMap> unreadable = new HashMap<>();
  private final Map<String, Ledger.Published> finished = new TreeMap<>();

  /**
   * @param uid the resource's
   */
  Records(View view, String uid) {
    this.view = view;
    view.ledgers().forEach(this::read);
    ImageMarks.marks(view, uid).forEach(this::complete);
    readable.forEach(
        (revision, ledger) ->
            ledger
                .published()
                .filter(view::has)
                .ifPresent(published -> finished.put(revision, published)));
  }

  private void read(ConfigMap configMap) {
    String revision = Labels.of(configMap, Labels.REVISION).orElse("");
    Ledger.read(configMap)
        .ifPresentOrElse(
            ledger -> readable.put(revision, ledger), () -> unreadable.put(revision, configMap));
  }

  private void complete(ImageMarks.Mark mark) {
    Ledger known = of(mark.revision());
    int newest = known.published().map(Ledger.Published::attempt).orElse(0);
    if (mark.published().attempt() > newest) {
      readable.put(
          mark.revision(),
          known.with(mark.published(), ImageMarks.manifest(view, mark.published())));
    }
  }

  /** What is remembered of a revision. */
  Ledger of(String revision) {
    return readable.getOrDefault(revision, Ledger.EMPTY);
  }

  /** The ledger of a revision that cannot be read. */
  Optional<ConfigMap> unreadable(String revision) {
    return Optional.ofNullable(unreadable.get(revision));
  }

  /** The revisions whose images are there. */
  Map<String, Ledger.Published> finished() {
    return Collections.unmodifiableMap(finished);
  }

  /** The revisions whose ledgers cannot be read: nothing of theirs is judged. */
  Set<String> unreadable() {
    return new HashSet<>(unreadable.keySet());
  }

  /** The uids of all claims that were ever finished, as far as it is known. */
  Set<String> imageUids() {
    return readable.values().stream()
        .flatMap(ledger -> ledger.published().stream())
        .flatMap(published -> published.claims().stream())
        .map(Ledger.ImageClaim::uid)
        .collect(Collectors.toSet());
  }

  /** The newest images that are there, with their revision. */
  Optional<Map.Entry<String, Ledger.Published>> newestFinished() {
    return newest(finished().entrySet().stream());
  }

  /** The same of any revision but one. */
  Optional<Map.Entry<String, Ledger.Published>> newestFinishedBut(String revision) {
    return newest(finished().entrySet().stream().filter(entry -> !entry.getKey().equals(revision)));
  }

  private static Optional<Map.Entry<String, Ledger.Published>> newest(
      Stream<Map.Entry<String, Ledger.Published>> finished) {
    return finished.max(java.util.Comparator.comparing(entry -> entry.getValue().at()));
  }
}
