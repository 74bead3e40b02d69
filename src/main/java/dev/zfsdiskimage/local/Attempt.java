package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Observed;
import dev.zfsdiskimage.engine.Stage;
import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.engine.Work;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.Progress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;

/** What is known of one attempt. Used by the build's own thread only, but for {@link #gone}. */
final class Attempt {
  private final int number;
  private final AttemptFiles files;
  private final Map<Stage, Work> works = new EnumMap<>(Stage.class);
  private final Map<Stage, Future<?>> tasks = new EnumMap<>(Stage.class);
  private Optional<Provisioning.Provisioned> provisioned = Optional.empty();
  private Optional<RunningVm> runningVm = Optional.empty();
  private Optional<BuilderVmWatch> watch = Optional.empty();
  private Optional<Vm.Stopped> neverRan = Optional.empty();
  private Optional<DiskReport> report = Optional.empty();
  private Optional<Saving.Saved> saved = Optional.empty();
  private volatile boolean gone;

  Attempt(int number, AttemptFiles files) {
    this.number = number;
    this.files = files;
  }

  int number() {
    return number;
  }

  AttemptFiles files() {
    return files;
  }

  /** Whether it was discarded: nothing that is still told of it counts. */
  boolean gone() {
    return gone;
  }

  Work work(Stage stage) {
    return works.getOrDefault(stage, Work.ABSENT);
  }

  void work(Stage stage, Work work) {
    works.put(stage, work);
  }

  /** Notes the task that runs a stage; an earlier run of it is interrupted. */
  void task(Stage stage, Future<?> task) {
    Future<?> before = tasks.put(stage, task);
    if (before != null) {
      before.cancel(true);
    }
  }

  Provisioning.Provisioned provisioned() {
    return provisioned.orElseThrow();
  }

  void provisioned(Provisioning.Provisioned result) {
    provisioned = Optional.of(result);
  }

  void started(RunningVm vm, BuilderVmWatch itsWatch) {
    runningVm = Optional.of(vm);
    watch = Optional.of(itsWatch);
  }

  void neverRan(Vm.Stopped end) {
    neverRan = Optional.of(end);
  }

  Optional<RunningVm> runningVm() {
    return runningVm;
  }

  Optional<BuilderVmWatch> watch() {
    return watch;
  }

  /** After its QEMU has ended. */
  void removeVm() {
    watch.ifPresent(BuilderVmWatch::removed);
    runningVm = Optional.empty();
  }

  DiskReport report() {
    return report.orElseThrow();
  }

  void report(DiskReport seen) {
    report = Optional.of(seen);
  }

  Saving.Saved saved() {
    return saved.orElseThrow();
  }

  void saved(Saving.Saved images) {
    saved = Optional.of(images);
  }

  Progress progress() {
    return watch.map(BuilderVmWatch::progress).orElse(Progress.NONE);
  }

  /** Stops all that runs for it. */
  void abandon() {
    gone = true;
    tasks.values().forEach(task -> task.cancel(true));
    runningVm.ifPresent(RunningVm::close);
    runningVm = Optional.empty();
  }

  Observed observed(List<Failure> failures, Optional<String> lastGood) {
    Map<Firmware, Work> boots = new EnumMap<>(Firmware.class);
    for (Firmware firmware : Firmware.values()) {
      boots.put(firmware, work(Stage.verifying(firmware)));
    }
    Optional<Vm> vm = neverRan.<Vm>map(end -> end).or(() -> watch.map(BuilderVmWatch::vm));
    return new Observed(
        false,
        0,
        number,
        List.copyOf(failures),
        work(Stage.PROVISION),
        vm.orElse(Vm.ABSENT),
        progress(),
        work(Stage.CHECK),
        report,
        work(Stage.SAVE),
        boots,
        work(Stage.VERIFY_GROW),
        Optional.empty(),
        lastGood,
        Optional.empty(),
        Optional.empty());
  }
}
