package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.function.Consumer;

/** A cluster that tells of every VM that it deletes. */
record ForgettingCluster(Cluster cluster, Consumer<VirtualMachineInstance> deleted)
    implements Cluster {
  @Override
  public boolean create(HasMetadata object) {
    return cluster.create(object);
  }

  @Override
  public void replace(HasMetadata object) {
    cluster.replace(object);
  }

  @Override
  public void delete(HasMetadata object) {
    cluster.delete(object);
    if (object instanceof VirtualMachineInstance machine) {
      deleted.accept(machine);
    }
  }

  @Override
  public boolean isUsed(String namespace, String claim) {
    return cluster.isUsed(namespace, claim);
  }
}
