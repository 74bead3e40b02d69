package dev.zfsdiskimage.engine;

import java.time.Duration;

/** How long to wait before trying again: 10 s, 20 s, 40 s and so on, at most 5 min. */
final class Backoff {
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int DOUBLINGS_TO_LONGEST = 5;

  private Backoff() {}

  /** The pause after the {@code failures}-th failure, from 1. */
  static Duration after(int failures) {
    return failures > DOUBLINGS_TO_LONGEST ? LONGEST : FIRST.multipliedBy(1L << (failures - 1));
  }
}
