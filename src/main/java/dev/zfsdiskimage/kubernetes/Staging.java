package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Payload;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which payloads are put into a volume of their own before the builder VM starts: KubeVirt gives a
 * VM whole volumes and OCI images, and nothing from a web server or from inside a volume.
 */
final class Staging {
  /** The file that KubeVirt takes for the disk of a Filesystem volume. */
  private static final String WHOLE_VOLUME = "disk.img";

  private Staging() {}

  /** The numbers of the payloads. */
  static List<Integer> payloads(Recipe recipe) {
    return IntStream.range(0, recipe.payloads().size())
        .filter(number -> isStaged(recipe.payloads().get(number)))
        .boxed()
        .toList();
  }

  static boolean isStaged(Payload payload) {
    return payload instanceof Payload.Http
        || payload instanceof Payload.VolumeClaim claim && !claim.path().equals(WHOLE_VOLUME);
  }

  /** Name of the claim that holds payload {@code number}. */
  static String claim(Attempt attempt, int number) {
    return attempt.name(Part.PAYLOAD, run(number));
  }

  static int run(int number) {
    return number + 1;
  }
}
