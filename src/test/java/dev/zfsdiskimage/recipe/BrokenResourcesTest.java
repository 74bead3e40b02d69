package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stands in whatever field, a person gets a recipe or problems with remedies. */
class BrokenResourcesTest {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final ResourceSchema SCHEMA = ResourceSchema.load();
  private static final List<String> ODD_VALUES =
      List.of("null", "7", "-1.5", "true", "x", "''", "[]", "[null]", "[{}]", "{}", "{a: b}");

  static Stream<Path> fixtures() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/crd/accept"))) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void oddValueInAnyFieldIsAnswered(Path fixture) throws IOException {
    JsonNode good = YAML.readTree(Files.readString(fixture));
    List<String> silent = new ArrayList<>();

    for (String pointer : pointers(good.get("spec"), "/spec")) {
      for (String odd : ODD_VALUES) {
        String text = YAML.writeValueAsString(with(good.deepCopy(), pointer, YAML.readTree(odd)));
        Checked<Recipe> recipe =
            Manifest.read(text, SCHEMA)
                .then(manifest -> Recipes.read(manifest, Map.of(), Place.ONE_MACHINE));
        for (Problem problem : recipe.problems()) {
          if (problem.remedy().isBlank() || problem.complaint().contains("the rule ")) {
            silent.add(pointer + " = " + odd + ": " + problem.describe());
          }
        }
      }
    }

    assertThat(silent).as("problems without a remedy").isEmpty();
  }

  private static List<String> pointers(JsonNode node, String pointer) {
    List<String> pointers = new ArrayList<>(List.of(pointer));
    if (node.isObject()) {
      node.properties()
          .forEach(
              entry ->
                  pointers.addAll(
                      pointers(
                          entry.getValue(),
                          pointer + "/" + entry.getKey().replace("~", "~0").replace("/", "~1"))));
    } else {
      for (int i = 0; i < node.size(); i++) {
        pointers.addAll(pointers(node.get(i), pointer + "/" + i));
      }
    }
    return pointers;
  }

  private static JsonNode with(JsonNode tree, String pointer, JsonNode value) {
    int slash = pointer.lastIndexOf('/');
    JsonNode parent = tree.at(pointer.substring(0, slash));
    String name = pointer.substring(slash + 1).replace("~1", "/").replace("~0", "~");
    if (parent instanceof ArrayNode list) {
      list.set(Integer.parseInt(name), value);
    } else {
      ((ObjectNode) parent).set(name, value);
    }
    return tree;
  }
}
