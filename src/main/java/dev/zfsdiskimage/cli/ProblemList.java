package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.schema.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Everything that is wrong with one resource's file, in the order of its lines. */
record ProblemList(String file, List<Problem> problems) {
  ProblemList {
    problems =
        problems.stream()
            .sorted(Comparator.comparingInt(problem -> problem.line().orElse(0)))
            .toList();
  }

  /** For a person: {@code file:line: field: value: complaint}, and the remedy below. */
  List<String> lines(Terminal terminal) {
    List<String> lines = new ArrayList<>();
    for (Problem problem : problems) {
      String place = problem.line().isPresent() ? file + ":" + problem.line().getAsInt() : file;
      List<String> parts = new ArrayList<>(List.of(place));
      if (!problem.field().isEmpty()) {
        parts.add(terminal.styled("bold", problem.field()));
      }
      if (!problem.value().isEmpty()) {
        parts.add(Printable.line(problem.value()));
      }
      parts.add(Printable.line(problem.complaint()));
      lines.add(String.join(": ", parts));
      if (!problem.remedy().isEmpty()) {
        lines.addAll(terminal.remedy("    ", Printable.line(problem.remedy())));
      }
    }
    String count = problems.size() == 1 ? "1 problem" : problems.size() + " problems";
    lines.add(terminal.styled("red", count) + " in " + file);
    return lines;
  }

  /** For a program: one line each. */
  void write(JsonLines lines) {
    for (Problem problem : problems) {
      lines.write(
          "problem",
          line -> {
            line.put("file", file);
            problem.line().ifPresent(number -> line.put("line", number));
            line.put("field", problem.field())
                .put("value", problem.value())
                .put("complaint", problem.complaint())
                .put("remedy", problem.remedy())
                .put("reason", problem.reason().word());
          });
    }
  }
}
