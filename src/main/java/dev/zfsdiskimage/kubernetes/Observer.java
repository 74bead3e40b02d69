package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Observed;
import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.engine.Work;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.recipe.Recipe;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Puts what the caches hold of a resource into the engine's terms. */
final class Observer {
  private final Recipe recipe;
  private final Revision revision;
  private final View view;
  private final Ledger ledger;
  private final Records records;
  private final MachineObserver machines;
  private final JobObserver jobs;
  private final Instant now;

  Observer(
      Recipe recipe,
      Revision revision,
      View view,
      Ledger ledger,
      Records records,
      MachineObserver machines,
      JobObserver jobs,
      Instant now) {
    this.recipe = recipe;
    this.revision = revision;
    this.view = view;
    this.ledger = ledger;
    this.records = records;
    this.machines = machines;
    this.jobs = jobs;
    this.now = now;
  }

  /**
   * What is there now.
   *
   * @param ahead how many builds come before this one
   * @param refused what the cluster answers when something is to be made
   */
  Observed observe(boolean suspended, int ahead, Optional<Vm.Trouble> refused) {
    Optional<Observed.Published> published =
        ledger
            .published()
            .map(images -> new Observed.Published(images.attempt(), view.has(images)));
    boolean finished = published.filter(Observed.Published::present).isPresent();
    // Of a build that is over and tidied up, only its record and its images are left.
    int number = finished ? published.get().attempt() : view.newestAttempt(revision);
    Attempt attempt = revision.attempt(Math.max(1, number));
    Vm vm = number == 0 ? Vm.ABSENT : machines.builder(attempt);
    Map<Firmware, Work> boots = new EnumMap<>(Firmware.class);
    if (number > 0 && !finished) {
      recipe
          .verify()
          .boot()
          .ifPresent(
              boot ->
                  boot.firmware()
                      .forEach(
                          firmware ->
                              boots.put(firmware, machines.verify(attempt, firmware, boot))));
    }
    return new Observed(
        suspended,
        ahead,
        number,
        ledger.failures(),
        number == 0 ? Work.ABSENT : disks(attempt, vm, finished),
        vm,
        number == 0 ? dev.zfsdiskimage.guest.Progress.NONE : machines.reading(attempt).progress(),
        number == 0 ? Work.ABSENT : machines.check(attempt),
        number == 0 ? Optional.empty() : report(attempt),
        number == 0 ? Work.ABSENT : save(attempt),
        boots,
        number == 0 || finished ? Work.ABSENT : growth(attempt),
        published,
        records.newestFinishedBut(revision.id()).map(Map.Entry::getKey),
        number == 0 ? Optional.empty() : blocked(attempt),
        refused);
  }

  private Work growth(Attempt attempt) {
    return recipe.verify().grow().isPresent()
        ? new Growth(recipe, view, ledger, machines, jobs, now).work(attempt, report(attempt))
        : Work.ABSENT;
  }

  /** A save without its results has not happened; they stand in its pod. */
  private Work save(Attempt attempt) {
    Work work = jobs.work(attempt, Part.SAVE);
    if (!(work instanceof Work.Done done)
        || Saved.parse(jobs.lastWords(attempt, Part.SAVE, Jobs.HASH).orElse("")).size() == 2) {
      return work;
    }
    return view.hasPod(attempt, Part.SAVE)
        ? new Work.Running(done.run(), done.started())
        : new Work.Failed(
            done.run(),
            Reason.EVICTED,
            "the Job's pod was deleted before its results were read",
            done.started(),
            done.finished());
  }

  private Optional<DiskReport> report(Attempt attempt) {
    Ledger.EndedCheck noted = ledger.checks().get(attempt.number());
    return noted != null ? noted.report() : machines.reading(attempt, Part.CHECK).report();
  }

  private boolean present(String claim) {
    return view.claim(claim).filter(found -> !Times.isGoing(found)).isPresent();
  }

  /** The disks are there once both claims, the config disk and the Jobs that fill them are. */
  private Work disks(Attempt attempt, Vm vm, boolean finished) {
    boolean claims = present(attempt.name(Part.BOOT)) && present(attempt.name(Part.ROOT));
    boolean config =
        view.configMaps().stream()
            .anyMatch(map -> map.getMetadata().getName().equals(attempt.name(Part.BUILD)));
    Instant began =
        view.claim(attempt.name(Part.BOOT)).map(Times::created).or(this::imagesBegan).orElse(now);
    Work done = new Work.Done(1, began, began);
    Work prepared = Jobs.prepares(recipe) ? jobs.work(attempt, Part.PREPARE) : done;
    Work fetched = Jobs.fetches(recipe) ? jobs.work(attempt, Part.FETCH) : prepared;
    Work job = prepared instanceof Work.Done ? fetched : prepared;
    if (finished || claims && !(vm instanceof Vm.Absent)) {
      return job instanceof Work.Done ? job : new Work.Done(1, began, began);
    }
    return claims && config && !(fetched instanceof Work.Absent) ? job : Work.ABSENT;
  }

  /** The claims of images were made with the others. */
  private Optional<Instant> imagesBegan() {
    return ledger
        .published()
        .flatMap(published -> published.claims().stream().findFirst())
        .flatMap(view::image)
        .map(Times::created);
  }

  private Optional<String> blocked(Attempt attempt) {
    return view.objects(attempt)
        .filter(object -> Times.isStuck(object, now))
        .findFirst()
        .map(Observer::describe);
  }

  private static String describe(HasMetadata object) {
    String what =
        object instanceof PersistentVolumeClaim ? "PersistentVolumeClaim" : object.getKind();
    return what
        + " "
        + object.getMetadata().getName()
        + " was deleted "
        + object.getMetadata().getDeletionTimestamp()
        + " and is still there, held by "
        + object.getMetadata().getFinalizers();
  }
}
