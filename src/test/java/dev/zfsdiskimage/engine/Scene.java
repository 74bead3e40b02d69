package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.guest.Progress.Outcome;
import dev.zfsdiskimage.guest.SampleRecipes;
import dev.zfsdiskimage.guest.SampleReports;
import dev.zfsdiskimage.recipe.Recipe;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What a test's adapter sees: a story is told by changing it piece by piece. */
final class Scene {
  static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

  static final Set<ConditionType> ALL_GUEST_STEPS =
      Set.of(
          ConditionType.PARTITIONED,
          ConditionType.POOL_CREATED,
          ConditionType.INSTALLED,
          ConditionType.EXPORTED);

  Recipe recipe = SampleRecipes.minimal();
  boolean suspended;
  int ahead;
  int attempt;
  final List<Failure> failures = new ArrayList<>();
  Work disks = Work.ABSENT;
  Vm vm = Vm.ABSENT;
  Progress progress = Progress.NONE;
  Work check = Work.ABSENT;
  Optional<DiskReport> report = Optional.empty();
  Work save = Work.ABSENT;
  final Map<Firmware, Work> boots = new EnumMap<>(Firmware.class);
  Work grow = Work.ABSENT;
  Optional<Observed.Published> published = Optional.empty();
  Optional<String> lastGood = Optional.empty();
  Optional<String> cleanupBlocked = Optional.empty();
  Optional<Vm.Trouble> refused = Optional.empty();

  static Instant at(long seconds) {
    return T0.plusSeconds(seconds);
  }

  static Work.Done done() {
    return new Work.Done(1, at(0), at(1));
  }

  /** The attempt's disks are made. */
  static Scene provisioned() {
    Scene scene = new Scene();
    scene.attempt = 1;
    scene.disks = done();
    return scene;
  }

  /** The builder VM runs since T0 and has not said anything. */
  static Scene booting() {
    Scene scene = provisioned();
    scene.vm = new Vm.Running(at(0), Optional.empty(), Optional.empty(), Optional.empty());
    return scene;
  }

  /** The builder VM runs and said its last message at T0 + {@code seconds}. */
  static Scene installing(long seconds) {
    Scene scene = booting();
    scene.vm =
        new Vm.Running(at(0), Optional.of(at(1)), Optional.of(at(seconds)), Optional.empty());
    scene.progress =
        progress(
            new Outcome.Unknown(),
            Set.of(ConditionType.PARTITIONED, ConditionType.POOL_CREATED),
            "install");
    return scene;
  }

  /** The guest has said that it is done, at T0 + 100 s; the VM still runs. */
  static Scene finished() {
    Scene scene = installing(100);
    scene.progress = progress(new Outcome.Finished(), ALL_GUEST_STEPS, "export");
    return scene;
  }

  /** The guest is done, and the VM is gone. */
  static Scene poweredOff() {
    Scene scene = finished();
    scene.vm = stopped(Vm.End.POWERED_OFF, true);
    return scene;
  }

  /** The disks were looked at, and are good. */
  static Scene checked() {
    Scene scene = poweredOff();
    scene.check = new Work.Done(1, at(120), at(150));
    scene.report = Optional.of(SampleReports.good(scene.recipe));
    return scene;
  }

  /** The images are saved. */
  static Scene saved(Recipe recipe) {
    Scene scene = checked();
    scene.recipe = recipe;
    scene.save = new Work.Done(1, at(150), at(160));
    return scene;
  }

  static Vm.Stopped stopped(Vm.End end, boolean removed) {
    return new Vm.Stopped(Optional.of(at(0)), at(110), end, "", removed);
  }

  static Progress progress(Outcome outcome, Set<ConditionType> done, String step) {
    return new Progress(
        9,
        Optional.of(step),
        Optional.empty(),
        done,
        List.of(
            new Progress.Step(
                "partition", Duration.ofSeconds(5), Optional.of(Duration.ofSeconds(7))),
            new Progress.Step(step, Duration.ofSeconds(8), Optional.empty())),
        outcome,
        OptionalLong.of(1 << 20),
        Optional.of(new Progress.PoolSeen(SampleReports.GUID, 1 << 30, "2.3.9")),
        0,
        List.of("last words"));
  }

  static Failure failure(int attempt, Stage stage, int run, Reason reason, Instant at) {
    return new Failure(
        attempt, stage, run, reason, "it broke", at, Optional.empty(), Set.of(), List.of());
  }

  Observed observed() {
    return new Observed(
        suspended,
        ahead,
        attempt,
        List.copyOf(failures),
        disks,
        vm,
        progress,
        check,
        report,
        save,
        Map.copyOf(boots),
        grow,
        published,
        lastGood,
        cleanupBlocked,
        refused);
  }

  /** The engine's decision {@code seconds} after T0; deciding again must not change it. */
  Decision decide(long seconds) {
    Decision decision = Engine.decide(recipe, observed(), at(seconds));
    if (!decision.equals(Engine.decide(recipe, observed(), at(seconds)))) {
      throw new AssertionError("decided differently the second time");
    }
    return decision;
  }
}
