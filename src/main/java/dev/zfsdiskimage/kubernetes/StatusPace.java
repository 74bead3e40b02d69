package dev.zfsdiskimage.kubernetes;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Gathers what changes within a second into one write of a resource's status. */
final class StatusPace {
  private static final Duration APART = Duration.ofSeconds(1);

  private final Map<String, Instant> written = new ConcurrentHashMap<>();

  /** How long to wait before the next write; empty when the time has come. */
  Optional<Duration> rest(String uid, Instant now) {
    return Optional.ofNullable(written.get(uid))
        .map(last -> APART.minus(Duration.between(last, now)))
        .filter(rest -> !rest.isNegative() && !rest.isZero());
  }

  void wrote(String uid, Instant now) {
    written.put(uid, now);
  }

  void forget(String uid) {
    written.remove(uid);
  }
}
