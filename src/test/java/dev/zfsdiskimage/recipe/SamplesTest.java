package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplesTest {
  private static final Path SAMPLES = Path.of("operator/samples");
  private static final ResourceSchema SCHEMA = ResourceSchema.load();

  static Stream<Path> samples() throws IOException {
    try (Stream<Path> files = Files.list(SAMPLES)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void sampleIsValid(Path sample) throws IOException {
    Manifest manifest = Resources.valid(Manifest.read(Files.readString(sample), SCHEMA));

    assertThat(Recipes.read(manifest, Map.of(), Place.ONE_MACHINE).problems())
        .extracting(Problem::describe)
        .isEmpty();
    assertThat(manifest.tree().at("/metadata/name").asText() + ".yaml")
        .isEqualTo(sample.getFileName().toString());
  }

  @Test
  void ec2LayoutIsTheOneOfNixpkgs() throws IOException {
    Recipe recipe = recipe("ec2-layout.yaml");

    assertThat(recipe.bootBytes()).isEqualTo(1000L * 1024 * 1024);
    assertThat(recipe.pool().name()).isEqualTo("tank");
    assertThat(recipe.pool().properties()).containsEntry("ashift", "12");
    assertThat(recipe.datasets().stream().filter(dataset -> dataset.mount().isPresent()))
        .extracting(dataset -> dataset.name() + " " + dataset.mount().orElseThrow())
        .containsExactlyInAnyOrder(
            "tank/system/root /",
            "tank/system/var /var",
            "tank/local/nix /nix",
            "tank/user/home /home");
  }

  @Test
  void manyDatasetsKeepTheirTextByteForByte() throws IOException {
    Map<String, String> properties =
        recipe("many-datasets.yaml").datasets().stream()
            .filter(dataset -> dataset.name().equals("rpool/data/files"))
            .findFirst()
            .orElseThrow()
            .properties();

    assertThat(properties)
        .containsEntry("org.example:spaces", "  kept as   they are ")
        .containsEntry("org.example:quotes", "it's \"quoted\"")
        .containsEntry("org.example:dollars", "$HOME `id` $(id)")
        .containsEntry("org.example:lines", "first\nsecond\n")
        .containsEntry("org.example:empty", "");
  }

  private static Recipe recipe(String sample) throws IOException {
    Manifest manifest =
        Resources.valid(Manifest.read(Files.readString(SAMPLES.resolve(sample)), SCHEMA));
    return Resources.valid(Recipes.read(manifest, Map.of(), Place.ONE_MACHINE));
  }
}
