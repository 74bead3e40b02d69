package dev.zfsdiskimage.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

/** What the operator tells of its builds. */
class BuildMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final BuildMeters meters = new BuildMeters(registry);

  @Test
  void queueAndConsolesAreAskedForWhenMetersAreRead() {
    int[] now = {1, 2, 3};
    meters.watch(() -> now[0], () -> now[1], () -> now[2]);
    now[1] = 7;

    assertThat(registry.get("zdi.builds.running").gauge().value()).isEqualTo(1);
    assertThat(registry.get("zdi.builds.waiting").gauge().value()).isEqualTo(7);
    assertThat(registry.get("zdi.consoles").gauge().value()).isEqualTo(3);
  }

  @Test
  void lostConsoleLinesAddUp() {
    meters.consoleLinesLost(2);
    meters.consoleLinesLost(3);

    assertThat(registry.counter("zdi.console.lines.lost").count()).isEqualTo(5);
  }
}
