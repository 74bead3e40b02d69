package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;

/** What a cluster must have before the operator can work in it. */
public final class Prerequisites {
  private static final int UNAUTHORIZED = 401;

  private final KubernetesClient client;

  Prerequisites(KubernetesClient client) {
    this.client = client;
  }

  /**
   * What the current kubeconfig's cluster lacks.
   *
   * @return one complaint with its remedy for each; empty when the operator can start
   */
  public static List<String> missing() {
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      return new Prerequisites(client).complaints();
    }
  }

  List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    try {
      if (!client.supports(ZfsDiskImage.class)) {
        complaints.add(
            "the cluster at "
                + client.getMasterUrl()
                + " does not know ZfsDiskImage ("
                + ZfsDiskImage.GROUP
                + "/"
                + ZfsDiskImage.VERSION
                + "): install its definition with kubectl apply --server-side -k crds");
      }
      if (!client.supports(VirtualMachineInstance.class)) {
        complaints.add(
            "the cluster at "
                + client.getMasterUrl()
                + " does not know VirtualMachineInstance (kubevirt.io/v1): install KubeVirt 1.6 or"
                + " newer, as https://kubevirt.io/user-guide says");
      }
    } catch (KubernetesClientException e) {
      complaints.add(unreachable(e));
    }
    return complaints;
  }

  private String unreachable(KubernetesClientException e) {
    if (e.getCode() == UNAUTHORIZED) {
      return "the cluster at "
          + client.getMasterUrl()
          + " does not accept this kubeconfig's credentials: renew them, or point KUBECONFIG at"
          + " another one";
    }
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return "no cluster answers at "
        + client.getMasterUrl()
        + " ("
        + (cause.getMessage() == null ? cause : cause.getMessage())
        + "): point KUBECONFIG at a kubeconfig that kubectl works with";
  }
}
