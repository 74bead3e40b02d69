package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Work;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.PoolGrowth;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.recipe.Recipe;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How far {@code verify.grow} has come: the root disk is copied into a larger one, that is booted
 * and stopped, and then looked at. KubeVirt's copy-on-write volumes are no larger than their claim,
 * hence the copy.
 */
final class Growth {
  private static final Set<String> PARTS =
      Set.of(Part.LARGER.word(), Part.GROW.word(), Part.GROWN.word());

  private final Recipe recipe;
  private final View view;
  private final Ledger ledger;
  private final MachineObserver machines;
  private final JobObserver jobs;
  private final Instant now;

  Growth(
      Recipe recipe,
      View view,
      Ledger ledger,
      MachineObserver machines,
      JobObserver jobs,
      Instant now) {
    this.recipe = recipe;
    this.view = view;
    this.ledger = ledger;
    this.machines = machines;
    this.jobs = jobs;
    this.now = now;
  }

  /**
   * The newest run.
   *
   * @param before what the check saw in the finished disks
   */
  Work work(Attempt attempt, Optional<DiskReport> before) {
    int run = newestRun(attempt);
    Optional<Ledger.LargerBoot> booted = ledger.largerBoot(attempt.number(), run);
    if (booted.isPresent()) {
      return looked(attempt, booted.get(), before);
    }
    Work copy = jobs.work(attempt, Part.LARGER, run);
    Work boot = machines.work(attempt, Part.GROW, run, recipe.verify().boot());
    if (boot instanceof Work.Done done) {
      return new Work.Due(run, copy.startedAt().orElse(done.started()));
    }
    if (!(boot instanceof Work.Absent)) {
      return boot;
    }
    return copy instanceof Work.Done done ? new Work.Due(run, done.started()) : copy;
  }

  /** What belongs to growth in an attempt, of all runs. */
  static Stream<HasMetadata> objects(View view, Attempt attempt) {
    return view.objects(attempt)
        .filter(object -> Labels.of(object, Labels.PART).filter(PARTS::contains).isPresent());
  }

  private int newestRun(Attempt attempt) {
    return objects(view, attempt)
        .mapToInt(object -> Labels.number(object, Labels.RUN))
        .max()
        .orElse(0);
  }

  private Work looked(Attempt attempt, Ledger.LargerBoot booted, Optional<DiskReport> before) {
    int run = booted.run();
    Work due = new Work.Due(run, booted.started());
    Optional<VirtualMachineInstance> left = view.machine(attempt, Part.GROW, run);
    if (left.filter(machine -> !Times.isGoing(machine)).isPresent()) {
      return due;
    }
    if (left.isPresent() || view.hasPod(attempt, Part.GROW)) {
      Optional<Instant> since =
          left.flatMap(machine -> Times.parse(machine.getMetadata().getDeletionTimestamp()));
      return new Work.Running(run, since.orElse(now));
    }
    Work look = machines.work(attempt, Part.GROWN, run, Optional.empty());
    if (look instanceof Work.Absent) {
      return due;
    }
    return look instanceof Work.Done done ? judged(attempt, booted, done, before) : look;
  }

  private Work judged(
      Attempt attempt, Ledger.LargerBoot booted, Work.Done look, Optional<DiskReport> before) {
    Optional<DiskReport> after = machines.reading(attempt, Part.GROWN).report();
    if (before.isEmpty() || after.isEmpty()) {
      return failed(
          booted,
          look,
          Reason.GUEST_SILENT,
          "the look at the larger root disk ended without a whole report");
    }
    return PoolGrowth.complaint(before.get(), after.get())
        .map(complaint -> failed(booted, look, Reason.GROW_FAILED, complaint))
        .orElseGet(() -> new Work.Done(booted.run(), booted.started(), look.finished()));
  }

  private static Work failed(
      Ledger.LargerBoot booted, Work.Done look, Reason reason, String message) {
    return new Work.Failed(booted.run(), reason, message, booted.started(), look.finished());
  }
}
