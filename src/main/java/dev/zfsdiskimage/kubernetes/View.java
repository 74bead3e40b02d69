package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything of one resource that the caches hold, of all revisions: what has its uid as controller
 * owner, and nothing else, whatever its labels say.
 *
 * @param claims the disks and files of builds; never one that holds a finished image
 * @param images the claims that hold, or say that they hold, finished images, whoever owns them: a
 *     retained one has no owner
 */
record View(
    Collection<PersistentVolumeClaim> claims,
    Collection<PersistentVolumeClaim> images,
    Collection<ConfigMap> configMaps,
    Collection<Job> jobs,
    Collection<VirtualMachineInstance> machines,
    Collection<Pod> pods) {

  /** What of these objects, which have a resource's name as a label, is the resource's own. */
  static View of(
      String uid,
      Collection<PersistentVolumeClaim> claims,
      Collection<ConfigMap> configMaps,
      Collection<Job> jobs,
      Collection<VirtualMachineInstance> machines,
      Collection<Pod> pods) {
    return new View(
        own(uid, claims).stream().filter(claim -> !ImageMarks.isMarked(claim)).toList(),
        claims.stream().filter(ImageMarks::isMarked).toList(),
        own(uid, configMaps),
        own(uid, jobs),
        own(uid, machines),
        pods.stream().filter(pod -> Labels.has(pod, Labels.RESOURCE_UID, uid)).toList());
  }

  /** The same, where the claims with these uids hold finished images, marked or not. */
  View withImages(Set<String> uids) {
    Map<Boolean, List<PersistentVolumeClaim>> finished =
        claims.stream()
            .collect(
                Collectors.partitioningBy(claim -> uids.contains(claim.getMetadata().getUid())));
    return new View(
        finished.get(false),
        Stream.concat(images.stream(), finished.get(true).stream()).toList(),
        configMaps,
        jobs,
        machines,
        pods);
  }

  private static <T extends HasMetadata> List<T> own(String uid, Collection<T> objects) {
    return objects.stream().filter(object -> Owners.isOwnedBy(object, uid)).toList();
  }

  /** What this view holds but pods, which belong to others, and finished images. */
  Stream<HasMetadata> objects() {
    return Stream.of(jobs, machines, configMaps, claims).flatMap(Collection::stream);
  }

  /** The claim of a finished image, if it is still there. */
  Optional<PersistentVolumeClaim> image(Ledger.ImageClaim image) {
    return Stream.concat(images.stream(), claims.stream())
        .filter(claim -> claim.getMetadata().getUid().equals(image.uid()))
        .findFirst();
  }

  /** Whether all images are there, and none is on its way out. */
  boolean has(Ledger.Published published) {
    return published.claims().stream()
        .allMatch(image -> image(image).filter(claim -> !Times.isGoing(claim)).isPresent());
  }

  /** What belongs to this attempt. */
  Stream<HasMetadata> objects(Attempt attempt) {
    return objects().filter(object -> belongs(object, attempt));
  }

  /** The newest attempt of which something exists; 0 when nothing does. */
  int newestAttempt(Revision revision) {
    return objects()
        .filter(object -> Labels.has(object, Labels.REVISION, revision.id()))
        .mapToInt(object -> Labels.number(object, Labels.ATTEMPT))
        .max()
        .orElse(0);
  }

  Optional<ConfigMap> ledger(Revision revision) {
    return ledgers()
        .filter(configMap -> Labels.has(configMap, Labels.REVISION, revision.id()))
        .findFirst();
  }

  /** The ledgers of all revisions. */
  Stream<ConfigMap> ledgers() {
    return configMaps.stream()
        .filter(configMap -> Labels.has(configMap, Labels.PART, Part.LEDGER.word()));
  }

  Optional<PersistentVolumeClaim> claim(String name) {
    return claims.stream().filter(claim -> claim.getMetadata().getName().equals(name)).findFirst();
  }

  /** The Job of this part with the highest run. */
  Optional<Job> job(Attempt attempt, Part part) {
    return newest(jobs, attempt, part);
  }

  /** The VM of this part with the highest run. */
  Optional<VirtualMachineInstance> machine(Attempt attempt, Part part) {
    return newest(machines, attempt, part);
  }

  /** The VM of this part and run. */
  Optional<VirtualMachineInstance> machine(Attempt attempt, Part part, int run) {
    return machines.stream()
        .filter(machine -> belongs(machine, attempt) && isPart(machine, part))
        .filter(machine -> Labels.number(machine, Labels.RUN) == run)
        .findFirst();
  }

  /** The pods of a Job or a VM, newest first. */
  List<Pod> pods(HasMetadata of) {
    return owned(pods, of);
  }

  /** Those of these pods that belong to a Job or a VM, newest first. */
  static List<Pod> owned(Collection<Pod> pods, HasMetadata of) {
    return pods.stream()
        .filter(
            pod ->
                pod.getMetadata().getOwnerReferences().stream()
                    .anyMatch(owner -> owner.getUid().equals(of.getMetadata().getUid())))
        .sorted(
            Comparator.comparing(
                    (Pod pod) -> pod.getMetadata().getCreationTimestamp(),
                    Comparator.nullsFirst(Comparator.naturalOrder()))
                .reversed())
        .toList();
  }

  /** Whether a pod of this part is left. */
  boolean hasPod(Attempt attempt, Part part) {
    return pods.stream().anyMatch(pod -> belongs(pod, attempt) && isPart(pod, part));
  }

  private static <T extends HasMetadata> Optional<T> newest(
      Collection<T> objects, Attempt attempt, Part part) {
    return objects.stream()
        .filter(object -> belongs(object, attempt) && isPart(object, part))
        .max(Comparator.comparingInt(object -> Labels.number(object, Labels.RUN)));
  }

  private static boolean isPart(HasMetadata object, Part part) {
    return Labels.has(object, Labels.PART, part.word());
  }

  private static boolean belongs(HasMetadata object, Attempt attempt) {
    return Labels.has(object, Labels.REVISION, attempt.revision().id())
        && Labels.number(object, Labels.ATTEMPT) == attempt.number();
  }
}
