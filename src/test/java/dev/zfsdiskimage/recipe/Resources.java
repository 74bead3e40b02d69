package dev.zfsdiskimage.recipe;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Resources for tests, written as their specs. */
final class Resources {
  static final References REFERENCES =
      new References(
          Map.of("files", Map.of("a", Bytes.of("content of a"), "install.sh", Bytes.of("true"))),
          Map.of("logins", Map.of("root", Bytes.of("password"), "keys", Bytes.of("ssh-ed25519 A"))),
          Map.of("install.sh", Bytes.of("echo installing")));

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private Resources() {}

  /** The resource of {@code spec}, without the schema's defaults; a script installs by default. */
  static ZfsDiskImage resource(String spec) {
    return plain(text(spec));
  }

  /** The resource of a text that holds nothing else, without the schema's defaults. */
  static ZfsDiskImage plain(String text) {
    try {
      return YAML.readValue(text, ZfsDiskImage.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A manifest's text. */
  static String text(String spec) {
    String install = spec.contains("install:") ? "" : "install: {script: {inline: 'true'}}\n";
    return "apiVersion: zfsdiskimage.dev/v1alpha1\nkind: ZfsDiskImage\nmetadata: {name: example}\nspec:\n"
        + (spec.strip() + "\n" + install).strip().indent(2);
  }

  static Recipe recipe(String spec) {
    return valid(read(spec, Place.ONE_MACHINE));
  }

  static Checked<Recipe> read(String spec, Place place) {
    return Recipes.read(resource(spec), REFERENCES, place);
  }

  static List<Problem> problems(String spec) {
    return read(spec, Place.ONE_MACHINE).problems();
  }

  static <T> T valid(Checked<T> checked) {
    if (checked instanceof Checked.Valid<T> valid) {
      return valid.value();
    }
    throw new AssertionError(checked.problems().stream().map(Problem::describe).toList());
  }
}
