package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Action;
import dev.zfsdiskimage.engine.Observed;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.engine.Work;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Recipe;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Does what the engine has decided. */
final class Applier {
  private final Recipe recipe;
  private final Revision revision;
  private final View view;
  private final Observed observed;
  private final Status status;
  private final LedgerWriter ledger;
  private final JobObserver jobObserver;
  private final Cluster cluster;
  private final AttemptObjects objects;
  private final Manifests manifests;
  private final GivenLabels labels;
  private final ImageOwnership ownership;
  private final Instant now;

  Applier(
      Recipe recipe,
      Settings settings,
      Revision revision,
      View view,
      Observed observed,
      Status status,
      LedgerWriter ledger,
      JobObserver jobObserver,
      Cluster cluster,
      Instant now) {
    this.recipe = recipe;
    this.revision = revision;
    this.view = view;
    this.observed = observed;
    this.status = status;
    this.ledger = ledger;
    this.jobObserver = jobObserver;
    this.cluster = cluster;
    this.objects = new AttemptObjects(recipe, settings);
    this.manifests = new Manifests(recipe, settings);
    this.labels = new GivenLabels(recipe.output().labels());
    this.ownership = new ImageOwnership(recipe.output().onDelete(), revision.owner());
    this.now = now;
  }

  /**
   * Does it.
   *
   * @return whether the next decision should be made at once: something was made or noted, of which
   *     no news will come
   */
  boolean apply(Action action) {
    if (action instanceof Action.ProvisionDisks provision) {
      return create(objects.disks(revision.attempt(provision.attempt())));
    }
    if (action instanceof Action.StartVm start) {
      return create(objects.build(revision.attempt(start.attempt())));
    }
    if (action instanceof Action.StopVm stop) {
      return stop(revision.attempt(stop.attempt()), stop.why());
    }
    if (action instanceof Action.RemoveVm remove) {
      return remove(revision.attempt(remove.attempt()));
    }
    if (action instanceof Action.Check check) {
      return check(revision.attempt(check.attempt()), check.run());
    }
    if (action instanceof Action.Save save) {
      return save(revision.attempt(save.attempt()), save.run());
    }
    if (action instanceof Action.VerifyBoot boot) {
      return verify(revision.attempt(boot.attempt()), boot.firmware(), boot.run());
    }
    if (action instanceof Action.VerifyGrow grow) {
      return grow(revision.attempt(grow.attempt()), grow.run());
    }
    if (action instanceof Action.Publish publish) {
      return publish(revision.attempt(publish.attempt()));
    }
    if (action instanceof Action.RecordFailure record) {
      return ledger.write(known -> known.with(record.failure()));
    }
    Action.DiscardAttempt discard = (Action.DiscardAttempt) action;
    discard(revision.attempt(discard.attempt()));
    return false;
  }

  private boolean stop(Attempt attempt, String why) {
    Optional<Instant> started =
        observed.vm() instanceof Vm.Running running
            ? Optional.of(running.since())
            : Optional.empty();
    boolean noted = note(attempt, new Vm.Stopped(started, now, Vm.End.STOPPED, why, false));
    deleteMachines(attempt, Part.BUILD);
    return noted;
  }

  private boolean remove(Attempt attempt) {
    boolean noted = observed.vm() instanceof Vm.Stopped stopped && note(attempt, stopped);
    deleteMachines(attempt, Part.BUILD);
    return noted;
  }

  private boolean note(Attempt attempt, Vm.Stopped vm) {
    return ledger.write(
        known -> known.with(attempt.number(), new Ledger.EndedVm(vm, observed.progress())));
  }

  private boolean check(Attempt attempt, int run) {
    deleteMachines(attempt, Part.CHECK);
    return create(objects.check(attempt, run));
  }

  private boolean save(Attempt attempt, int run) {
    if (observed.check() instanceof Work.Done done) {
      ledger.write(
          known ->
              known.with(
                  attempt.number(),
                  new Ledger.EndedCheck(
                      done.run(), done.started(), done.finished(), observed.report())));
    }
    deleteMachines(attempt, Part.CHECK);
    view.job(attempt, Part.SAVE)
        .filter(job -> Labels.number(job, Labels.RUN) < run)
        .ifPresent(this::delete);
    return create(objects.save(attempt, run, manifest(attempt, Map.of())));
  }

  private boolean verify(Attempt attempt, Firmware firmware, int run) {
    endBoots(attempt);
    return create(objects.boot(attempt, firmware, run));
  }

  /** Begins a run, or the next part of the one that is under way. */
  private boolean grow(Attempt attempt, int run) {
    if (observed.grow() instanceof Work.Due due && due.run() == run) {
      return growOn(attempt, due);
    }
    endBoots(attempt);
    Growth.objects(view, attempt)
        .filter(object -> Labels.number(object, Labels.RUN) < run)
        .forEach(this::delete);
    return create(objects.largerDisk(attempt, run));
  }

