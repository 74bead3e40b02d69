package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.quarkus.runtime.Quarkus;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * What becoming the leader, and being it no longer, means to this process: one that has lost the
 * lease ends, lest two operators act.
 */
@Singleton
class Leadership {
  private static final Logger LOG = Logger.getLogger(Leadership.class);

  private final OwnLease lease;
  private final KubernetesClient client;
  private volatile boolean ending;
  private volatile boolean lost;

  @Inject
  Leadership(OwnLease lease, KubernetesClient client) {
    this.lease = lease;
    this.client = client;
  }

  /** The process ends anyway: the lease is given back and not lost. */
  void end() {
    ending = true;
  }

  /** Whether the process ends because another one leads. */
  boolean isLost() {
    return lost;
  }

  LeaderCallbacks callbacks() {
    return new LeaderCallbacks(
        () -> LOG.info("this operator leads: it acts on resources from now on"),
        this::ended,
        leader -> LOG.infof("the leading operator is %s", leader));
  }

  /** Called by {@code Operator.stop()} once nothing acts any more and the client still works. */
  private void ended() {
    if (ending) {
      lease.giveBack(client);
      return;
    }
    lost = true;
    LOG.error("the lease was lost to another operator; this one ends");
    Quarkus.asyncExit();
  }
}
