package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Vm.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the API server last refused to make for a resource, such as for its namespace's quota. */
final class Refusals {
  /** How long a refusal is believed to stand before the request is made again. */
  private static final Duration STANDS = Duration.ofSeconds(30);

  private final Map<String, Refused> byUid = new ConcurrentHashMap<>();

  /**
   * A refusal that may pass.
   *
   * @param since since when it stands
   * @param newest when the request was last refused
   */
  private record Refused(Reason reason, String message, Instant since, Instant newest) {}

  /** The refusal that stands now; none when it is time to try again. */
  Optional<Trouble> of(String uid, Instant now) {
    return Optional.ofNullable(byUid.get(uid))
        .filter(refused -> now.isBefore(refused.newest().plus(STANDS)))
        .map(refused -> new Trouble(refused.reason(), refused.message(), refused.since()));
  }

  /** The same refusal keeps its first time. */
  void note(String uid, Reason reason, String message, Instant now) {
    byUid.compute(
        uid,
        (key, before) ->
            new Refused(
                reason,
                message,
                before != null && before.reason() == reason ? before.since() : now,
                now));
  }

  void forget(String uid) {
    byUid.remove(uid);
  }
}
