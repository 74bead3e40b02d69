package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Manifest;
import dev.zfsdiskimage.recipe.Place;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipes;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A resource that a person named on the command line.
 *
 * @param name its file as it was named, or {@code -}
 * @param folder paths in it start here
 */
record ResourceFile(String name, Manifest manifest, Recipe recipe, Path folder) {
  private static final String STDIN = "-";

  /**
   * Reads and checks it.
   *
   * @param name a file, or {@code -} for standard input
   * @throws WrongInput with every problem when a build of it could not start
   */
  static ResourceFile read(String name, InputStream stdin) throws WrongInput {
    String shown = name.equals(STDIN) ? "standard input" : name;
    Path folder =
        name.equals(STDIN)
            ? Path.of("").toAbsolutePath()
            : Path.of(name).toAbsolutePath().getParent();
    Manifest manifest = manifest(name, shown, stdin);
    Recipe recipe =
        orProblems(shown, Recipes.read(manifest, files(manifest, folder), Place.ONE_MACHINE));
    return new ResourceFile(shown, manifest, recipe, folder);
  }

  /**
   * Reads one for a cluster.
   *
   * @param plan what is wanted of it
   * @throws WrongInput with every problem that {@code plan} or the schema has with it
   */
  static <T> T plan(String name, InputStream stdin, Function<Manifest, Checked<T>> plan)
      throws WrongInput {
    String shown = name.equals(STDIN) ? "standard input" : name;
    return orProblems(shown, plan.apply(manifest(name, shown, stdin)));
  }

  private static Manifest manifest(String name, String shown, InputStream stdin) throws WrongInput {
    return orProblems(shown, Manifest.read(text(name, shown, stdin), ResourceSchema.load()));
  }

  private static <T> T orProblems(String shown, Checked<T> checked) throws WrongInput {
    if (checked instanceof Checked.Valid<T> valid) {
      return valid.value();
    }
    throw new WrongInput(new ProblemList(shown, checked.problems()));
  }

  private static String text(String name, String shown, InputStream stdin) throws WrongInput {
    try {
      byte[] bytes = name.equals(STDIN) ? stdin.readAllBytes() : Files.readAllBytes(Path.of(name));
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw unreadable(shown, "there is no such file", "name an existing file, or - for stdin");
    } catch (CharacterCodingException e) {
      throw unreadable(shown, "is not text in UTF-8", "save it as UTF-8");
    } catch (IOException e) {
      throw unreadable(shown, "cannot be read: " + e.getMessage(), "name a readable file");
    }
  }

  private static WrongInput unreadable(String shown, String complaint, String remedy) {
    return new WrongInput(
        new ProblemList(shown, List.of(Problem.notFound("", "", complaint, remedy))));
  }

  /** Those that can't be read are left out; the recipe's rules name the field that wants them. */
  private static Map<String, Bytes> files(Manifest manifest, Path folder) {
    Map<String, Bytes> files = new HashMap<>();
    for (String file : manifest.files()) {
      try {
        files.put(file, Bytes.of(Files.readAllBytes(folder.resolve(file))));
      } catch (IOException unreadable) {
        continue;
      }
    }
    return files;
  }
}
