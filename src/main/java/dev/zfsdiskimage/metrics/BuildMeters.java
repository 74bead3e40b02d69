package dev.zfsdiskimage.metrics;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Builds by result and reason, seconds by step, resources by phase, the queue. */
public final class BuildMeters {
  private static final String READY = "ready";
  private static final String FAILED = "failed";

  private final MeterRegistry registry;
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();
  private final Set<String> holding = ConcurrentHashMap.newKeySet();
  private final Map<String, Phase> phases = new ConcurrentHashMap<>();

  public BuildMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Shows these numbers, asked for whenever the meters are read. */
  public void watch(
      Supplier<Number> building, Supplier<Number> waiting, Supplier<Number> consoles) {
    gauge("zdi.builds.running", "Builds that hold a place.", building);
    gauge("zdi.builds.waiting", "Builds that wait for a place.", waiting);
    gauge("zdi.images", "Resources whose newest good images are there.", holding::size);
    gauge("zdi.consoles", "Consoles that are followed now.", consoles);
    for (Phase phase : Phase.values()) {
      Gauge.builder("zdi.resources", () -> Collections.frequency(phases.values(), phase))
          .description("Resources by their phase.")
          .tag("phase", phase.word())
          .register(registry);
    }
    startAtZero();
  }

  /** Counts a look at a resource, and a build that ends before this operator's eyes, once. */
  public void saw(String uid, Status status) {
    looks().increment();
    if (!status.terminal()) {
      underWay.add(uid);
      return;
    }
    // What had ended before this operator began was counted by the one before.
    if (!underWay.remove(uid)) {
      return;
    }
    String reason = status.failure().map(Failure::reason).map(Reason::word).orElse("");
    builds(status.phase() == Phase.READY ? READY : FAILED, reason).increment();
    status.steps().stream()
        .filter(step -> step.finished().isPresent())
        .forEach(
            step ->
                Timer.builder("zdi.step")
                    .description("How long the steps of ended builds took.")
                    .tag("step", step.name())
                    .register(registry)
                    .record(Duration.between(step.started(), step.finished().get())));
  }

  /** In which phase the resource is; one whose spec is refused has failed. */
  public void isIn(String uid, Phase phase) {
    phases.put(uid, phase);
  }

  /** Whether the resource's newest good images are there. */
  public void holds(String uid, boolean images) {
    if (images) {
      holding.add(uid);
    } else {
      holding.remove(uid);
    }
  }

  /** Adds to the guests' messages that have not come through. */
  public void consoleLinesLost(long lines) {
    consoleLinesLost().increment(lines);
  }

  /** The resource is gone. */
  public void forget(String uid) {
    underWay.remove(uid);
    holding.remove(uid);
    phases.remove(uid);
  }

  /** To Prometheus the first value of a counter is no increase: so it is zero. */
  private void startAtZero() {
    looks();
    consoleLinesLost();
    builds(READY, "");
    for (Reason reason : Reason.values()) {
      switch (reason.handling()) {
        case RETRIED, PERMANENT -> builds(FAILED, reason.word());
        case NORMAL, WAITING -> {}
      }
    }
  }

  private Counter builds(String result, String reason) {
    return Counter.builder("zdi.builds")
        .description("Builds that ended, with the reason of those that failed.")
        .tags("result", result, "reason", reason)
        .register(registry);
  }

  private Counter looks() {
    return Counter.builder("zdi.looks").description("Looks at resources.").register(registry);
  }

  private Counter consoleLinesLost() {
    return Counter.builder("zdi.console.lines.lost")
        .description("Guests' messages that have not come through.")
        .register(registry);
  }

  private void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).register(registry);
  }
}
