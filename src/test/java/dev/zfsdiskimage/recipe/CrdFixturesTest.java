package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import dev.zfsdiskimage.ship.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Resources that an API server takes, and resources that it refuses. */
class CrdFixturesTest {
  private static final Path FIXTURES = Path.of("src/test/resources/crd");
  private static final ResourceSchema SCHEMA = ResourceSchema.load();

  static Stream<Path> accepted() throws IOException {
    return yamlFiles("accept");
  }

  static Stream<Path> rejected() throws IOException {
    return yamlFiles("reject");
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void goodResourceIsAccepted(Path fixture) throws IOException {
    assertThat(problems(SCHEMA, Files.readString(fixture))).extracting(Problem::describe).isEmpty();
  }

  /** A real API server is held against the same file (e2e/scenarios/50-operator.sh). */
  @Test
  void schemaFillsInTheDefaultsReviewed() throws IOException {
    ObjectMapper sorted =
        JsonMapper.builder()
            .enable(
                SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, SerializationFeature.INDENT_OUTPUT)
            .build();
    Map<String, Object> specs = new TreeMap<>();
    for (Path fixture : accepted().toList()) {
      ObjectNode resource = (ObjectNode) new YAMLMapper().readTree(Files.readString(fixture));
      specs.put(
          fixture.getFileName().toString(),
          sorted.convertValue(SCHEMA.withDefaults(resource).get("spec"), Map.class));
    }

    Golden.assertSame(FIXTURES.resolve("defaults.json"), sorted.writeValueAsString(specs) + "\n");
  }

  @ParameterizedTest
  @MethodSource("rejected")
  void badResourceIsRejectedAtItsField(Path fixture) throws IOException {
    String text = Files.readString(fixture);

    assertThat(problems(SCHEMA, text))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.field()).isEqualTo(expectation(text, "field"));
              assertThat(problem.describe()).contains(expectation(text, "says"));
              assertThat(problem.remedy()).isNotBlank();
              assertThat(problem.line()).isPresent();
            });
  }

  @Test
  void everyRuleOfTheCrdRejectsAFixture() throws IOException {
    JsonNode crd = new YAMLMapper().readTree(Files.readString(Path.of(ResourceSchema.CRD)));
    Set<String> messages = new TreeSet<>();
    eachRule(
        crd,
        rule -> {
          rule.remove("messageExpression");
          messages.add(rule.get("message").asText());
        });
    ResourceSchema plainMessages = ResourceSchema.of(crd);

    Set<String> said =
        rejected()
            .map(CrdFixturesTest::text)
            .flatMap(text -> problems(plainMessages, text).stream())
            .map(problem -> problem.complaint() + "; " + problem.remedy())
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(messages).isNotEmpty();
    assertThat(said).containsAll(messages);
  }

  private static List<Problem> problems(ResourceSchema schema, String text) {
    Checked<Manifest> manifest = Manifest.read(text, schema);
    return manifest instanceof Checked.Valid<Manifest> valid
        ? valid.value().problems()
        : manifest.problems();
  }

  private static String expectation(String text, String name) {
    String mark = "# " + name + ": ";
    return text.lines()
        .filter(line -> line.startsWith(mark))
        .map(line -> line.substring(mark.length()))
        .findFirst()
        .orElseThrow();
  }

  private static void eachRule(JsonNode node, Consumer<ObjectNode> visitor) {
    node.path("x-kubernetes-validations").forEach(rule -> visitor.accept((ObjectNode) rule));
    node.forEach(child -> eachRule(child, visitor));
  }

  private static Stream<Path> yamlFiles(String folder) throws IOException {
    try (Stream<Path> files = Files.list(FIXTURES.resolve(folder))) {
      return files.sorted().toList().stream();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
