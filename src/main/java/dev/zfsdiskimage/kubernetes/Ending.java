package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * The end of the operator: what is under way comes to its end and the lease is given back while the
 * client still works; then the process says how it went.
 */
@Singleton
class Ending {
  private static final Logger LOG = Logger.getLogger(Ending.class);

  /** Longer than the operator's own patience with what is under way. */
  private static final long GIVE_UP_SECONDS = 28;

  private final Operator operator;
  private final ZfsDiskImageReconciler reconciler;
  private final KubernetesClient client;
  private final Leadership leadership;
  private final OwnLease lease;
  private final OperatorHealth health;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile int status;

  @Inject
  Ending(
      Operator operator,
      ZfsDiskImageReconciler reconciler,
      KubernetesClient client,
      Leadership leadership,
      OwnLease lease,
      @Any OperatorHealth health) {
    this.operator = operator;
    this.reconciler = reconciler;
    this.client = client;
    this.leadership = leadership;
    this.lease = lease;
    this.health = health;
  }

  /** A JVM that was told to end says 143, though all went well; from now on it says how it went. */
  void tellTruly() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::halt));
  }

  void failed() {
    status = OperatorApplication.FAILED;
  }

  void end(@Observes ShutdownEvent event) {
    LOG.info("the operator ends");
    health.synced(false);
    leadership.end();
    operator.stop();
    reconciler.close();
    // Nothing acts any more: another operator may.
    if (leadership.isWon() && !leadership.isLost()) {
      lease.giveBack(client);
    }
    client.close();
    if (leadership.isLost()) {
      failed();
    }
    ended.complete(null);
  }

  private void halt() {
    ended.completeOnTimeout(null, GIVE_UP_SECONDS, TimeUnit.SECONDS).join();
    Runtime.getRuntime().halt(status);
  }
}
