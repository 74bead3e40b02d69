package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.engine.Status.Condition;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;

/**
 * For a terminal: finished steps stay as lines, and below them the newest running step is
 * repainted.
 */
final class LiveDisplay implements BuildDisplay {
  private static final int REPAINT_MILLIS = 120;
  private static final String ERASE_LINE = "\r\033[K";

  private final Terminal terminal;
  private final StepLine line;
  private final Map<String, Running> running = new LinkedHashMap<>();
  private final ProgressBar painter;

  private static final class Running {
    private final long startedNanos = System.nanoTime();
    private OptionalLong bytes = OptionalLong.empty();
    private String detail = "";

    private Duration elapsed() {
      return Duration.ofNanos(System.nanoTime() - startedNanos);
    }
  }

  LiveDisplay(Terminal terminal) {
    this.terminal = terminal;
    this.line = new StepLine(terminal);
    // Indefinite: nobody knows how long an installation takes.
    this.painter =
        new ProgressBarBuilder()
            .setInitialMax(-1)
            .setUpdateIntervalMillis(REPAINT_MILLIS)
            .continuousUpdate()
            .setRenderer((state, columns) -> newest(columns))
            .setConsumer(new LastLine())
            .build();
  }

  @Override
  public void note(String text) {
    Printable.wrapped(text, columns()).forEach(this::above);
  }

  @Override
  public synchronized void started(String step) {
    running.put(step, new Running());
    painter.refresh();
  }

  @Override
  public synchronized void came(String step, long bytes) {
    Running known = running.get(step);
    if (known != null) {
      known.bytes = OptionalLong.of(bytes);
    }
  }

  @Override
  public synchronized void doing(String text) {
    newestStep().ifPresent(step -> running.get(step).detail = Printable.line(text));
  }

  @Override
  public void condition(Condition condition) {
    // The steps that reach it are on the screen.
  }

  @Override
  public synchronized void finished(String step, Duration took) {
    Running known = running.remove(step);
    OptionalLong bytes = known == null ? OptionalLong.empty() : known.bytes;
    above(line.finished(step, took, bytes, columns()));
  }

  @Override
  public synchronized void failed(String step, Duration took) {
    running.remove(step);
    above(line.failed(step, took, columns()));
  }

  @Override
  public void close() {
    synchronized (this) {
      Map<String, Running> givenUp = new LinkedHashMap<>(running);
      running.clear();
      givenUp.forEach((step, state) -> above(line.failed(step, state.elapsed(), columns())));
    }
    painter.close();
  }

  private synchronized void above(String text) {
    terminal.out().print(ERASE_LINE + text + System.lineSeparator());
    terminal.out().print(newest(columns()));
    terminal.out().flush();
  }

  private synchronized String newest(int columns) {
    return newestStep()
        .map(
            step -> {
              Running state = running.get(step);
              return line.running(step, state.elapsed(), state.bytes, state.detail, columns);
            })
        .orElse("");
  }

  private Optional<String> newestStep() {
    return running.keySet().stream().reduce((older, newer) -> newer);
  }

  /** One less than there are: a terminal wraps when the last column is written. */
  private int columns() {
    return terminal.columns().getAsInt() - 1;
  }

  private final class LastLine implements ProgressBarConsumer {
    @Override
    public int getMaxRenderedLength() {
      return columns();
    }

    @Override
    public void accept(String text) {
      synchronized (LiveDisplay.this) {
        // Rendered again under the lock: the step may have ended since.
        terminal.out().print(ERASE_LINE + newest(columns()));
        terminal.out().flush();
      }
    }

    @Override
    public void close() {
      terminal.out().print(ERASE_LINE);
      terminal.out().flush();
    }
  }
}
