package dev.zfsdiskimage.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An API server refuses a CRD whose rules don't fit the types of its schema. */
class CelTypesTest {
  private final Map<String, StructType> structs = new LinkedHashMap<>();
  private final List<String> complaints = new ArrayList<>();

  @Test
  void rulesFitTheTypesOfTheSchema() {
    check(GeneratedCrd.tree().at("/spec/versions/0/schema/openAPIV3Schema"), "resource");

    assertThat(structs).isNotEmpty();
    assertThat(complaints).isEmpty();
  }

  @Test
  void ruleOfAFieldThatIsNotThereIsFound() {
    JsonNode schema = GeneratedCrd.tree().at("/spec/versions/0/schema/openAPIV3Schema");
    ((ObjectNode) schema.at("/properties/spec"))
        .putArray("x-kubernetes-validations")
        .addObject()
        .put("rule", "self.rooot.size == '1'");

    check(schema, "resource");

    assertThat(complaints).singleElement().asString().contains("undefined field 'rooot'");
  }

  private CelType check(JsonNode schema, String name) {
    CelType type = type(schema, name);
    for (JsonNode rule : schema.path("x-kubernetes-validations")) {
      compile(rule.get("rule").asText(), type, SimpleType.BOOL);
      if (rule.has("messageExpression")) {
        compile(rule.get("messageExpression").asText(), type, SimpleType.STRING);
      }
    }
    return type;
  }

  private CelType type(JsonNode schema, String name) {
    return switch (schema.path("type").asText()) {
      case "string" -> SimpleType.STRING;
      case "integer" -> SimpleType.INT;
      case "boolean" -> SimpleType.BOOL;
      case "array" -> ListType.create(check(schema.get("items"), name + ".items"));
      case "object" ->
          schema.has("additionalProperties")
              ? MapType.create(
                  SimpleType.STRING, check(schema.get("additionalProperties"), name + ".values"))
              : struct(schema, name);
      default -> throw new AssertionError(name + " has no type");
    };
  }

  private StructType struct(JsonNode schema, String name) {
    Map<String, CelType> fields = new LinkedHashMap<>();
    schema
        .path("properties")
        .properties()
        .forEach(
            entry ->
                fields.put(entry.getKey(), check(entry.getValue(), name + "." + entry.getKey())));
    StructType struct =
        StructType.create(
            name,
            ImmutableSet.copyOf(fields.keySet()),
            field -> Optional.ofNullable(fields.get(field)));
    structs.put(name, struct);
    return struct;
  }

  private void compile(String expression, CelType self, CelType result) {
    CelValidationResult compiled =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(CelOptions.current().build())
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addLibraries(CelExtensions.strings(), FormatFunction.LIBRARY)
            .setTypeProvider(new Structs())
            .addVar("self", self)
            .setResultType(result)
            .build()
            .compile(expression);
    if (compiled.hasError()) {
      complaints.add(expression + ": " + compiled.getErrorString());
    }
  }

  private final class Structs implements CelTypeProvider {
    @Override
    public ImmutableList<CelType> types() {
      return ImmutableList.copyOf(structs.values());
    }

    @Override
    public Optional<CelType> findType(String typeName) {
      return Optional.ofNullable(structs.get(typeName));
    }
  }
}
