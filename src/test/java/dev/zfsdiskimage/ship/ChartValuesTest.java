package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The chart's values: explained, in the schema, in the README, and all that the operator knows. */
class ChartValuesTest {
  private static final Path VALUES = Chart.FOLDER.resolve("values.yaml");
  private static final Path README = Chart.FOLDER.resolve("README.md");
  private static final String START = "<!-- values: made from values.yaml -->\n";
  private static final String END = "<!-- /values -->\n";

  @Test
  void everyValueIsExplained() throws IOException {
    assertThat(ValuesTable.of(Files.readString(VALUES)).rows())
        .allSatisfy(row -> assertThat(row.meaning()).as(row.path()).endsWith("."));
  }

  @Test
  void readmeHasTheTableOfValues() throws IOException {
    String readme = Files.readString(README);
    int start = readme.indexOf(START) + START.length();
    int end = readme.indexOf(END);
    assertThat(start).isLessThanOrEqualTo(end).isGreaterThanOrEqualTo(START.length());

    String table = ValuesTable.of(Files.readString(VALUES)).markdown();
    Golden.assertSame(
        README, readme.substring(0, start) + "\n" + table + "\n" + readme.substring(end));
  }

  @Test
  void schemaKnowsTheValuesAndNoOthers() throws IOException {
    JsonNode schema =
        new ObjectMapper().readTree(Chart.FOLDER.resolve("values.schema.json").toFile());
    Set<String> known = new TreeSet<>();
    collect(schema, schema, "", known);
    known.remove("global");
    Set<String> given = new TreeSet<>();
    ValuesTable.of(Files.readString(VALUES)).rows().forEach(row -> given.add(row.path()));

    // A value that is an object as a whole, such as resources, has properties of its own.
    for (String whole : given) {
      if (known.removeIf(path -> path.startsWith(whole + "."))) {
        known.add(whole);
      }
    }
    assertThat(known).isEqualTo(given);
  }

  @Test
  void chartSetsEveryPropertyOfTheOperatorAndNoOther() throws ReflectiveOperationException {
    Set<String> properties = new TreeSet<>();
    collect(Class.forName("dev.zfsdiskimage.kubernetes.OperatorProperties"), "ZDI", properties);
    List<String> set = new ArrayList<>();
    for (JsonNode document : Chart.objects()) {
      document
          .at("/spec/template/spec/containers/0/env")
          .forEach(variable -> set.add(variable.path("name").asText()));
    }
    // Quarkus' own property takes it.
    assertThat(set.remove("ZDI_HTTP_PORT")).isTrue();

    assertThat(set).containsExactlyInAnyOrderElementsOf(properties);
  }

  private static void collect(JsonNode root, JsonNode schema, String path, Set<String> into) {
    JsonNode real =
        schema.has("$ref") ? root.at(schema.path("$ref").asText().substring(1)) : schema;
    if (!real.has("properties")) {
      into.add(path);
      return;
    }
    real.path("properties")
        .properties()
        .forEach(
            property ->
                collect(
                    root,
                    property.getValue(),
                    path.isEmpty() ? property.getKey() : path + "." + property.getKey(),
                    into));
  }

  /** Names in the environment, as SmallRye Config makes them of a mapping's methods. */
  private static void collect(Class<?> mapping, String prefix, Set<String> into) {
    for (Method method : mapping.getDeclaredMethods()) {
      if (method.isSynthetic()) {
        continue;
      }
      String name =
          prefix + "_" + method.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
      if (method.getReturnType().isInterface() && method.getReturnType().isMemberClass()) {
        collect(method.getReturnType(), name, into);
      } else {
        into.add(name);
      }
    }
  }
}
