package dev.zfsdiskimage.recipe;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a resource refers to and a recipe needs the bytes of.
 *
 * @param configMaps data of ConfigMaps, by name and key
 * @param secrets data of Secrets, by name and key; in a cluster they may be left out, for the
 *     builder VM gets them without passing through here
 * @param files small files of this machine, by the path that the resource gives; one-machine builds
 *     only
 */
public record References(
    Map<String, Map<String, Bytes>> configMaps,
    Map<String, Map<String, Bytes>> secrets,
    Map<String, Bytes> files) {
  /** Nothing. */
  public static final References NONE = new References(Map.of(), Map.of(), Map.of());

  public References {
    configMaps = Map.copyOf(configMaps);
    secrets = Map.copyOf(secrets);
    files = Map.copyOf(files);
  }

  /** The same with these files. */
  public References withFiles(Map<String, Bytes> files) {
    return new References(configMaps, secrets, files);
  }

  /** The data of Secret {@code name} by key, sorted; empty when it is not known. */
  public Optional<Map<String, Bytes>> secret(String name) {
    return Optional.ofNullable(secrets.get(name)).map(TreeMap::new);
  }
}
