package dev.zfsdiskimage.recipe;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a resource refers to and a recipe needs the bytes of.
 *
 * @param configMaps data of ConfigMaps, by name and key
 * @param secrets data of Secrets, by name and key; in a cluster they may be left out, for the
 *     builder VM gets them without passing through here
 * @param secretDigests what is known of Secrets in a cluster where they are looked at; a Secret
 *     that is not in it is not there. Empty where nobody looks.
 * @param files small files of this machine, by the path that the resource gives; one-machine builds
 *     only
 */
public record References(
    Map<String, Map<String, Bytes>> configMaps,
    Map<String, Map<String, Bytes>> secrets,
    Optional<SecretDigests> secretDigests,
    Map<String, Bytes> files) {
  /** Nothing. */
  public static final References NONE = new References(Map.of(), Map.of(), Map.of());

  /** References without digests: the Secrets are given, or not looked at. */
  public References(
      Map<String, Map<String, Bytes>> configMaps,
      Map<String, Map<String, Bytes>> secrets,
      Map<String, Bytes> files) {
    this(configMaps, secrets, Optional.empty(), files);
  }

  public References {
    configMaps = Map.copyOf(configMaps);
    secrets = Map.copyOf(secrets);
    files = Map.copyOf(files);
  }

  /** The same with these files. */
  public References withFiles(Map<String, Bytes> files) {
    return new References(configMaps, secrets, secretDigests, files);
  }

  /** The data of Secret {@code name} by key, sorted; empty when it is not known. */
  public Optional<Map<String, Bytes>> secret(String name) {
    return Optional.ofNullable(secrets.get(name)).map(TreeMap::new);
  }

  /** The keys of Secret {@code name}; empty when it is not known. */
  Optional<Set<String>> secretKeys(String name) {
    return secret(name)
        .map(Map::keySet)
        .or(() -> secretDigests.map(known -> known.digests().get(name)).map(Map::keySet));
  }

  /** A digest of the value of a Secret's key; empty when it is not known. */
  Optional<String> secretDigest(String name, String key) {
    return secret(name)
        .map(data -> data.get(key))
        .map(value -> SecretDigests.digest(name, key, value))
        .or(
            () ->
                secretDigests
                    .map(known -> known.digests().get(name))
                    .map(digests -> digests.get(key)));
  }
}
