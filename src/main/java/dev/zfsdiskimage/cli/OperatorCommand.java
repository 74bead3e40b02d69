package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.kubernetes.OperatorApplication;
import dev.zfsdiskimage.kubernetes.Prerequisites;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code zdi operator}. */
@Command(
    name = "operator",
    description =
        "Runs the Kubernetes operator on the current kubeconfig's cluster, or on its own, until it"
            + " is told to stop.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nEnvironment:%n",
    footer = {
      "  KUBECONFIG                   the cluster (default: ~/.kube/config, or the pod's own)",
      "  ZDI_BUILDER_IMAGE            OCI image of the builder appliance",
      "  ZDI_TOOLS_IMAGE              OCI image of the save Jobs' programs",
      "  ZDI_DEBIAN_IMAGE             OCI image with Debian's root file system",
      "  ZDI_IMAGE_PULL_POLICY        of these images (default: IfNotPresent)",
      "  ZDI_STORAGE_CLASS            for resources that name none (default: the cluster's)",
      "  ZDI_WATCH_NAMESPACES         separated by commas (default: all)",
      "  ZDI_BUILDS_MAX               builds at once (default: 10)",
      "  ZDI_BUILDS_MAX_PER_NAMESPACE (default: 5)",
      "  ZDI_LEADER_ELECTION_ENABLED  false where there is one operator only (default: true)",
      "  ZDI_HTTP_PORT                of /q/health and /q/metrics (default: 8080)",
      "",
      "Exit status: 0 it was told to stop, 1 it cannot start or has lost its lease.",
    })
final class OperatorCommand implements Callable<Integer> {
  private final Terminal err;

  OperatorCommand(Surroundings surroundings) {
    this.err = surroundings.err();
  }

  @Override
  public Integer call() {
    List<String> missing = Prerequisites.missing();
    missing.forEach(this::complain);
    return missing.isEmpty() ? OperatorApplication.runToEnd(this::complain) : Zdi.FAILED;
  }

  private void complain(String complaint) {
    err.out().println(err.styled("red", "error:") + " " + complaint);
  }
}
