package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Reason;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

  private final Refusals refusals = new Refusals();

  @Test
  void whatIsRefusedAgainIsAskedForEverMoreSeldom() {
    long second = 0;
    for (long pause : new long[] {30, 60, 120, 240, 300, 300}) {
      refuseAt(second);
      assertThat(refusals.of("uid", at(second + pause - 1))).isPresent();
      assertThat(refusals.of("uid", at(second + pause))).isEmpty();
      second += pause;
    }
    refusals.forget("uid");
    refuseAt(second);
    assertThat(refusals.of("uid", at(second + 30))).isEmpty();
  }

  @Test
  void itIsKnownUntilTheRequestIsGranted() {
    refuseAt(0);
    assertThat(refusals.known("uid")).isPresent();

    refusals.forget("uid");

    assertThat(refusals.known("uid")).isEmpty();
  }

  private void refuseAt(long second) {
    refusals.note("uid", Reason.REQUEST_REFUSED, "no", at(second));
  }

  private static Instant at(long second) {
    return T0.plusSeconds(second);
  }
}
