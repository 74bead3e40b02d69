package dev.zfsdiskimage.schema;

import java.util.regex.Pattern;

/** Where a field stands in a resource, as people write it: {@code spec.root.datasets[1].mount}. */
public record FieldPath(String text) {
  /** The resource itself. */
  public static final FieldPath ROOT = new FieldPath("");

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** The field {@code name} of this one; a name that is no plain word is put in brackets. */
  public FieldPath field(String name) {
    if (!PLAIN.matcher(name).matches()) {
      return new FieldPath(text + "[" + name + "]");
    }
    return new FieldPath(text.isEmpty() ? name : text + "." + name);
  }

  /** Entry {@code index} of this list, from 0 on. */
  public FieldPath item(int index) {
    return new FieldPath(text + "[" + index + "]");
  }

  /** The field above; the root's is the root. */
  public FieldPath parent() {
    int end = text.endsWith("]") ? text.lastIndexOf('[') : text.lastIndexOf('.');
    return end < 0 ? ROOT : new FieldPath(text.substring(0, end));
  }

  @Override
  public String toString() {
    return text;
  }
}
