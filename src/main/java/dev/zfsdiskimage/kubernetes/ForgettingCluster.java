package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.function.Consumer;

/** A cluster that asks for each deletion once, and tells of every VM that it deletes. */
record ForgettingCluster(
    Cluster cluster, Deletions deletions, Instant now, Consumer<VirtualMachineInstance> deleted)
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
    String uid = object.getMetadata().getUid();
    if (deletions.isAsked(uid, now)) {
      return;
    }
    cluster.delete(object);
    deletions.asked(uid, now);
    if (object instanceof VirtualMachineInstance machine) {
      deleted.accept(machine);
    }
  }

  @Override
  public boolean isUsed(String namespace, String claim) {
    return cluster.isUsed(namespace, claim);
  }
}
