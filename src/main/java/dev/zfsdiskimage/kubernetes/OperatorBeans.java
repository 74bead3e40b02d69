package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.kubernetes.OperatorProperties.LeaderElection;
import dev.zfsdiskimage.metrics.ApiRequestMeters;
import dev.zfsdiskimage.metrics.BuildMeters;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Wires the operator. */
@Dependent
class OperatorBeans {
  private static final Duration LEASE_DURATION = Duration.ofSeconds(15);
  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
  private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);

  /** java-operator-sdk would call System.exit, in which the end of this very process hangs. */
  private static final boolean LEADERSHIP_ENDS_PROCESS = false;

  @Produces
  @Singleton
  Settings settings(OperatorProperties properties) {
    return Settings.of(properties);
  }

  @Produces
  @Singleton
  BuildMeters meters(MeterRegistry registry) {
    return new BuildMeters(registry);
  }

  /** A client whose requests are counted. */
  @Produces
  @Singleton
  KubernetesClient client(
      Config config, KubernetesSerialization serialization, MeterRegistry registry) {
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withKubernetesSerialization(serialization)
        .withHttpClientBuilderConsumer(
            builder ->
                builder.addOrReplaceInterceptor(
                    ApiRequestMeters.NAME, new ApiRequestMeters(registry)))
        .build();
  }

  /** The pod's name, for people who read the Lease, and what no other process has. */
  @Produces
  @Singleton
  OwnLease lease(OperatorProperties properties, Config config) {
    LeaderElection election = properties.leaderElection();
    return new OwnLease(
        election.namespace().or(() -> Optional.ofNullable(config.getNamespace())).orElse("default"),
        election.lease(),
        Optional.ofNullable(System.getenv("HOSTNAME")).orElse("zdi") + "_" + UUID.randomUUID());
  }

  /**
   * Null, as ArC allows a dependent bean to be, where there is one operator only. The constructor
   * is deprecated, and the one way to say how the loss of a lease ends.
   */
  @Produces
  @Dependent
  @SuppressWarnings("deprecation")
  LeaderElectionConfiguration leaderElection(
      OperatorProperties properties, OwnLease lease, Leadership leadership) {
    if (!properties.leaderElection().enabled()) {
      return null;
    }
    return new LeaderElectionConfiguration(
        lease.name(),
        lease.namespace(),
        LEASE_DURATION,
        RENEW_DEADLINE,
        RETRY_PERIOD,
        lease.identity(),
        leadership.callbacks(),
        LEADERSHIP_ENDS_PROCESS);
  }
}
