package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.Reason;
import java.time.Instant;
import java.util.Optional;

/**
 * One piece of work of an attempt, as the adapter sees it. A piece that failed may be run again:
 * {@code run} counts from 1 and is the number that the action asked for.
 */
public sealed interface Work {
  /** Nothing of it exists. */
  record Absent() implements Work {}

  /** It was asked for, and cannot start for now. */
  record Waiting(int run, Reason reason, String message, Instant since) implements Work {}

  /** It runs. */
  record Running(int run, Instant since) implements Work {}

  /**
   * A part of it is done, and asking for the same run once more begins the next part.
   *
   * @param since when the work as a whole began
   */
  record Due(int run, Instant since) implements Work {}

  /** It has succeeded. */
  record Done(int run, Instant started, Instant finished) implements Work {}

  /** It has failed; whether it is run again follows from the reason. */
  record Failed(int run, Reason reason, String message, Instant started, Instant finished)
      implements Work {}

  /** The one absent piece of work. */
  Work ABSENT = new Absent();

  /** When it began to run, if it did. */
  default Optional<Instant> startedAt() {
    if (this instanceof Running running) {
      return Optional.of(running.since());
    }
    if (this instanceof Due due) {
      return Optional.of(due.since());
    }
    if (this instanceof Done done) {
      return Optional.of(done.started());
    }
    if (this instanceof Failed failed) {
      return Optional.of(failed.started());
    }
    return Optional.empty();
  }

  /** When it ended, if it did. */
  default Optional<Instant> finishedAt() {
    if (this instanceof Done done) {
      return Optional.of(done.finished());
    }
    if (this instanceof Failed failed) {
      return Optional.of(failed.finished());
    }
    return Optional.empty();
  }
}
