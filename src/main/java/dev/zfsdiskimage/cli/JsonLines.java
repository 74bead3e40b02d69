package dev.zfsdiskimage.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Objects with an {@code event}, one a line, in UTF-8 whatever the locale. */
final class JsonLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;

  JsonLines(PrintStream out) {
    this.out = new PrintStream(out, true, StandardCharsets.UTF_8);
  }

  /** Writes one object; {@code fill} adds to it what the event tells. */
  synchronized void write(String event, Consumer<ObjectNode> fill) {
    ObjectNode line = JSON.createObjectNode().put("event", event);
    fill.accept(line);
    write(line);
  }

  /** Writes one object. */
  synchronized void write(ObjectNode line) {
    try {
      out.println(JSON.writeValueAsString(line));
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
