package dev.zfsdiskimage.schema;

import dev.zfsdiskimage.api.Reason;
import java.util.OptionalInt;

/**
 * What is wrong with one field of a resource.
 *
 * @param reason {@link Reason#INVALID_SPEC} or {@link Reason#REFERENCE_NOT_FOUND}
 * @param field path of the field, {@code spec.root.datasets[1].mount}; empty when it is the whole
 *     text
 * @param value what stands there, in short; empty when nothing does or it is secret
 * @param complaint why that can't be, a sentence that goes on from the value
 * @param remedy what to write instead
 * @param line line of the resource's text, from 1 on, where it is known
 */
public record Problem(
    Reason reason, String field, String value, String complaint, String remedy, OptionalInt line) {
  private static final int SHOWN = 80;

  /** A problem of the resource itself. */
  public static Problem invalid(String field, String value, String complaint, String remedy) {
    return new Problem(
        Reason.INVALID_SPEC, field, shortened(value), complaint, remedy, OptionalInt.empty());
  }

  /** Something that the resource refers to is missing. */
  public static Problem notFound(String field, String value, String complaint, String remedy) {
    return new Problem(
        Reason.REFERENCE_NOT_FOUND,
        field,
        shortened(value),
        complaint,
        remedy,
        OptionalInt.empty());
  }

  /** The same problem, at {@code line} of the text. */
  public Problem atLine(OptionalInt line) {
    return new Problem(reason, field, value, complaint, remedy, line);
  }

  /** One line for a person: line, field, value, complaint, remedy. */
  public String describe() {
    var text = new StringBuilder();
    line.ifPresent(number -> text.append("line ").append(number).append(": "));
    if (!field.isEmpty()) {
      text.append(field).append(": ");
    }
    if (!value.isEmpty()) {
      text.append(value).append(": ");
    }
    text.append(complaint);
    if (!remedy.isEmpty()) {
      text.append("; ").append(remedy);
    }
    return text.toString();
  }

  private static String shortened(String value) {
    return value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
  }
}
