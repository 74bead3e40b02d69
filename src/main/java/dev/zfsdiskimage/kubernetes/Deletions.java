package dev.zfsdiskimage.kubernetes;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What was deleted a moment ago and still stands in the caches: asking once is enough. */
final class Deletions {
  /** Far longer than any news takes; a deletion that was undone by then is asked for again. */
  private static final Duration KEPT = Duration.ofMinutes(5);

  private final Map<String, Instant> byUid = new ConcurrentHashMap<>();

  boolean isAsked(String uid, Instant now) {
    Instant asked = byUid.get(uid);
    return asked != null && now.isBefore(asked.plus(KEPT));
  }

  void asked(String uid, Instant now) {
    byUid.values().removeIf(asked -> !now.isBefore(asked.plus(KEPT)));
    byUid.put(uid, now);
  }
}
