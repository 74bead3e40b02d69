package dev.zfsdiskimage.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Status.Condition;
import java.time.Duration;

/** For a program: one JSON object a line. */
final class JsonDisplay implements BuildDisplay {
  private final JsonLines lines;

  JsonDisplay(JsonLines lines) {
    this.lines = lines;
  }

  @Override
  public void note(String text) {
    lines.write("note", line -> line.put("message", text));
  }

  @Override
  public void started(String step) {
    lines.write("step", line -> line.put("step", step).put("state", "started"));
  }

  @Override
  public void came(String step, long bytes) {
    lines.write("step", line -> line.put("step", step).put("state", "running").put("bytes", bytes));
  }

  @Override
  public void doing(String text) {
    lines.write("activity", line -> line.put("message", text));
  }

  @Override
  public void condition(Condition condition) {
    lines.write(
        "condition",
        line ->
            line.put("type", condition.type().word())
                .put("status", word(condition.value()))
                .put("reason", condition.reason().word())
                .put("message", condition.message()));
  }

  @Override
  public void finished(String step, Duration took) {
    lines.write("step", line -> ended(line, step, "finished", took));
  }

  @Override
  public void failed(String step, Duration took) {
    lines.write("step", line -> ended(line, step, "failed", took));
  }

  @Override
  public void close() {
    // The command writes the last line: the result.
  }

  private static String word(ZfsDiskImageStatus.Status status) {
    return switch (status) {
      case TRUE -> "True";
      case FALSE -> "False";
      case UNKNOWN -> "Unknown";
    };
  }

  private static void ended(ObjectNode line, String step, String state, Duration took) {
    line.put("step", step).put("state", state).put("seconds", took.toMillis() / 1000.0);
  }
}
