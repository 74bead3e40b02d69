package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.metrics.BuildMeters;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;

/** Wires the operator. */
@Dependent
class OperatorBeans {
  @Produces
  @Singleton
  Settings settings(OperatorProperties properties) {
    return new Settings(
        properties.builderImage(),
        properties.toolsImage(),
        properties.debianImage(),
        properties.imagePullPolicy(),
        properties.kubevirt().panicDevices(),
        properties.kubevirt().rebootPolicy(),
        properties.filesystemOverhead(),
        properties.builds().max(),
        properties.builds().maxPerNamespace());
  }

  @Produces
  @Singleton
  BuildMeters meters(MeterRegistry registry) {
    return new BuildMeters(registry);
  }

  @Produces
  @Singleton
  LeaderElectionConfiguration leaderElection(
      OperatorProperties properties, KubernetesClient client) {
    String namespace =
        properties
            .leaderElection()
            .namespace()
            .or(() -> Optional.ofNullable(client.getNamespace()))
            .orElse("default");
    return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(
            properties.leaderElection().lease())
        .withLeaseNamespace(namespace)
        .withLeaseDuration(Duration.ofSeconds(15))
        .withRenewDeadline(Duration.ofSeconds(10))
        .withRetryPeriod(Duration.ofSeconds(2))
        .build();
  }
}
