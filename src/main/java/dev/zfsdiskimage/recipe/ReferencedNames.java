package dev.zfsdiskimage.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The names of the objects that a resource refers to by a key in them, wherever in its spec: a
 * field that comes later is not forgotten here.
 */
public record ReferencedNames(SortedSet<String> configMaps, SortedSet<String> secrets) {
  /** Fields of the spec that refer to a ConfigMap's key. */
  static final Set<String> CONFIG_MAP_FIELDS = Set.of("configMap", "configMapKeyRef");

  /** Fields of the spec that refer to a Secret's key. */
  static final Set<String> SECRET_FIELDS = Set.of("secret", "secretKeyRef");

  private static final JsonMapper JSON = new JsonMapper();

  public ReferencedNames {
    configMaps = Collections.unmodifiableSortedSet(new TreeSet<>(configMaps));
    secrets = Collections.unmodifiableSortedSet(new TreeSet<>(secrets));
  }

  /** Those of a spec. */
  public static ReferencedNames of(ZfsDiskImageSpec spec) {
    SortedSet<String> configMaps = new TreeSet<>();
    SortedSet<String> secrets = new TreeSet<>();
    collect(JSON.valueToTree(spec), configMaps, secrets);
    return new ReferencedNames(configMaps, secrets);
  }

  private static void collect(JsonNode node, Set<String> configMaps, Set<String> secrets) {
    node.properties()
        .forEach(
            field -> {
              JsonNode name = field.getValue().path("name");
              if (name.isTextual() && CONFIG_MAP_FIELDS.contains(field.getKey())) {
                configMaps.add(name.asText());
              } else if (name.isTextual() && SECRET_FIELDS.contains(field.getKey())) {
                secrets.add(name.asText());
              }
            });
    node.forEach(each -> collect(each, configMaps, secrets));
  }
}
