package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.recipe.Place;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Payload;
import dev.zfsdiskimage.recipe.Recipes;
import dev.zfsdiskimage.recipe.References;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.Problem;
import java.util.ArrayList;
import java.util.List;

/** What this operator cannot do, though the resource may ask for it. */
final class ClusterRules {
  private static final String WHOLE_VOLUME = "disk.img";

  private ClusterRules() {}

  /** The recipe, if this operator can build it. */
  static Checked<Recipe> recipe(ZfsDiskImage resource, References references, Settings settings) {
    return Recipes.read(resource, references, Place.CLUSTER)
        .then(recipe -> check(recipe, settings));
  }

  private static Checked<Recipe> check(Recipe recipe, Settings settings) {
    List<Problem> problems = new ArrayList<>();
    for (Payload payload : recipe.payloads()) {
      if (payload instanceof Payload.Http http) {
        problems.add(
            Problem.invalid(
                "payload.http.url",
                http.url(),
                "this operator does not download payloads",
                "put the file into an OCI image and use payload.image"));
      }
      if (payload instanceof Payload.VolumeClaim claim && !claim.path().equals(WHOLE_VOLUME)) {
        problems.add(
            Problem.invalid(
                "payload.volumeClaim.path",
                claim.path(),
                "a VM can be given a volume as a whole only",
                "name the file "
                    + WHOLE_VOLUME
                    + " at the top of its volume, or use payload.image"));
      }
      if (payload instanceof Payload.DebianRoot debian) {
        debian(debian, settings, problems);
      }
    }
    if (recipe.verify().grow().isPresent()) {
      problems.add(
          Problem.invalid(
              "spec.verify.grow",
              "",
              "this operator cannot boot a larger copy of the root disk",
              "remove it, or verify growth in a one-machine build"));
    }
    return problems.isEmpty() ? new Checked.Valid<>(recipe) : new Checked.Invalid<>(problems);
  }

  private static void debian(Payload.DebianRoot debian, Settings settings, List<Problem> problems) {
    if (settings.debianImage().isEmpty()) {
      problems.add(
          Problem.invalid(
              "spec.install.debian",
              "",
              "this operator was installed without an image of Debian's root file system",
              "set zdi.debian-image, or use install.rootfs with payload.image"));
    } else if (!debian.packages().isEmpty() || debian.mirror().isPresent()) {
      problems.add(
          Problem.invalid(
              "spec.install.debian.packages",
              String.join(" ", debian.packages()),
              "this operator installs Debian from a finished image and bootstraps nothing",
              "leave packages and mirror out, or use install.rootfs with payload.image"));
    }
  }
}
