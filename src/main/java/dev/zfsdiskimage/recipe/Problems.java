package dev.zfsdiskimage.recipe;

import dev.zfsdiskimage.schema.Problem;
import java.util.ArrayList;
import java.util.List;

/** The problems found so far in one resource. */
final class Problems {
  private final List<Problem> found = new ArrayList<>();

  /** See {@link Problem#invalid}; the value is shown in quotes. */
  void add(String field, String value, String complaint, String remedy) {
    found.add(Problem.invalid(field, value == null ? "" : '"' + value + '"', complaint, remedy));
  }

  void notFound(String field, String value, String complaint, String remedy) {
    found.add(Problem.notFound(field, '"' + value + '"', complaint, remedy));
  }

  List<Problem> found() {
    return List.copyOf(found);
  }

  boolean none() {
    return found.isEmpty();
  }
}
