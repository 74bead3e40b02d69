package dev.zfsdiskimage.cli;

import java.time.Duration;
import java.util.OptionalLong;

/** How one step looks on a line. */
final class StepLine {
  private static final String[] DOTS = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  private static final String[] STROKES = {"|", "/", "-", "\\"};
  private static final long TURN_MILLIS = 120;
  private static final int NAME_WIDTH = 16;
  private static final int LEAST_DETAIL = 10;

  private final Terminal terminal;

  StepLine(Terminal terminal) {
    this.terminal = terminal;
  }

  /** A step that runs, with a sign that turns; never longer than {@code columns}. */
  String running(String step, Duration elapsed, OptionalLong bytes, String detail, int columns) {
    String[] turns = terminal.unicode() ? DOTS : STROKES;
    String turn = turns[(int) (elapsed.toMillis() / TURN_MILLIS % turns.length)];
    String line = line(terminal.styled("cyan", turn), step, elapsed, bytes, columns);
    int room = columns - terminal.visibleLength(line) - 2;
    if (detail.isEmpty() || room < LEAST_DETAIL) {
      return line;
    }
    return line + "  " + (detail.length() <= room ? detail : detail.substring(0, room));
  }

  String finished(String step, Duration took, OptionalLong bytes, int columns) {
    return line(terminal.styled("green", terminal.choose("✓", "+")), step, took, bytes, columns);
  }

  String failed(String step, Duration took, int columns) {
    return line(
        terminal.styled("red", terminal.choose("✗", "x")),
        step,
        took,
        OptionalLong.empty(),
        columns);
  }

  private String line(String mark, String step, Duration elapsed, OptionalLong bytes, int columns) {
    String padded = step + " ".repeat(Math.max(0, NAME_WIDTH - step.length()));
    String time = String.format("%7s", Quantity.elapsed(elapsed));
    String amount = bytes.isPresent() ? "  " + Quantity.bytes(bytes.getAsLong()) : "";
    int room = columns - 2;
    for (String text :
        new String[] {padded + time + amount, padded + time, step + " " + time.strip()}) {
      if (text.length() <= room) {
        return mark + " " + text;
      }
    }
    return mark + " " + step.substring(0, Math.min(step.length(), Math.max(room, 0)));
  }
}
