package dev.zfsdiskimage.local;

import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import java.nio.file.Path;
import java.util.Map;

/**
 * A build to be made on this machine.
 *
 * @param resourceFolder where the resource's file is; relative payload paths start there
 * @param secrets data of the Secrets that the recipe names, by name and key
 * @param output the directory that gets the images; made when it is not there
 */
public record Order(
    Recipe recipe, Path resourceFolder, Map<String, Map<String, Bytes>> secrets, Path output) {
  /** Copies the map and makes the paths absolute. */
  public Order {
    resourceFolder = resourceFolder.toAbsolutePath().normalize();
    secrets = Map.copyOf(secrets);
    output = output.toAbsolutePath().normalize();
  }
}
