package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.jboss.logging.Logger;

/**
 * The Lease by which operators choose the one that acts, as this operator holds it. It is given
 * back by our own request: java-operator-sdk 5.3 only ceases to renew it ({@code releaseOnCancel}
 * is false in its LeaderElectionManager), and the next operator would wait until it has expired.
 *
 * @param identity what stands in the Lease while this operator leads
 */
record OwnLease(String namespace, String name, String identity) {
  private static final Logger LOG = Logger.getLogger(OwnLease.class);

  /** As client-go does: it has expired by the time that somebody reads it. */
  private static final int GIVEN_BACK_SECONDS = 1;

  /** Lets another operator lead at once; where that fails, once the Lease has expired. */
  void giveBack(KubernetesClient client) {
    try {
      Lease lease = client.leases().inNamespace(namespace).withName(name).get();
      if (lease == null || !identity.equals(lease.getSpec().getHolderIdentity())) {
        return;
      }
      LeaseSpec spec = lease.getSpec();
      ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
      spec.setHolderIdentity("");
      spec.setLeaseDurationSeconds(GIVEN_BACK_SECONDS);
      spec.setAcquireTime(now);
      spec.setRenewTime(now);
      client.resource(lease).update();
      LOG.infof("the lease %s/%s is given back", namespace, name);
    } catch (KubernetesClientException e) {
      LOG.warnf(
          "the lease %s/%s could not be given back, and expires: %s",
          namespace, name, e.getMessage());
    }
  }
}
