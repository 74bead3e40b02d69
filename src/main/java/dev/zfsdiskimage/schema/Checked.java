package dev.zfsdiskimage.schema;

import java.util.List;
import java.util.function.Function;

/** Either a value that holds every rule, or all the reasons why there is none. */
public sealed interface Checked<T> {
  /** A value that holds every rule. */
  record Valid<T>(T value) implements Checked<T> {}

  /** Why there is no value; at least one problem. */
  record Invalid<T>(List<Problem> problems) implements Checked<T> {
    public Invalid {
      if (problems.isEmpty()) {
        throw new IllegalArgumentException("nothing is invalid without a problem");
      }
      problems = List.copyOf(problems);
    }
  }

  /** What {@code next} makes of the value; problems stay as they are. */
  default <R> Checked<R> then(Function<T, Checked<R>> next) {
    if (this instanceof Valid<T> valid) {
      return next.apply(valid.value());
    }
    return new Invalid<>(problems());
  }

  /** The problems; empty when there is a value. */
  default List<Problem> problems() {
    return this instanceof Invalid<T> invalid ? invalid.problems() : List.of();
  }
}
