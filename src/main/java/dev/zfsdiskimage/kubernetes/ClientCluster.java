package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ZfsDiskImage;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.Optional;

/** The cluster of one reconciliation; what it makes is at once in the reconciliation's caches. */
final class ClientCluster implements Cluster {
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final KubernetesClient client;
  private final Context<ZfsDiskImage> context;

  ClientCluster(KubernetesClient client, Context<ZfsDiskImage> context) {
    this.client = client;
    this.context = context;
  }

  @Override
  public boolean create(HasMetadata object) {
    try {
      context.resourceOperations().create(object);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT) {
        throw e;
      }
      inTheWay(object).ifPresent(there -> refuseTaken(object, there));
      return false;
    }
  }

  /** The object that has the name; the role lets it be listed. */
  private Optional<? extends HasMetadata> inTheWay(HasMetadata wanted) {
    return client
        .resources(wanted.getClass())
        .inNamespace(wanted.getMetadata().getNamespace())
        .withField("metadata.name", wanted.getMetadata().getName())
        .list()
        .getItems()
        .stream()
        .findFirst();
  }

  /** Nobody else's object is used, and no finished image is a build's disk. */
  private static void refuseTaken(HasMetadata wanted, HasMetadata there) {
    boolean own =
        wanted.getMetadata().getOwnerReferences().stream()
            .anyMatch(owner -> Owners.isOwnedBy(there, owner.getUid()));
    if (!own) {
      throw new NameTakenException(there, "belongs to " + Owners.describe(there));
    }
    if (there instanceof PersistentVolumeClaim claim && ImageMarks.isMarked(claim)) {
      throw new NameTakenException(there, "holds a finished image");
    }
  }

  @Override
  public void replace(HasMetadata object) {
    context.resourceOperations().update(object);
  }

  @Override
  public void delete(HasMetadata object) {
    // The client's own deletions know no precondition on the uid.
    DeleteOptions options =
        new DeleteOptionsBuilder()
            .withApiVersion("v1")
            .withKind("DeleteOptions")
            .withPropagationPolicy("Background")
            .withNewPreconditions()
            .withUid(object.getMetadata().getUid())
            .endPreconditions()
            .build();
    try {
      client.raw(path(object), "DELETE", options);
    } catch (KubernetesClientException e) {
      // Gone, or another object has its name.
      if (e.getCode() != CONFLICT && e.getCode() != NOT_FOUND) {
        throw e;
      }
    }
  }

  private static String path(HasMetadata object) {
    String version = HasMetadata.getApiVersion(object.getClass());
    return (version.contains("/") ? "/apis/" : "/api/")
        + version
        + "/namespaces/"
        + object.getMetadata().getNamespace()
        + "/"
        + HasMetadata.getPlural(object.getClass())
        + "/"
        + object.getMetadata().getName();
  }

  @Override
  public boolean isUsed(String namespace, String claim) {
    // The pods of our own finished Jobs stay for a while and use nothing.
    return client.pods().inNamespace(namespace).list().getItems().stream()
        .filter(pod -> pod.getSpec() != null && !Pods.isOver(pod))
        .flatMap(pod -> pod.getSpec().getVolumes().stream())
        .anyMatch(
            volume ->
                volume.getPersistentVolumeClaim() != null
                    && claim.equals(volume.getPersistentVolumeClaim().getClaimName()));
  }
}
