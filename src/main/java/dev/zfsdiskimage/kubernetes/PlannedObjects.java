package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.recipe.Manifest;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.schema.Checked;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * What the operator would make for a resource's first attempt, for a person to look at: in the
 * order in which it is made, without the retries and the ledger.
 */
public final class PlannedObjects {
  private PlannedObjects() {}

  /**
   * The objects as YAML, one text each.
   *
   * @return every problem, when an operator would refuse the resource. An operator's settings are
   *     those of this process ({@code ZDI_*}).
   */
  public static Checked<List<String>> of(Manifest manifest) {
    if (!manifest.problems().isEmpty()) {
      return new Checked.Invalid<>(manifest.problems());
    }
    ZfsDiskImage resource = manifest.resource().orElseThrow();
    Settings settings = settings();
    return ClusterRules.recipe(resource, manifest.references(), settings)
        .then(
            recipe ->
                new Checked.Valid<>(
                    objects(resource, recipe, settings).stream()
                        .map(Serialization::asYaml)
                        .toList()));
  }

  private static List<HasMetadata> objects(
      ZfsDiskImage resource, Recipe recipe, Settings settings) {
    Attempt attempt = Revision.of(resource, recipe).attempt(1);
    AttemptObjects parts = new AttemptObjects(recipe, settings);
    List<HasMetadata> objects = new ArrayList<>(parts.disks(attempt));
    objects.addAll(parts.build(attempt));
    objects.addAll(parts.check(attempt, 1));
    objects.addAll(parts.save(attempt, 1, new Manifests(recipe, settings).planned(attempt)));
    recipe
        .verify()
        .boot()
        .ifPresent(
            boot -> {
              for (Firmware firmware : boot.firmware()) {
                objects.addAll(parts.boot(attempt, firmware, 1));
              }
            });
    if (recipe.verify().grow().isPresent()) {
      objects.addAll(parts.largerDisk(attempt, 1));
      objects.addAll(parts.largerBoot(attempt, 1));
      objects.addAll(parts.largerLook(attempt, 1));
    }
    return objects;
  }

  private static Settings settings() {
    return Settings.of(
        new SmallRyeConfigBuilder()
            .addDefaultInterceptors()
            .addDefaultSources()
            // zdi.home and the like are not an operator's.
            .withValidateUnknown(false)
            .withMapping(OperatorProperties.class)
            .build()
            .getConfigMapping(OperatorProperties.class));
  }
}
