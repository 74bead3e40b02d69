package dev.zfsdiskimage.local;

import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Recipe;
import java.util.Optional;

/** Puts an attempt's results into the output directory. */
final class Publication {
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

  private ImageManifest describe(Attempt attempt, Status status) {
    Saving.Saved saved = attempt.saved();
    Appliance appliance = attempt.provisioned().builder().appliance();
    return ImageManifest.of(
        recipe,
        recipe.hash(),
        appliance.architecture(),
        new ImageManifest.Images(saved.boot(), saved.root()),
        Optional.of(attempt.report()),
        attempt.progress().pool(),
        new ImageManifest.Versions(
            appliance.id(),
            null,
            appliance.kernelVersion(),
            appliance.zfsVersion(),
            hypervisor.version().toString(),
            hypervisor.accelerator().name()),
        status.steps());
  }
}
