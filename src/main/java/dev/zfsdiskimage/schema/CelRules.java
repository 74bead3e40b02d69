package dev.zfsdiskimage.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code x-kubernetes-validations} of a schema, run as an API server runs them. A rule about a
 * change ({@code oldSelf}) is not run: there is no older resource here.
 */
final class CelRules {
  private static final CelOptions OPTIONS =
      CelOptions.current().enableHeterogeneousNumericComparisons(true).build();
  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setOptions(OPTIONS)
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .addLibraries(CelExtensions.strings(), FormatFunction.LIBRARY)
          .addVar("self", SimpleType.DYN)
          .build();
  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.standardCelRuntimeBuilder()
          .setOptions(OPTIONS)
          .addLibraries(CelExtensions.strings(), FormatFunction.LIBRARY)
          .build();

  private final JsonNode schema;
  private final Map<String, CelRuntime.Program> programs = new HashMap<>();

  CelRules(JsonNode schema) {
    this.schema = schema;
  }

  /**
   * What the rules say of {@code resource}.
   *
   * @param wellFormed whether the resource fits the schema; where it does not, a rule that can't be
   *     evaluated says nothing
   */
  List<Problem> problems(JsonNode resource, boolean wellFormed) {
    List<Problem> problems = new ArrayList<>();
    visit(resource, schema, FieldPath.ROOT, wellFormed, problems);
    return problems;
  }

  private void visit(
      JsonNode value, JsonNode schema, FieldPath path, boolean wellFormed, List<Problem> problems) {
    for (JsonNode rule : schema.path("x-kubernetes-validations")) {
      evaluate(rule, value, path, wellFormed, problems);
    }
    if (value.isObject()) {
      JsonNode properties = schema.path("properties");
      value
          .properties()
          .forEach(
              entry ->
                  visit(
                      entry.getValue(),
                      properties.has(entry.getKey())
                          ? properties.get(entry.getKey())
                          : schema.path("additionalProperties"),
                      path.field(entry.getKey()),
                      wellFormed,
                      problems));
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        visit(value.get(i), schema.path("items"), path.item(i), wellFormed, problems);
      }
    }
  }

  private void evaluate(
      JsonNode rule, JsonNode value, FieldPath path, boolean wellFormed, List<Problem> problems) {
    String expression = rule.path("rule").asText();
    if (expression.contains("oldSelf")) {
      return;
    }
    String field = path.text() + rule.path("fieldPath").asText();
    JsonNode shown = at(value, rule.path("fieldPath").asText());
    Map<String, Object> variables = Map.of("self", plain(value));
    try {
      if (!Boolean.TRUE.equals(program(expression).eval(variables))) {
        problems.add(problem(field, shown, message(rule, variables)));
      }
    } catch (CelEvaluationException e) {
      if (wellFormed) {
        problems.add(problem(field, shown, "the rule " + expression + " fails: " + e.getMessage()));
      }
    }
  }

  private String message(JsonNode rule, Map<String, Object> variables) {
    String message = rule.path("message").asText("fails the rule " + rule.path("rule").asText());
    if (!rule.has("messageExpression")) {
      return message;
    }
    try {
      Object text = program(rule.get("messageExpression").asText()).eval(variables);
      return text instanceof String said && !said.isBlank() ? said : message;
    } catch (CelEvaluationException e) {
      return message;
    }
  }

  private static Problem problem(String field, JsonNode value, String message) {
    int semicolon = message.indexOf("; ");
    return Problem.invalid(
        field,
        value.isValueNode() ? value.toString() : "",
        semicolon < 0 ? message : message.substring(0, semicolon),
        semicolon < 0 ? "" : message.substring(semicolon + 2));
  }

  private static JsonNode at(JsonNode value, String fieldPath) {
    return value.at(fieldPath.replace('.', '/'));
  }

  private CelRuntime.Program program(String expression) {
    return programs.computeIfAbsent(expression, CelRules::compiled);
  }

  private static CelRuntime.Program compiled(String expression) {
    try {
      CelAbstractSyntaxTree tree = COMPILER.compile(expression).getAst();
      return RUNTIME.createProgram(tree);
    } catch (CelValidationException | CelEvaluationException e) {
      throw new IllegalStateException("the CRD holds a rule that is no CEL: " + expression, e);
    }
  }

  private static Object plain(JsonNode value) {
    if (value instanceof ObjectNode object) {
      Map<String, Object> map = new LinkedHashMap<>();
      object
          .properties()
          .forEach(
              entry -> {
                if (!entry.getValue().isNull()) {
                  map.put(entry.getKey(), plain(entry.getValue()));
                }
              });
      return map;
    }
    if (value.isArray()) {
      List<Object> list = new ArrayList<>();
      value.forEach(item -> list.add(plain(item)));
      return list;
    }
    if (value.isIntegralNumber()) {
      return value.longValue();
    }
    if (value.isNumber()) {
      return value.doubleValue();
    }
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    return value.isNull() ? "" : value.asText();
  }
}
