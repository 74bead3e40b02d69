package dev.zfsdiskimage.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.engine.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which builds are counted, and when. */
class BuildCountsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final BuildMeters meters = new BuildMeters(registry);

  @Test
  void buildIsCountedOnceWhenItEnds() {
    meters.saw("a", status(Phase.BUILDING));
    assertThat(count("ready")).isZero();

    meters.saw("a", status(Phase.READY));
    meters.saw("a", status(Phase.READY));

    assertThat(count("ready")).isEqualTo(1);
    assertThat(registry.timer("zdi.step", "step", "install").totalTime(TimeUnit.SECONDS))
        .isEqualTo(7);
    assertThat(registry.counter("zdi.looks").count()).isEqualTo(3);
  }

  @Test
  void nextBuildOfAResourceIsCountedToo() {
    for (int build = 0; build < 2; build++) {
      meters.saw("a", status(Phase.BUILDING));
      meters.saw("a", status(Phase.FAILED));
    }

    assertThat(count("failed")).isEqualTo(2);
  }

  @Test
  void newOperatorDoesNotCountWhatHadEndedBefore() {
    meters.saw("a", status(Phase.READY));
    meters.saw("b", status(Phase.FAILED));

    assertThat(count("ready") + count("failed")).isZero();
  }

  @Test
  void countersCanBeReadBeforeAnythingHappens() {
    meters.watch(() -> 1, () -> 2, () -> 3);

    assertThat(registry.find("zdi.builds").tags("result", "ready").counter()).isNotNull();
    assertThat(registry.find("zdi.builds").tags("reason", "RootDiskFull").counter()).isNotNull();
    assertThat(registry.find("zdi.builds").tags("reason", "Waiting").counter()).isNull();
    assertThat(registry.find("zdi.console.lines.lost").counter()).isNotNull();
  }

  @Test
  void imagesAreThoseOfResourcesThatHaveThem() {
    meters.watch(() -> 0, () -> 0, () -> 0);
    meters.holds("a", true);
    meters.holds("b", true);
    meters.holds("c", true);

    meters.holds("b", false);
    meters.forget("c");

    assertThat(registry.get("zdi.images").gauge().value()).isEqualTo(1);
  }

  @Test
  void resourcesAreCountedInThePhaseThatTheyAreInNow() {
    meters.watch(() -> 0, () -> 0, () -> 0);
    meters.isIn("a", Phase.BUILDING);
    meters.isIn("b", Phase.FAILED);
    meters.isIn("c", Phase.FAILED);

    meters.isIn("a", Phase.READY);
    meters.forget("c");

    assertThat(resources("Building")).isZero();
    assertThat(resources("Ready")).isEqualTo(1);
    assertThat(resources("Failed")).isEqualTo(1);
  }

  private double resources(String phase) {
    return registry.get("zdi.resources").tag("phase", phase).gauge().value();
  }

  private double count(String result) {
    return registry.find("zdi.builds").tags("result", result).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private static Status status(Phase phase) {
    Instant start = Instant.EPOCH;
    return new Status(
        phase,
        1,
        List.of(),
        List.of(new Status.Step("install", start, Optional.of(start.plusSeconds(7)))),
        Optional.empty());
  }
}
