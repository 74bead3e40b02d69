package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.jse.JsePlatform;

/** Argo CD's health check, run by a Lua interpreter on resources of every phase. */
class HealthCheckTest {
  private static final Path FIXTURES = Path.of("src/test/resources/health");
  private static final Path CHECK = Path.of("operator/gitops/argocd/health.lua");
  private static final ResourceSchema SCHEMA = ResourceSchema.load();

  static Stream<Path> fixtures() throws IOException {
    try (Stream<Path> files = Files.list(FIXTURES)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void healthIsWhatTheStatusSays(Path fixture) throws IOException {
    LuaValue health = health(YamlFiles.read(fixture));

    assertThat(health.get("status").checkjstring()).isEqualTo(expected(fixture, "health"));
    assertThat(health.get("message").checkjstring()).contains(expected(fixture, "says"));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void fixtureIsAResourceThatAClusterMayHold(Path fixture) {
    ObjectNode resource = SCHEMA.withDefaults(YamlFiles.read(fixture));

    assertThat(SCHEMA.problems(resource)).extracting(Problem::describe).isEmpty();
  }

  @Test
  void everyPhaseHasAFixture() throws IOException {
    assertThat(fixtures().map(file -> YamlFiles.read(file).at("/status/phase").asText()))
        .map(phase -> phase.toUpperCase(Locale.ROOT))
        .containsAll(Arrays.stream(Phase.values()).map(Phase::name).toList());
  }

  @Test
  void configMapHoldsThisCheck() throws IOException {
    JsonNode data = YamlFiles.read(CHECK.resolveSibling("argocd-cm.yaml")).path("data");

    assertThat(data.path("resource.customizations.health.zfsdiskimage.dev_ZfsDiskImage").asText())
        .isEqualTo(Files.readString(CHECK));
  }

  private static LuaValue health(ObjectNode resource) throws IOException {
    Globals lua = JsePlatform.standardGlobals();
    lua.set("obj", lua(resource));
    return lua.load(Files.readString(CHECK), CHECK.toString()).call();
  }

  private static LuaValue lua(JsonNode node) {
    if (node.isObject()) {
      LuaTable table = new LuaTable();
      node.properties().forEach(field -> table.set(field.getKey(), lua(field.getValue())));
      return table;
    }
    if (node.isArray()) {
      LuaTable table = new LuaTable();
      for (int index = 0; index < node.size(); index++) {
        table.set(index + 1, lua(node.get(index)));
      }
      return table;
    }
    if (node.isNumber()) {
      return LuaValue.valueOf(node.asDouble());
    }
    return node.isBoolean() ? LuaValue.valueOf(node.asBoolean()) : LuaValue.valueOf(node.asText());
  }

  private static String expected(Path fixture, String what) throws IOException {
    String mark = "# " + what + ": ";
    return Files.readString(fixture)
        .lines()
        .filter(line -> line.startsWith(mark))
        .map(line -> line.substring(mark.length()))
        .findFirst()
        .orElseThrow();
  }
}
