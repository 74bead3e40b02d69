package dev.zfsdiskimage.recipe;

import java.util.Map;

/**
 * What is known of Secrets whose values nobody keeps: a digest of each, by the Secret's name and
 * key.
 */
public record SecretDigests(Map<String, Map<String, String>> digests) {
  public SecretDigests {
    digests = Map.copyOf(digests);
  }

  /** The digest of a value; slow to compute, so that short passwords can't be found by trying. */
  public static String digest(String name, String key, Bytes value) {
    return ContentHash.ofSecret(name, key, value);
  }

  /** Without the digests: logs are read by many. */
  @Override
  public String toString() {
    return "digests of " + digests.keySet();
  }
}
