package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The engine's judgement of a build, before it is put into a status.
 *
 * @param reason why the build stands where it stands
 * @param message the same for a person; no remedy in it
 */
record Next(
    Phase phase, Reason reason, String message, List<Action> actions, Optional<Duration> look) {

  /** After an action the world changes by itself; this is only for an event that got lost. */
  private static final Duration AFTER_ACTION = Duration.ofSeconds(30);

  static Next act(Phase phase, String message, Action action) {
    return new Next(phase, Reason.IN_PROGRESS, message, List.of(action), Optional.of(AFTER_ACTION));
  }

  static Next hold(Phase phase, Reason reason, String message, Optional<Duration> look) {
    return new Next(phase, reason, message, List.of(), look);
  }

  Next because(Reason why) {
    return new Next(phase, why, message, actions, look);
  }
}
