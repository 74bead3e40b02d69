package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.quarkus.runtime.Quarkus;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * What becoming the leader, and being it no longer, means to this process: one that has lost the
 * lease ends, lest two operators act.
 */
@Singleton
class Leadership {
  private static final Logger LOG = Logger.getLogger(Leadership.class);

  private volatile boolean won;
  private volatile boolean ending;
  private volatile boolean lost;

  /** The process ends anyway: the lease is given back and not lost. */
  void end() {
    ending = true;
  }

  /** Whether this operator has had the lease; not where there is no election. */
  boolean isWon() {
    return won;
  }

  /** Whether the process ends because another one leads. */
  boolean isLost() {
    return lost;
  }

  LeaderCallbacks callbacks() {
    return new LeaderCallbacks(
        this::won, this::lost, leader -> LOG.infof("the leading operator is %s", leader));
  }

  private void won() {
    won = true;
    LOG.info("this operator leads: it acts on resources from now on");
  }

  private void lost() {
    if (!ending) {
      lost = true;
      LOG.error("the lease was lost to another operator; this one ends");
      Quarkus.asyncExit();
    }
  }
}
