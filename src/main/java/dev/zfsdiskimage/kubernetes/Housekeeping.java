package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.kubevirt.DataSource;
import dev.zfsdiskimage.recipe.Recipe;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Brings everything beside the build itself into order: remains of finished builds and of other
 * revisions, old images, which labels the images have, CDI's names for them. Where all is in order
 * it does nothing.
 */
final class Housekeeping {
  private final Recipe recipe;
  private final Revision revision;
  private final View view;
  private final Records records;
  private final Cluster cluster;
  private final GivenLabels labels;

  Housekeeping(Recipe recipe, Revision revision, View view, Records records, Cluster cluster) {
    this.recipe = recipe;
    this.revision = revision;
    this.view = view;
    this.records = records;
    this.cluster = cluster;
    this.labels = new GivenLabels(recipe.output().labels());
  }

  /**
   * Tidies.
   *
   * @param dataSources those of this resource; empty where CDI is not installed
   * @return whether something old was kept because it is in use, so that it is worth looking again
   */
  boolean tidy(Optional<Collection<DataSource>> dataSources) {
    Optional<Ledger.Published> current = Optional.ofNullable(records.finished().get(revision.id()));
    current.ifPresent(
        published -> {
          remove(leftovers(revision.id()));
          label(published);
          dataSources.ifPresent(known -> point(published, known));
        });
    return retire(current.isPresent());
  }

  /** What served a build and is no image. */
  private List<HasMetadata> leftovers(String id) {
    return objects(id)
        .filter(object -> !Labels.has(object, Labels.PART, Part.LEDGER.word()))
        .toList();
  }

  /**
   * Removes objects of a build that is over. A Job goes when a claim does: the pods of a finished
   * Job hold its claims, which would not go before the Job does. Elsewhere it stays for its log.
   */
  private void remove(List<HasMetadata> objects) {
    boolean claims = objects.stream().anyMatch(PersistentVolumeClaim.class::isInstance);
    objects.stream()
        .filter(object -> claims || !object.getKind().equals("Job"))
        .forEach(this::delete);
  }

  private void label(Ledger.Published published) {
    for (Ledger.ImageClaim image : published.claims()) {
      view.image(image)
          .filter(claim -> !labels.areOn(claim))
          .ifPresent(
              claim -> {
                ObjectMeta wanted = labels.on(claim.getMetadata());
                cluster.replace(
                    new PersistentVolumeClaimBuilder(claim).withMetadata(wanted).build());
              });
    }
  }

  private void point(Ledger.Published published, Collection<DataSource> known) {
    if (Claims.converts(recipe)) {
      // CDI clones disks, and a claim with converted files is none.
      return;
    }
    point("boot", Part.BOOT, published.images().boot().claim(), known);
    point("root", Part.ROOT, published.images().root().claim(), known);
  }

  private void point(String disk, Part part, String claim, Collection<DataSource> known) {
    String name = revision.image() + "-" + disk;
    DataSource.Spec spec =
        new DataSource.Spec(
            new DataSource.Source(new DataSource.Claim(revision.namespace(), claim)));
    Optional<DataSource> there =
        known.stream().filter(source -> source.getMetadata().getName().equals(name)).findFirst();
    if (there.isEmpty()) {
      DataSource source = new DataSource();
      source.setMetadata(labels.on(revision.metadata(name, part).build()));
      source.setSpec(spec);
      cluster.create(source);
    } else if (!spec.equals(there.get().getSpec()) || !labels.areOn(there.get())) {
      DataSource source = new DataSource();
      source.setMetadata(labels.on(there.get().getMetadata()));
      source.setSpec(spec);
      cluster.replace(source);
    }
  }

  /**
   * Other revisions: unfinished ones go, finished ones stay as long as they are among the newest.
   */
  private boolean retire(boolean isReady) {
    List<Map.Entry<String, Ledger.Published>> finished =
        records.finished().entrySet().stream()
            .filter(entry -> !entry.getKey().equals(revision.id()))
            .sorted(
                Comparator.comparing(
                        (Map.Entry<String, Ledger.Published> entry) -> entry.getValue().at())
                    .reversed())
            .toList();
    Set<String> unfinished = otherRevisions();
    unfinished.removeAll(records.finished().keySet());
    unfinished.removeAll(records.unreadable());
    unfinished.forEach(id -> objects(id).forEach(this::delete));
    int kept = recipe.output().revisionsToKeep() - (isReady ? 1 : 0);
    // Until the new images are good, the last good ones stay whatever the number says.
    int stays = Math.min(finished.size(), isReady ? kept : Math.max(1, kept));
    boolean inUse = false;
    for (Map.Entry<String, Ledger.Published> old : finished.subList(stays, finished.size())) {
      List<PersistentVolumeClaim> images =
          old.getValue().claims().stream().flatMap(image -> view.image(image).stream()).toList();
      boolean goes = delete(images);
      if (goes) {
        objects(old.getKey()).forEach(this::delete);
      }
      inUse |= !goes;
    }
    finished.subList(0, stays).forEach(old -> remove(leftovers(old.getKey())));
    return (isReady && !delete(halves())) || inUse;
  }

  /** Images of a set of which the other was lost; not those of which it is not known. */
  private List<PersistentVolumeClaim> halves() {
    Set<String> whole =
        records.finished().values().stream()
            .flatMap(published -> published.claims().stream())
            .map(Ledger.ImageClaim::uid)
            .collect(Collectors.toSet());
    return view.images().stream()
        .filter(claim -> Owners.isOwnedBy(claim, revision.uid()))
        .filter(claim -> !whole.contains(claim.getMetadata().getUid()))
        .filter(claim -> !isUnreadable(claim) && !Times.isGoing(claim))
        .toList();
  }

  private boolean isUnreadable(PersistentVolumeClaim claim) {
    return Labels.of(claim, Labels.REVISION).filter(records.unreadable()::contains).isPresent()
        || !records.imageUids().contains(claim.getMetadata().getUid())
            && !ImageMarks.isReadable(claim);
  }

  /**
   * The one way on which finished images are deleted.
   *
   * @return false when somebody uses one of them, so that all stay
   */
  private boolean delete(List<PersistentVolumeClaim> images) {
    boolean used =
        images.stream()
            .anyMatch(claim -> cluster.isUsed(revision.namespace(), claim.getMetadata().getName()));
    if (!used) {
      images.forEach(this::delete);
    }
    return !used;
  }

  private Set<String> otherRevisions() {
    Set<String> ids = new TreeSet<>();
    view.objects().flatMap(object -> Labels.of(object, Labels.REVISION).stream()).forEach(ids::add);
    ids.remove(revision.id());
    return ids;
  }

  private Stream<HasMetadata> objects(String id) {
    return view.objects().filter(object -> Labels.has(object, Labels.REVISION, id));
  }

  private void delete(HasMetadata object) {
    if (!Times.isGoing(object)) {
      cluster.delete(object);
    }
  }
}
