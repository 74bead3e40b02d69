package dev.zfsdiskimage.metrics;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Status;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Builds by result and reason, seconds by step, the queue. */
public final class BuildMeters {
  private final MeterRegistry registry;
  private final Map<String, String> counted = new ConcurrentHashMap<>();

  public BuildMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Shows these numbers, asked for whenever the meters are read. */
  public void watch(
      Supplier<Number> building, Supplier<Number> waiting, Supplier<Number> consoles) {
    Gauge.builder("zdi.builds.running", building).register(registry);
    Gauge.builder("zdi.builds.waiting", waiting).register(registry);
    Gauge.builder("zdi.consoles", consoles).register(registry);
  }

  /** Counts a look at a resource, and a build that has ended, once. */
  public void saw(String uid, String revision, Status status) {
    registry.counter("zdi.looks").increment();
    if (!status.terminal()) {
      counted.remove(uid);
      return;
    }
    String end = revision + " " + status.phase() + " " + status.attempt();
    String before = counted.put(uid, end);
    if (end.equals(before)) {
      return;
    }
    String reason = status.failure().map(Failure::reason).map(Reason::word).orElse("");
    String result = status.phase() == Phase.READY ? "ready" : "failed";
    registry.counter("zdi.builds", "result", result, "reason", reason).increment();
    status.steps().stream()
        .filter(step -> step.finished().isPresent())
        .forEach(
            step ->
                registry
                    .timer("zdi.step", "step", step.name())
                    .record(Duration.between(step.started(), step.finished().get())));
  }

  /** The resource is gone. */
  public void forget(String uid) {
    counted.remove(uid);
  }
}
