package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Vm.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the API server last refused to do for a resource, such as for its namespace's quota. */
final class Refusals {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
  private static final int DOUBLINGS_TO_LONGEST = 4;

  private final Map<String, Refused> byUid = new ConcurrentHashMap<>();

  /**
   * A refusal that may pass.
   *
   * @param since since when it stands
   * @param newest when the request was last refused
   * @param times how often it was
   */
  private record Refused(Reason reason, String message, Instant since, Instant newest, int times) {
    private Trouble trouble() {
      return new Trouble(reason, message, since);
    }

    /** 30 s, 60 s, 2 min and so on. */
    private Instant again() {
      Duration pause =
          times > DOUBLINGS_TO_LONGEST
              ? LONGEST_PAUSE
              : FIRST_PAUSE.multipliedBy(1L << (times - 1));
      return newest.plus(pause);
    }
  }

  /** The refusal that stands now; none when it is time to try again. */
  Optional<Trouble> of(String uid, Instant now) {
    return Optional.ofNullable(byUid.get(uid))
        .filter(refused -> now.isBefore(refused.again()))
        .map(Refused::trouble);
  }

  /** The newest refusal, also when it is time to try again; none once it was granted. */
  Optional<Trouble> known(String uid) {
    return Optional.ofNullable(byUid.get(uid)).map(Refused::trouble);
  }

  /** The same refusal keeps its first time, and is asked for ever more seldom. */
  void note(String uid, Reason reason, String message, Instant now) {
    byUid.compute(
        uid,
        (key, before) ->
            before != null && before.reason() == reason
                ? new Refused(reason, message, before.since(), now, before.times() + 1)
                : new Refused(reason, message, now, now, 1));
  }

  void forget(String uid) {
    byUid.remove(uid);
  }
}