  private boolean growOn(Attempt attempt, Work.Due due) {
    int run = due.run();
    if (view.machine(attempt, Part.GROW, run).isPresent()) {
      boolean noted =
          ledger.write(
              known -> known.with(new Ledger.LargerBoot(attempt.number(), run, due.since(), now)));
      deleteMachines(attempt, Part.GROW);
      return noted;
    }
    if (ledger.ledger().largerBoot(attempt.number(), run).isEmpty()) {
      return create(objects.largerBoot(attempt, run));
    }
    view.job(attempt, Part.LARGER).ifPresent(this::delete);
    return create(objects.largerLook(attempt, run));
  }

  private void endBoots(Attempt attempt) {
    ledger.write(known -> withBoots(known, attempt));
    for (Firmware each : Firmware.values()) {
      deleteMachines(attempt, Part.verifying(each));
    }
  }

  private Ledger withBoots(Ledger known, Attempt attempt) {
    Ledger next = known;
    for (Map.Entry<Firmware, Work> boot : observed.boots().entrySet()) {
      if (boot.getValue() instanceof Work.Done done) {
        next =
            next.with(
                new Ledger.GoodBoot(
                    attempt.number(), boot.getKey(), done.run(), done.started(), done.finished()));
      }
    }
    return next;
  }

  private boolean publish(Attempt attempt) {
    Map<String, Saved> saved =
        Saved.parse(jobObserver.lastWords(attempt, Part.SAVE, Jobs.HASH).orElse(""));
    String boot = attempt.name(Claims.imagePart(recipe, Part.BOOT));
    String root = attempt.name(Claims.imagePart(recipe, Part.ROOT));
    Stream<String> out = Claims.hasOut(recipe) ? Stream.of(attempt.name(Part.OUT)) : Stream.empty();
    List<PersistentVolumeClaim> claims =
        Stream.concat(Stream.of(boot, root), out)
            .distinct()
            .map(name -> view.claim(name).orElseThrow())
            .toList();
    Ledger.Published published =
        new Ledger.Published(
            attempt.number(),
            now,
            claims.stream().map(Ledger.ImageClaim::of).toList(),
            new ZfsDiskImageStatus.Images(
                image(boot, Part.BOOT, saved), image(root, Part.ROOT, saved)),
            pool());
    String manifest = manifest(attempt, saved).json();
    claims.forEach(claim -> mark(claim, published, manifest));
    return ledger.write(known -> withBoots(known, attempt).with(published, Optional.of(manifest)));
  }

  /** Before the record says that they are finished: from now on nothing builds on them. */
  private void mark(PersistentVolumeClaim claim, Ledger.Published published, String manifest) {
    ObjectMeta marked =
        ownership.of(
            labels.on(ImageMarks.marked(claim.getMetadata(), revision, published, manifest)));
    cluster.replace(new PersistentVolumeClaimBuilder(claim).withMetadata(marked).build());
  }

  private ImageManifest manifest(Attempt attempt, Map<String, Saved> saved) {
    return manifests.of(
        attempt, observed.report(), observed.progress().pool(), status.steps(), saved);
  }

  private ZfsDiskImageStatus.Image image(String claim, Part disk, Map<String, Saved> saved) {
    Optional<Saved> known = Optional.ofNullable(saved.get(disk.word()));
    return new ZfsDiskImageStatus.Image(
        claim,
        Claims.imagePath(recipe, disk),
        recipe.output().format(),
        known.map(Saved::virtualBytes).orElse(null),
        known.map(Saved::storedBytes).orElse(null),
        known.map(Saved::sha256).orElse(null));
  }

  private ZfsDiskImageStatus.Pool pool() {
    Optional<Progress.PoolSeen> told = observed.progress().pool();
    ImageManifest.Pool pool = ImageManifest.Pool.of(recipe, observed.report(), told);
    return new ZfsDiskImageStatus.Pool(
        pool.name(),
        pool.guid().isEmpty() ? null : pool.guid(),
        pool.bytes() == 0 ? null : pool.bytes(),
        told.map(Progress.PoolSeen::zfsVersion).orElse(null));
  }

  private void discard(Attempt attempt) {
    view.objects(attempt).forEach(this::delete);
  }

  private void deleteMachines(Attempt attempt, Part part) {
    List<VirtualMachineInstance> left =
        view.machines().stream()
            .filter(machine -> Labels.has(machine, Labels.PART, part.word()))
            .filter(machine -> view.objects(attempt).anyMatch(object -> object == machine))
            .toList();
    left.forEach(this::delete);
  }

  private void delete(HasMetadata object) {
    if (!Times.isGoing(object)) {
      cluster.delete(object);
    }
  }

  /** Creates what the view does not have. */
  private boolean create(List<HasMetadata> wanted) {
    boolean[] made = {false};
    wanted.forEach(
        object -> {
          boolean there =
              view.objects()
                  .anyMatch(
                      known ->
                          known.getKind().equals(object.getKind())
                              && known
                                  .getMetadata()
                                  .getName()
                                  .equals(object.getMetadata().getName()));
          if (!there) {
            made[0] |= cluster.create(object);
          }
        });
    return made[0];
  }
}
