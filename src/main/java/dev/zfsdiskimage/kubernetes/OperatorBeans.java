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

  /** Null, as ArC allows a dependent bean to be, where there is one operator only. */
  @Produces
  @Dependent
  LeaderElectionConfiguration leaderElection(
      OperatorProperties properties, Config config, Leadership leadership) {
    LeaderElection election = properties.leaderElection();
    return election.enabled() ? lease(election, config, leadership) : null;
  }

  /** The constructor is deprecated, and the one way to say how the loss of a lease ends. */
  @SuppressWarnings("deprecation")
  private static LeaderElectionConfiguration lease(
      LeaderElection election, Config config, Leadership leadership) {
    return new LeaderElectionConfiguration(
        election.lease(),
        election.namespace().or(() -> Optional.ofNullable(config.getNamespace())).orElse("default"),
        LEASE_DURATION,
        RENEW_DEADLINE,
        RETRY_PERIOD,
        null,
        leadership.callbacks(),
        LEADERSHIP_ENDS_PROCESS);
  }
}
