package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.api.Reason;
import java.util.ArrayList;
import java.util.List;

/** How a failure is told to a person. */
final class FailureText {
  private FailureText() {}

  /** The exit status: whether another input would help. */
  static int status(Reason reason) {
    return reason == Reason.INVALID_SPEC || reason == Reason.REFERENCE_NOT_FOUND
        ? Zdi.WRONG_INPUT
        : Zdi.FAILED;
  }

  /** The reason with its message, and the remedy below. */
  static List<String> lines(Reason reason, String message, Terminal terminal) {
    List<String> lines = new ArrayList<>();
    String head = terminal.styled("red", reason.word()) + ": ";
    for (String line : message.split("\n")) {
      lines.add(head + Printable.line(line));
      head = "  ";
    }
    if (!reason.remedy().isEmpty()) {
      lines.addAll(terminal.remedy("  ", reason.remedy()));
    }
    return lines;
  }
}
