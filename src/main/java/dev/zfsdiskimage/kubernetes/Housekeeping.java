package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.kubevirt.DataSource;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.OnDelete;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Brings everything beside the build itself into order: remains of finished builds and of other
 * revisions, old images, who owns the images and what labels they have, CDI's names for them. Where
 * all is in order it does nothing.
 */
final class Housekeeping {
  private final Recipe recipe;
  private final Revision revision;
  private final View view;
  private final Cluster cluster;
  private final GivenLabels labels;

  Housekeeping(Recipe recipe, Revision revision, View view, Cluster cluster) {
    this.recipe = recipe;
    this.revision = revision;
    this.view = view;
    this.cluster = cluster;
    this.labels = new GivenLabels(recipe.output().labels());
  }

  /**
   * Tidies.
   *
   * @param dataSources those of this resource; empty where CDI is not installed
   * @return whether something old was kept because it is in use, so that it is worth looking again
   */
  boolean tidy(Ledger ledger, Optional<Collection<DataSource>> dataSources) {
    Optional<Ledger.Published> current = ledger.published().filter(this::isPresent);
    current.ifPresent(
        published -> {
          removeLeftovers(published);
          mark(published, ledger.manifest());
          dataSources.ifPresent(known -> point(published, known));
        });
    return retire(current);
  }

  /** What served the build and is no image; Jobs go by themselves, some time after they ended. */
  private void removeLeftovers(Ledger.Published published) {
    Stream<HasMetadata> served =
        Stream.<Collection<? extends HasMetadata>>of(
                view.machines(), view.configMaps(), view.claims())
            .flatMap(Collection::stream);
    served
        .filter(object -> Labels.has(object, Labels.REVISION, revision.id()))
        .filter(object -> !Labels.has(object, Labels.PART, Part.LEDGER.word()))
        .filter(object -> !published.claims().contains(object.getMetadata().getName()))
        .forEach(this::delete);
  }

  private void mark(Ledger.Published published, Optional<String> manifest) {
    for (String name : published.claims()) {
      view.claim(name)
          .ifPresent(
              claim -> {
                ObjectMeta wanted = marked(claim.getMetadata(), manifest);
                if (!labels.areOn(claim) || !hasOwnerAsIn(wanted, claim.getMetadata())) {
                  cluster.replace(
                      new PersistentVolumeClaimBuilder(claim).withMetadata(wanted).build());
                }
              });
    }
  }

  /** Images that nobody owns outlive their ledger: they carry what it says of them. */
  private ObjectMeta marked(ObjectMeta known, Optional<String> manifest) {
    ObjectMetaBuilder metadata = new ObjectMetaBuilder(labels.on(known));
    if (recipe.output().onDelete() == OnDelete.DELETE) {
      return known.getOwnerReferences().isEmpty()
          ? metadata.withOwnerReferences(revision.owner()).build()
          : metadata.build();
    }
    manifest.ifPresent(text -> metadata.addToAnnotations(Manifests.ANNOTATION, text));
    return metadata.withOwnerReferences(List.of()).build();
  }

  private static boolean hasOwnerAsIn(ObjectMeta wanted, ObjectMeta known) {
    return wanted.getOwnerReferences().isEmpty() == known.getOwnerReferences().isEmpty();
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
  private boolean retire(Optional<Ledger.Published> current) {
    List<Old> finished = new ArrayList<>();
    Set<String> unfinished = otherRevisions();
    for (ConfigMap configMap : view.ledgers().toList()) {
      String id = Labels.of(configMap, Labels.REVISION).orElse("");
      if (unfinished.contains(id)) {
        Ledger.read(configMap)
            .published()
            .filter(this::isPresent)
            .ifPresent(
                published -> {
                  finished.add(new Old(id, published));
                  unfinished.remove(id);
                });
      }
    }
    unfinished.forEach(id -> objects(id).forEach(this::delete));
    finished.sort(Comparator.comparing((Old old) -> old.published().at()).reversed());
    int kept = recipe.output().revisionsToKeep() - (current.isPresent() ? 1 : 0);
    // Until the new images are good, the last good ones stay whatever the number says.
    int stays = current.isPresent() ? kept : Math.max(1, kept);
    boolean inUse = false;
    for (Old old : finished.subList(Math.min(stays, finished.size()), finished.size())) {
      inUse |= retire(old);
    }
    for (Old old : finished.subList(0, Math.min(stays, finished.size()))) {
      objects(old.id())
          .filter(object -> !Labels.has(object, Labels.PART, Part.LEDGER.word()))
          .filter(object -> !old.published().claims().contains(object.getMetadata().getName()))
          .filter(object -> !(object.getKind().equals("Job")))
          .forEach(this::delete);
    }
    return inUse;
  }

  private boolean retire(Old old) {
    boolean used =
        old.published().claims().stream()
            .anyMatch(claim -> cluster.isUsed(revision.namespace(), claim));
    if (!used) {
      objects(old.id()).forEach(this::delete);
    }
    return used;
  }

  private record Old(String id, Ledger.Published published) {}

  private Set<String> otherRevisions() {
    Set<String> ids = new TreeSet<>();
    view.objects().flatMap(object -> Labels.of(object, Labels.REVISION).stream()).forEach(ids::add);
    ids.remove(revision.id());
    return ids;
  }

  private Stream<HasMetadata> objects(String id) {
    return view.objects().filter(object -> Labels.has(object, Labels.REVISION, id));
  }

  private boolean isPresent(Ledger.Published published) {
    return published.claims().stream()
        .allMatch(name -> view.claim(name).filter(claim -> !Times.isGoing(claim)).isPresent());
  }

  private void delete(HasMetadata object) {
    if (!Times.isGoing(object)) {
      cluster.delete(object);
    }
  }
}
