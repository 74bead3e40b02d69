package dev.zfsdiskimage.recipe;

import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A digest over a tree of records, maps, lists, texts and numbers that does not depend on the order
 * of maps. What is empty leaves no trace, so that a part added later changes no digest of those who
 * don't use it.
 */
final class ContentHash {
  private static final int DIGITS = 10;
  private static final int ROUNDS = 20_000;

  private ContentHash() {}

  /** The first ten hexadecimal digits of the SHA-256 over {@code content}. */
  static String of(Map<String, Object> content) {
    var text = new StringBuilder();
    write(content, text);
    return sha256(text.toString().getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
  }

  /**
   * A digest of a secret that is slow to compute: the hash is public, and a short password must not
   * be found by trying.
   */
  static String ofSecret(String name, String key, Bytes value) {
    char[] password = Base64.getEncoder().encodeToString(value.toArray()).toCharArray();
    byte[] salt = (name + '/' + key).getBytes(StandardCharsets.UTF_8);
    try {
      byte[] digest =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(new PBEKeySpec(password, salt, ROUNDS, 256))
              .getEncoded();
      return HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no PBKDF2", e);
    }
  }

  private static void write(Object value, StringBuilder text) {
    if (value instanceof Optional<?> optional) {
      write(optional.orElseThrow(), text);
    } else if (value instanceof Map<?, ?> map) {
      Map<String, Object> sorted = new TreeMap<>();
      map.forEach((key, entry) -> sorted.put(key.toString(), entry));
      text.append('{');
      sorted.forEach(
          (key, entry) -> {
            if (!isEmpty(entry)) {
              quoted(key, text);
              text.append(':');
              write(entry, text);
            }
          });
      text.append('}');
    } else if (value instanceof List<?> list) {
      text.append('[');
      list.forEach(
          item -> {
            write(item, text);
            text.append(',');
          });
      text.append(']');
    } else if (value instanceof Record record) {
      quoted(record.getClass().getSimpleName(), text);
      write(components(record), text);
    } else if (value instanceof Bytes bytes) {
      quoted(sha256(bytes.toArray()), text);
    } else {
      quoted(value.toString(), text);
    }
  }

  private static boolean isEmpty(Object value) {
    return value instanceof Optional<?> optional && optional.isEmpty()
        || value instanceof Map<?, ?> map && map.isEmpty()
        || value instanceof List<?> list && list.isEmpty()
        || value instanceof String string && string.isEmpty();
  }

  private static Map<String, Object> components(Record record) {
    Map<String, Object> components = new TreeMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        components.put(component.getName(), component.getAccessor().invoke(record));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(component + " can't be read", e);
      }
    }
    return components;
  }

  /** Length first, so that no text can look like two. */
  private static void quoted(String word, StringBuilder text) {
    text.append(word.length()).append('"').append(word).append('"');
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}
