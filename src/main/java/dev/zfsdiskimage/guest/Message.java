package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/** One valid line of the console protocol. */
record Message(
    int seq,
    String step,
    State state,
    Set<ConditionType> done,
    Duration time,
    int exitStatus,
    OptionalLong bytes,
    Optional<Reason> reason,
    String text,
    Optional<String> poolGuid,
    OptionalLong poolBytes,
    Optional<String> zfsVersion) {

  /** More messages than any build sends: one every 10 seconds for 16 weeks. */
  static final int MAX_SEQ = 1_000_000;

  private static final String START = "@@ZDI ";
  private static final String CRC = " crc=";
  private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,39}");
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
  private static final Pattern GUID = Pattern.compile("[0-9]{1,20}");

  private static final Set<ConditionType> STEP_CONDITIONS =
      EnumSet.of(
          ConditionType.PARTITIONED,
          ConditionType.POOL_CREATED,
          ConditionType.INSTALLED,
          ConditionType.EXPORTED);

  /** What a guest may say of its own failure; everything else is for others to judge. */
  private static final Set<Reason> GUEST_REASONS =
      EnumSet.of(
          Reason.SCRIPT_FAILED,
          Reason.STEP_FAILED,
          Reason.ROOT_DISK_FULL,
          Reason.BOOT_DISK_FULL,
          Reason.GUEST_OUT_OF_MEMORY,
          Reason.DISK_NOT_BLANK,
          Reason.DISK_SIZE_WRONG,
          Reason.DISK_MISSING,
          Reason.PAYLOAD_INVALID,
          Reason.PAYLOAD_UNAVAILABLE);

  enum State {
    START,
    RUN,
    DONE,
    FAILED,
    FINISHED;

    static Optional<State> of(String word) {
      return switch (word) {
        case "start" -> Optional.of(START);
        case "run" -> Optional.of(RUN);
        case "done" -> Optional.of(DONE);
        case "failed" -> Optional.of(FAILED);
        case "finished" -> Optional.of(FINISHED);
        default -> Optional.empty();
      };
    }
  }

  /** The message on this line, or empty when the line is plain text. */
  static Optional<Message> parse(byte[] line, int length, String nonce) {
    return checkedFields(line, length, START).flatMap(fields -> of(fields, nonce));
  }

  /**
   * The fields of a line that begins with {@code start} and whose checksum is right, or empty for
   * any other line. A field given twice makes the line text.
   */
  static Optional<Map<String, String>> checkedFields(byte[] line, int length, String start) {
    String text = new String(line, 0, length, StandardCharsets.ISO_8859_1);
    int crc = text.lastIndexOf(CRC);
    if (!text.startsWith(start) || crc < 0) {
      return Optional.empty();
    }
    String sum = text.substring(crc + CRC.length());
    if (!NUMBER.matcher(sum).matches() || Long.parseLong(sum) != Cksum.of(line, 0, crc)) {
      return Optional.empty();
    }
    Map<String, String> fields = new HashMap<>();
    for (String field : text.substring(start.length(), crc).split(" ")) {
      int equals = field.indexOf('=');
      if (equals < 1
          || fields.put(field.substring(0, equals), field.substring(equals + 1)) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(fields);
  }

  private static Optional<Message> of(Map<String, String> fields, String nonce) {
    String seq = fields.getOrDefault("seq", "");
    String step = fields.getOrDefault("step", "");
    Optional<State> state = State.of(fields.getOrDefault("state", ""));
    String time = fields.getOrDefault("t", "");
    String exitStatus = fields.getOrDefault("rc", "");
    boolean valid =
        "1".equals(fields.get("v"))
            && nonce.equals(fields.get("build"))
            && NUMBER.matcher(seq).matches()
            && Long.parseLong(seq) <= MAX_SEQ
            && WORD.matcher(step).matches()
            && state.isPresent()
            && fields.containsKey("done")
            && SECONDS.matcher(time).matches()
            && NUMBER.matcher(exitStatus).matches()
            && Long.parseLong(exitStatus) <= 255;
    if (!valid) {
      return Optional.empty();
    }
    return Optional.of(
        new Message(
            Integer.parseInt(seq),
            step,
            state.get(),
            conditions(fields.get("done")),
            Duration.ofMillis((long) (Double.parseDouble(time) * 1000)),
            Integer.parseInt(exitStatus),
            number(fields, "bytes"),
            Optional.ofNullable(fields.get("reason"))
                .flatMap(Reason::of)
                .filter(GUEST_REASONS::contains),
            PlainText.printable(PercentText.decode(fields.getOrDefault("msg", ""))),
            Optional.ofNullable(fields.get("guid")).filter(guid -> GUID.matcher(guid).matches()),
            number(fields, "size"),
            Optional.ofNullable(fields.get("zfs"))
                .map(PercentText::decode)
                .map(PlainText::printable)));
  }

  private static Set<ConditionType> conditions(String list) {
    Set<ConditionType> conditions = EnumSet.noneOf(ConditionType.class);
    for (String word : list.split(",")) {
      for (ConditionType type : STEP_CONDITIONS) {
        if (type.word().equals(word)) {
          conditions.add(type);
        }
      }
    }
    return conditions;
  }

  private static OptionalLong number(Map<String, String> fields, String name) {
    String value = fields.getOrDefault(name, "");
    return NUMBER.matcher(value).matches()
        ? OptionalLong.of(Long.parseLong(value))
        : OptionalLong.empty();
  }
}
