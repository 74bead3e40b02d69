package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Defaults;
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
  /** As the finished image has them. */
  private static final List<String> COMPONENTS = List.of("main", "contrib");

  private ClusterRules() {}

  /** The recipe, if this operator can build it. */
  static Checked<Recipe> recipe(ZfsDiskImage resource, References references, Settings settings) {
    return Recipes.read(resource, references, Place.CLUSTER)
        .then(recipe -> check(recipe, settings));
  }

  private static Checked<Recipe> check(Recipe recipe, Settings settings) {
    List<Problem> problems = new ArrayList<>();
    for (Payload payload : recipe.payloads()) {
      if (payload instanceof Payload.DebianRoot debian) {
        debian(debian, settings, problems);
      }
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
      return;
    }
    refuse("suite", debian.suite(), !debian.suite().equals(Defaults.DEBIAN_SUITE), problems);
    refuse(
        "components",
        String.join(" ", debian.components()),
        !debian.components().equals(COMPONENTS),
        problems);
    refuse("mirror", debian.mirror().orElse(""), debian.mirror().isPresent(), problems);
    refuse("packages", String.join(" ", debian.packages()), !debian.packages().isEmpty(), problems);
  }

  private static void refuse(String field, String value, boolean given, List<Problem> problems) {
    if (given) {
      problems.add(
          Problem.invalid(
              "spec.install.debian." + field,
              value,
              "this operator installs Debian "
                  + Defaults.DEBIAN_SUITE
                  + " from a finished image and bootstraps nothing",
              "leave it out, or use install.rootfs with a root file system of your own"));
    }
  }
}
