package dev.zfsdiskimage.cli;

import java.util.ArrayList;
import java.util.List;

/** How checks of the machine look. */
final class CheckTable {
  private CheckTable() {}

  /** A line for each check, and its remedy below where it has one. */
  static List<String> lines(List<Check> checks, Terminal terminal) {
    int name = checks.stream().mapToInt(check -> check.name().length()).max().orElse(0);
    List<String> lines = new ArrayList<>();
    for (Check check : checks) {
      lines.add(
          mark(check.verdict(), terminal)
              + "  "
              + check.name()
              + " ".repeat(name - check.name().length() + 2)
              + check.found());
      if (!check.remedy().isEmpty()) {
        lines.addAll(terminal.remedy(" ".repeat(name + 8), check.remedy()));
      }
    }
    return lines;
  }

  private static String mark(Check.Verdict verdict, Terminal terminal) {
    return switch (verdict) {
      case OK -> terminal.styled("green", "ok  ");
      case WARN -> terminal.styled("yellow", "warn");
      case FAIL -> terminal.styled("red", "fail");
    };
  }
}
