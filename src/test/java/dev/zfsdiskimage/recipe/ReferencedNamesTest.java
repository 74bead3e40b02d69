package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.KeyReference;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ReferencedNamesTest {
  @Test
  void everyObjectThatTheSpecRefersToIsFound() {
    ReferencedNames names =
        ReferencedNames.of(
            Resources.resource(
                    """
                    install:
                      debian:
                        rootPassword: {secretKeyRef: {name: logins, key: root}}
                        authorizedKeys: {secretKeyRef: {name: people, key: keys}}
                    contents:
                      - {source: {configMap: {name: files, key: a}}, target: /a}
                      - {source: {secret: {name: logins, key: a}}, target: /b}
                      - {source: {inline: "configMap: {name: none}"}, target: /c}
                    postBuild: {script: {configMapKeyRef: {name: scripts, key: a}}}
                    """)
                .getSpec());

    assertThat(names.configMaps()).containsExactly("files", "scripts");
    assertThat(names.secrets()).containsExactly("logins", "people");
  }

  /** A reference under another name would be watched by nobody. */
  @Test
  void everyReferenceInTheTypesIsInAFieldThatIsLookedAt() {
    Set<String> fields = new TreeSet<>();
    collect(ZfsDiskImageSpec.class, fields, new HashSet<>());

    Set<String> known = new TreeSet<>(ReferencedNames.CONFIG_MAP_FIELDS);
    known.addAll(ReferencedNames.SECRET_FIELDS);
    assertThat(fields).isEqualTo(known);
  }

  private static void collect(Type type, Set<String> fields, Set<Type> seen) {
    if (type instanceof ParameterizedType generic) {
      for (Type argument : generic.getActualTypeArguments()) {
        collect(argument, fields, seen);
      }
    } else if (type instanceof Class<?> of && of.isRecord() && seen.add(type)) {
      for (RecordComponent component : of.getRecordComponents()) {
        if (component.getType() == KeyReference.class) {
          fields.add(component.getName());
        }
        collect(component.getGenericType(), fields, seen);
      }
    }
  }
}
