package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A status is written once a second at most. */
class StatusPaceTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private final StatusPace pace = new StatusPace();

  @Test
  void firstWriteNeedNotWait() {
    assertThat(pace.rest("a", NOW)).isEmpty();
  }

  @Test
  void nextWriteWaitsForTheRestOfTheSecond() {
    pace.wrote("a", NOW);

    assertThat(pace.rest("a", NOW.plusMillis(300))).contains(Duration.ofMillis(700));
    assertThat(pace.rest("a", NOW.plusSeconds(1))).isEmpty();
    assertThat(pace.rest("b", NOW.plusMillis(300))).isEmpty();
  }
}
