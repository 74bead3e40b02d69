package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.guest.GuestProgram;
import dev.zfsdiskimage.recipe.Recipe;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** The config disks of an attempt's VMs. */
final class ConfigDisks {
  private final Recipe recipe;

  ConfigDisks(Recipe recipe) {
    this.recipe = recipe;
  }

  ConfigMap build(Attempt attempt) {
    return configMap(
        attempt, Part.BUILD, 1, GuestProgram.build(recipe, attempt.nonce(Part.BUILD, 1)));
  }

  ConfigMap check(Attempt attempt, int run) {
    return check(attempt, Part.CHECK, run);
  }

  /** The same for the larger root disk. */
  ConfigMap grown(Attempt attempt, int run) {
    return check(attempt, Part.GROWN, run);
  }

  private ConfigMap check(Attempt attempt, Part part, int run) {
    return configMap(attempt, part, run, GuestProgram.check(recipe, attempt.nonce(part, run)));
  }

  /** NUL-separated lists are no text, and all files travel the same way. */
  private static ConfigMap configMap(Attempt attempt, Part part, int run, GuestProgram program) {
    Map<String, String> data = new TreeMap<>();
    program
        .files()
        .forEach(
            (name, bytes) -> data.put(name, Base64.getEncoder().encodeToString(bytes.toArray())));
    return new ConfigMapBuilder()
        .withMetadata(attempt.metadata(part, run))
        .withImmutable(true)
        .withBinaryData(data)
        .build();
  }
}
