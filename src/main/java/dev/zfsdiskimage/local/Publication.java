package dev.zfsdiskimage.local;

import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.recipe.Recipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts an attempt's results into the output directory. */
final class Publication {
  private static final Pattern NIXOS_VERSION = Pattern.compile("-([0-9]{2}\\.[0-9]{2}.*)$");

  private final Recipe recipe;
  private final OutputDirectory output;
  private final Hypervisor hypervisor;
  private final BuildLog log;
  private final Optional<String> lastGood;

  /**
   * @param lastGood the revision that the output directory holds already
   */
  Publication(
      Recipe recipe,
      OutputDirectory output,
      Hypervisor hypervisor,
      BuildLog log,
      Optional<String> lastGood) {
    this.recipe = recipe;
    this.output = output;
    this.hypervisor = hypervisor;
    this.log = log;
    this.lastGood = lastGood;
  }

  Optional<String> lastGood() {
    return lastGood;
  }

  void publish(Attempt attempt, Status status) throws BuildFailure {
    output.publish(describe(attempt, status), attempt.files().results(), log);
  }

  private Published describe(Attempt attempt, Status status) {
    Saving.Saved saved = attempt.saved();
    Appliance appliance = attempt.provisioned().builder().appliance();
    return new Published(
        Published.API_VERSION,
        recipe.name(),
        recipe.hash(),
        recipe.output().filePrefix() + "-" + recipe.hash(),
        "x86_64-linux",
        appliance.architecture(),
        attempt.report().bootModes().stream()
            .map(firmware -> firmware.name().toLowerCase(Locale.ROOT))
            .sorted()
            .toList(),
        new Published.Images(saved.boot(), saved.root()),
        pool(attempt),
        mounts(),
        nixos(),
        new Published.Versions(
            appliance.id(),
            appliance.kernelVersion(),
            appliance.zfsVersion(),
            hypervisor.version().toString(),
            hypervisor.accelerator().name()),
        steps(status));
  }

  private Published.Pool pool(Attempt attempt) {
    String seen = attempt.report().pool().getOrDefault("size", "0");
    return new Published.Pool(
        recipe.pool().name(),
        attempt
            .report()
            .label()
            .guid()
            .or(() -> attempt.progress().pool().map(Progress.PoolSeen::guid))
            .orElse(""),
        seen.matches("[0-9]{1,18}") ? Long.parseLong(seen) : 0);
  }

  private List<Published.Mount> mounts() {
    List<Published.Mount> mounts = new ArrayList<>();
    for (Recipe.Dataset dataset : recipe.datasets()) {
      dataset
          .mount()
          .ifPresent(
              path -> mounts.add(new Published.Mount(dataset.name(), path, dataset.legacy())));
    }
    return mounts;
  }

  private Published.Nixos nixos() {
    if (recipe.install() instanceof Recipe.Install.Nixos nixos
        && nixos.system() instanceof Recipe.NixosSystem.StorePath system) {
      return new Published.Nixos(system.path(), label(system.path()));
    }
    return null;
  }

  /** What follows the host's name in {@code …-nixos-system-HOST-24.11.20241231.abcdef}. */
  private static String label(String path) {
    Matcher version = NIXOS_VERSION.matcher(path);
    return version.find() ? version.group(1) : "";
  }

  private static List<Published.Step> steps(Status status) {
    List<Published.Step> steps = new ArrayList<>();
    for (Status.Step step : status.steps()) {
      step.finished()
          .ifPresent(
              finished ->
                  steps.add(
                      new Published.Step(
                          step.name(),
                          Duration.between(step.started(), finished).toMillis() / 1000.0)));
    }
    return steps;
  }
}
