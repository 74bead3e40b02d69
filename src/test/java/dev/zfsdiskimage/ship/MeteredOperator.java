package dev.zfsdiskimage.ship;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.metrics.ApiRequestMeters;
import dev.zfsdiskimage.metrics.BuildMeters;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Prometheus reads of an operator that has ended a build and was refused a request. */
@SuppressWarnings("deprecation") // Micrometer has a newer registry; this is the one of Quarkus.
final class MeteredOperator {
  private static final Pattern SERIES =
      Pattern.compile("(?m)^(zdi_[a-z_]+)(?:\\{([^}]*)})? [-0-9.E+]+$");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");

  private final Map<String, Set<String>> labels = new HashMap<>();
  private final String text;

  MeteredOperator() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    BuildMeters builds = new BuildMeters(registry);
    builds.watch(() -> 1, () -> 2, () -> 1);
    builds.saw("uid", status(Phase.BUILDING));
    builds.saw("uid", status(Phase.READY));
    new ApiRequestMeters(registry)
        .afterConnectionFailure(
            new StandardHttpRequest.Builder().uri("http://localhost/api/v1/pods").build(),
            new IOException("refused"));
    text = registry.scrape();
    Matcher series = SERIES.matcher(text);
    while (series.find()) {
      Set<String> names = labels.computeIfAbsent(series.group(1), name -> new HashSet<>());
      if (series.group(2) != null) {
        LABEL.matcher(series.group(2)).results().forEach(label -> names.add(label.group(1)));
      }
    }
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

  /** What it answers to Prometheus. */
  String text() {
    return text;
  }

  /** Names of all metrics of ours. */
  Set<String> metrics() {
    return labels.keySet();
  }

  Set<String> labels(String metric) {
    return labels.getOrDefault(metric, Set.of());
  }
}
