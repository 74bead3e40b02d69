package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Recipe;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;

/** What each turn of an attempt is made of, in the order in which it is to be created. */
final class AttemptObjects {
  private final Recipe recipe;
  private final Claims claims;
  private final ConfigDisks configDisks;
  private final Jobs jobs;
  private final VirtualMachines machines;

  AttemptObjects(Recipe recipe, Settings settings) {
    this.recipe = recipe;
    this.claims = new Claims(recipe, settings);
    this.configDisks = new ConfigDisks(recipe);
    this.jobs = new Jobs(recipe, settings);
    this.machines = new VirtualMachines(recipe, settings);
  }

  /** Disks, and what fills them and the builder VM's others. */
  List<HasMetadata> disks(Attempt attempt) {
    List<HasMetadata> objects = new ArrayList<>(claims.disks(attempt));
    if (Claims.hasOut(recipe)) {
      objects.add(claims.out(attempt));
    }
    objects.addAll(claims.payloads(attempt));
    objects.add(configDisks.build(attempt));
    if (Jobs.fetches(recipe)) {
      objects.add(jobs.fetch(attempt));
    }
    if (Jobs.prepares(recipe)) {
      objects.add(jobs.prepare(attempt));
    }
    return objects;
  }

  List<HasMetadata> build(Attempt attempt) {
    return List.of(machines.build(attempt));
  }

  List<HasMetadata> check(Attempt attempt, int run) {
    return List.of(configDisks.check(attempt, run), machines.check(attempt, run));
  }

  List<HasMetadata> save(Attempt attempt, int run, ImageManifest manifest) {
    List<HasMetadata> objects = new ArrayList<>();
    jobs.saveScript(attempt, run).ifPresent(objects::add);
    objects.add(jobs.save(attempt, run, manifest));
    return objects;
  }

  List<HasMetadata> boot(Attempt attempt, Firmware firmware, int run) {
    return List.of(machines.verify(attempt, firmware, run));
  }

  /** The first part of growth: a larger copy of the root disk. */
  List<HasMetadata> largerDisk(Attempt attempt, int run) {
    return List.of(claims.larger(attempt, run), jobs.larger(attempt, run));
  }

  /** The second part: it boots. */
  List<HasMetadata> largerBoot(Attempt attempt, int run) {
    return List.of(machines.grow(attempt, run));
  }

  /** The third part: a look at it. */
  List<HasMetadata> largerLook(Attempt attempt, int run) {
    return List.of(configDisks.grown(attempt, run), machines.grown(attempt, run));
  }
}
