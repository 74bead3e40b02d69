package dev.zfsdiskimage.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.Optional;

/** One line that QEMU sends on its machine protocol (docs/interop/qmp-spec of QEMU). */
sealed interface QmpMessage {
  /** Sent first, before any command is taken. */
  record Greeting() implements QmpMessage {}

  /** A command succeeded. */
  record Returned(JsonNode value) implements QmpMessage {}

  /** A command failed. */
  record Refused(String kind, String description) implements QmpMessage {}

  /** Something happened. */
  record Event(String name, JsonNode data) implements QmpMessage {
    /** The same as an event of the VM, or empty when nobody waits for it. */
    Optional<VmEvent> asVmEvent() {
      return switch (name) {
        case "GUEST_PANICKED" -> Optional.of(new VmEvent.GuestPanicked());
        case "SHUTDOWN" ->
            Optional.of(
                new VmEvent.ShuttingDown(
                    data.path("guest").asBoolean(), data.path("reason").asText()));
        case "BLOCK_IO_ERROR" ->
            data.path("action").asText().equals("stop")
                ? Optional.of(
                    new VmEvent.DiskFailed(
                        data.path("node-name").asText(),
                        data.path("nospace").asBoolean(),
                        data.path("operation").asText() + ": " + data.path("reason").asText()))
                : Optional.empty();
        default -> Optional.empty();
      };
    }
  }

  /** Anything else, which is skipped. */
  record Other(String line) implements QmpMessage {}

  /** Reads one line. */
  static QmpMessage parse(String line) {
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      return new Other(line);
    }
    if (node.has("QMP")) {
      return new Greeting();
    }
    if (node.has("event")) {
      return new Event(node.get("event").asText(), node.path("data"));
    }
    if (node.has("return")) {
      return new Returned(node.get("return"));
    }
    if (node.has("error")) {
      return new Refused(
          node.get("error").path("class").asText(), node.get("error").path("desc").asText());
    }
    return new Other(line);
  }

  /** A command as a line. */
  static String command(String name) {
    try {
      return Json.MAPPER.writeValueAsString(Map.of("execute", name)) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of strings is always JSON", e);
    }
  }

  /** The one JSON reader and writer. */
  final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}
  }
}
