package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The CRD takes every resource that a released one took. */
class CrdCompatibilityTest {
  private static final Path RELEASED = Path.of("crds/released");

  @Test
  void crdTakesWhatEveryReleaseTook() throws IOException {
    ObjectNode now = YamlFiles.read(Path.of(ResourceSchema.CRD));
    try (Stream<Path> files = Files.list(RELEASED)) {
      assertThat(files.filter(file -> file.toString().endsWith(".yaml")))
          .allSatisfy(
              file ->
                  assertThat(CrdChanges.breaking(YamlFiles.read(file), now))
                      .as("what breaks resources of " + file)
                      .isEmpty());
    }
  }

  @Test
  void everyReleaseHasItsCrd() throws IOException {
    List<String> released =
        Files.readString(Path.of("CHANGELOG.md"))
            .lines()
            .filter(line -> line.matches("## [0-9].*") && !line.endsWith("(unreleased)"))
            .map(line -> line.split(" ")[1])
            .toList();

    assertThat(released)
        .allSatisfy(version -> assertThat(RELEASED.resolve(version + ".yaml")).isRegularFile());
  }

  @Test
  void crdIsCompatibleWithItself() {
    ObjectNode now = YamlFiles.read(Path.of(ResourceSchema.CRD));

    assertThat(CrdChanges.breaking(now, now)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          field gone          | size: {type: string}                              | other: {type: string}                                | v1.spec.size: is gone
          type changed        | size: {type: string}                              | size: {type: integer}                                | v1.spec.size: type changed from "string" to "integer"
          enum narrowed       | mode: {type: string, enum: [a, b]}                | mode: {type: string, enum: [a]}                      | v1.spec.mode: no longer takes b
          enum added          | mode: {type: string}                              | mode: {type: string, enum: [a]}                      | v1.spec.mode: takes certain values only now
          pattern added       | name: {type: string}                              | name: {type: string, pattern: x}                     | v1.spec.name: pattern changed from  to "x"
          pattern changed     | name: {type: string, pattern: y}                  | name: {type: string, pattern: x}                     | v1.spec.name: pattern changed from "y" to "x"
          bound lowered       | name: {type: string, maxLength: 9}                | name: {type: string, maxLength: 8}                   | v1.spec.name: maxLength is 8 now, was 9
          bound added         | cores: {type: integer}                            | cores: {type: integer, minimum: 1}                   | v1.spec.cores: minimum is 1 now
          bound raised        | cores: {type: integer, minimum: 1}                | cores: {type: integer, minimum: 2}                   | v1.spec.cores: minimum is 2 now, was 1
          default changed     | cores: {type: integer, default: 1}                | cores: {type: integer, default: 2}                   | v1.spec.cores: default changed from 1 to 2
          default gone        | cores: {type: integer, default: 1}                | cores: {type: integer}                               | v1.spec.cores: default changed from 1 to
          required            | a: {type: object, properties: {b: {type: string}}} | a: {type: object, required: [b], properties: {b: {type: string}}} | v1.spec.a.b: became required
          below a list        | a: {type: array, items: {type: string}}           | a: {type: array, items: {type: integer}}             | v1.spec.a[]: type changed from "string" to "integer"
          below a map         | a: {additionalProperties: {type: string}}         | a: {additionalProperties: {type: string, maxLength: 1}} | v1.spec.a.*: maxLength is 1 now
          map closed          | a: {additionalProperties: {type: string}}         | a: {type: object}                                    | v1.spec.a: additionalProperties is gone
          rule added          | a: {type: string}                                 | a: {type: string, x-kubernetes-validations: [{rule: self != ''}]} | v1.spec.a: has a new rule: self != ''
          list keyed          | a: {type: array}                                  | a: {type: array, x-kubernetes-list-type: map}        | v1.spec.a: x-kubernetes-list-type changed from  to "map"
          null refused        | a: {type: string, nullable: true}                 | a: {type: string}                                    | v1.spec.a: may no longer be null
          """)
  void breakingChangeIsFound(String name, String older, String newer, String found) {
    assertThat(CrdChanges.breaking(crd("v1", older), crd("v1", newer)))
        .anyMatch(change -> change.strip().equals(found));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          field added           | size: {type: string}                    | {size: {type: string}, more: {type: integer}}
          required with default | size: {type: object}                    | {size: {type: object, required: [a], properties: {a: {type: string, default: x}}}}
          enum widened          | mode: {type: string, enum: [a]}         | mode: {type: string, enum: [a, b]}
          enum gone             | mode: {type: string, enum: [a]}         | mode: {type: string}
          pattern gone          | name: {type: string, pattern: x}        | name: {type: string}
          bounds widened        | name: {type: string, maxLength: 8, minLength: 2} | name: {type: string, maxLength: 9, minLength: 1}
          bound gone            | name: {type: string, maxLength: 8}      | name: {type: string}
          rule gone             | a: {type: string, x-kubernetes-validations: [{rule: self != ''}]} | a: {type: string}
          described anew        | a: {type: string, description: x}       | a: {type: string, description: y}
          """)
  void compatibleChangeIsNone(String name, String older, String newer) {
    assertThat(CrdChanges.breaking(crd("v1", older), crd("v1", newer))).isEmpty();
  }

  @Test
  void versionThatIsGoneOrRenamedIsFound() {
    assertThat(CrdChanges.breaking(crd("v1", "{}"), crd("v2", "{}")))
        .containsExactly("v1: is no longer served");
  }

  private static ObjectNode crd(String version, String properties) {
    return YamlFiles.documents(
            """
            spec:
              group: example.com
              scope: Namespaced
              names: {kind: Thing, plural: things}
              versions:
                - name: %s
                  served: true
                  schema:
                    openAPIV3Schema:
                      properties:
                        spec: {properties: %s}
            """
                .formatted(
                    version, properties.startsWith("{") ? properties : "{" + properties + "}"))
        .get(0);
  }
}
