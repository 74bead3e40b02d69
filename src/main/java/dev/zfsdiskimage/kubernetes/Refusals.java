package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the API server last refused to make for a resource, such as for its namespace's quota. */
final class Refusals {
  private final Map<String, Refused> byUid = new ConcurrentHashMap<>();

  /** A refusal that may pass, and since when it stands. */
  record Refused(Reason reason, String message, Instant since) {}

  Optional<Refused> of(String uid) {
    return Optional.ofNullable(byUid.get(uid));
  }

  /** The same refusal keeps its first time. */
  void note(String uid, Reason reason, String message, Instant now) {
    byUid.compute(
        uid,
        (key, before) ->
            new Refused(
                reason,
                message,
                before != null && before.reason() == reason ? before.since() : now));
  }

  void forget(String uid) {
    byUid.remove(uid);
  }
}
