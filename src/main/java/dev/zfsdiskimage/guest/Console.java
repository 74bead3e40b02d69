package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.guest.Progress.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads the console of one boot of the builder VM: feed it bytes in any portions, and ask for the
 * {@link #progress} or, for a check, the {@link #report} at any time.
 *
 * <p>Lines may be lost, cut, repeated, reordered or forged. A line is a message only if it begins
 * like one, its checksum is right and it carries this boot's nonce; everything else is text. Memory
 * stays bounded whatever comes. Not thread-safe.
 */
public final class Console {
  private static final int MAX_LINE_BYTES = 64 * 1024;
  private static final int TAIL_LINES = 40;
  private static final int MAX_STEPS = 40;
  private static final String PANIC = "Kernel panic - not syncing";

  private final String nonce;
  private final ReportParts reportParts;

  private final byte[] line = new byte[MAX_LINE_BYTES];
  private int length;
  private boolean overlong;
  private byte[] overwritten = new byte[0];

  private final Deque<String> tail = new ArrayDeque<>();
  private final BitSet seen = new BitSet();
  private long messages;
  private long different;
  private int newest = -1;
  private Optional<String> step = Optional.empty();
  private Optional<String> doing = Optional.empty();
  private final Set<ConditionType> done = EnumSet.noneOf(ConditionType.class);
  private final Map<String, Times> times = new LinkedHashMap<>();
  private Outcome outcome = new Outcome.Unknown();
  private int outcomeSeq = -1;
  private OptionalLong bytes = OptionalLong.empty();
  private int bytesSeq = -1;
  private Optional<String> guid = Optional.empty();
  private long poolBytes;
  private String zfsVersion = "";

  /** A reader for the boot that was given {@code nonce}. */
  public Console(String nonce) {
    this.nonce = nonce;
    this.reportParts = new ReportParts(nonce);
  }

  /** Reads some more of the console. */
  public void accept(byte[] portion) {
    accept(portion, 0, portion.length);
  }

  /** Reads {@code count} more bytes of the console. */
  public void accept(byte[] portion, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      switch (portion[i]) {
        case '\n' -> endLine();
        case '\r' -> returnCarriage();
        default -> append(portion[i]);
      }
    }
  }

  /** Reads one whole line. */
  public void acceptLine(String text) {
    accept(text.getBytes(StandardCharsets.UTF_8));
    accept(new byte[] {'\n'});
  }

  /** What the console has told so far. A line without its end counts only in the tail. */
  public Progress progress() {
    return new Progress(
        messages,
        step,
        doing,
        Set.copyOf(done),
        steps(),
        outcome,
        bytes,
        guid.map(known -> new Progress.PoolSeen(known, poolBytes, zfsVersion)),
        lost(),
        tailWithOpenLine());
  }

  /** The check's report, once one whole copy of it has come through. */
  public Optional<DiskReport> report() {
    return reportParts.report();
  }

  private void append(byte next) {
    if (length < MAX_LINE_BYTES) {
      line[length++] = next;
    } else {
      overlong = true;
    }
  }

  /** A message may end here; text before a lone carriage return will be written over. */
  private void returnCarriage() {
    if (length == 0) {
      return;
    }
    if (!isProtocol()) {
      overwritten = Arrays.copyOf(line, Math.min(length, 4096));
    }
    clearLine();
  }

  private void endLine() {
    if (length == 0) {
      addText(overwritten, overwritten.length);
    } else if (!isProtocol()) {
      addText(line, length);
    }
    overwritten = new byte[0];
    clearLine();
  }

  private void clearLine() {
    length = 0;
    overlong = false;
  }

  private boolean isProtocol() {
    if (overlong || line[0] != '@') {
      return false;
    }
    if (reportParts.accept(line, length)) {
      return true;
    }
    Optional<Message> message = Message.parse(line, length, nonce);
    message.ifPresent(this::accept);
    return message.isPresent();
  }

  private void addText(byte[] text, int count) {
    String plain = PlainText.printable(new String(text, 0, count, StandardCharsets.UTF_8));
    if (plain.isBlank()) {
      return;
    }
    if (tail.size() == TAIL_LINES) {
      tail.removeFirst();
    }
    tail.addLast(plain);
    int panic = plain.indexOf(PANIC);
    if (panic >= 0 && outcome instanceof Outcome.Unknown) {
      outcome = new Outcome.Panicked(plain.substring(panic));
    }
  }

  private void accept(Message message) {
    messages++;
    if (message.seq() > 0 && !seen.get(message.seq())) {
      seen.set(message.seq());
      different++;
    }
    done.addAll(message.done());
    message.poolGuid().ifPresent(known -> guid = Optional.of(known));
    message.poolBytes().ifPresent(known -> poolBytes = known);
    message.zfsVersion().ifPresent(known -> zfsVersion = known);
    time(message);
    judge(message);
    if (message.seq() > newest) {
      newest = message.seq();
      step = Optional.of(message.step());
      doing =
          Optional.of(message.text())
              .filter(text -> message.state() == Message.State.RUN && !text.isBlank());
    }
    if (message.bytes().isPresent() && message.seq() > bytesSeq) {
      bytesSeq = message.seq();
      bytes = message.bytes();
    }
  }

  private void time(Message message) {
    if (message.state() == Message.State.FINISHED) {
      Times last = times.get(message.step());
      if (last != null) {
        last.end(message.time());
      }
      return;
    }
    Times known = times.get(message.step());
    if (known == null) {
      if (times.size() == MAX_STEPS) {
        return;
      }
      known = new Times(message.time());
      times.put(message.step(), known);
    }
    known.begin(message.time());
    if (message.state() == Message.State.DONE || message.state() == Message.State.FAILED) {
      known.end(message.time());
    }
  }

  private void judge(Message message) {
    boolean ends =
        message.state() == Message.State.FINISHED || message.state() == Message.State.FAILED;
    if (ends && message.seq() > outcomeSeq) {
      outcomeSeq = message.seq();
      outcome =
          message.state() == Message.State.FINISHED
              ? new Outcome.Finished()
              : new Outcome.Failed(
                  message.step(),
                  message.reason().orElse(Reason.STEP_FAILED),
                  message.exitStatus(),
                  message.text());
    } else if (outcome instanceof Outcome.Panicked && message.seq() > newest) {
      // A guest that goes on talking did not panic: something only printed the words.
      outcome = new Outcome.Unknown();
    }
  }

  /** Steps by the time they began; a step whose end was lost ended when the next began. */
  private List<Progress.Step> steps() {
    Map<Duration, List<String>> byStart = new TreeMap<>();
    times.forEach(
        (name, span) -> byStart.computeIfAbsent(span.started, any -> new ArrayList<>()).add(name));
    List<String> names = byStart.values().stream().flatMap(List::stream).toList();
    List<Progress.Step> steps = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Times span = times.get(names.get(i));
      Optional<Duration> finished = span.finished;
      if (finished.isEmpty() && i + 1 < names.size()) {
        finished = Optional.of(times.get(names.get(i + 1)).started);
      }
      steps.add(new Progress.Step(names.get(i), span.started, finished));
    }
    return steps;
  }

  /** Sequence numbers begin at 1. */
  private long lost() {
    return Math.max(0, newest) - different;
  }

  private List<String> tailWithOpenLine() {
    List<String> lines = new ArrayList<>(tail);
    String open = PlainText.printable(new String(line, 0, length, StandardCharsets.UTF_8));
    if (!open.isBlank()) {
      lines.add(open);
    }
    return List.copyOf(lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  private static final class Times {
    private Duration started;
    private Optional<Duration> finished = Optional.empty();

    private Times(Duration started) {
      this.started = started;
    }

    private void begin(Duration time) {
      if (time.compareTo(started) < 0) {
        started = time;
      }
    }

    private void end(Duration time) {
      if (finished.isEmpty() || time.compareTo(finished.get()) < 0) {
        finished = Optional.of(time);
      }
    }
  }
}
