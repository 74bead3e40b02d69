package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.engine.Status.Condition;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * For a log: a line when a step starts and when it ends, and a sign of life in between when it
 * takes long.
 */
final class PlainDisplay implements BuildDisplay {
  /** How often a long step says that it lives. */
  static final Duration SIGN_OF_LIFE = Duration.ofSeconds(30);

  private final Terminal terminal;
  private final Map<String, Running> running = new LinkedHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "signs of life");
            thread.setDaemon(true);
            return thread;
          });

  private static final class Running {
    private final long startedNanos = System.nanoTime();
    private long saidNanos = startedNanos;
    private OptionalLong bytes = OptionalLong.empty();
  }

  PlainDisplay(Terminal terminal, Duration signOfLife) {
    this.terminal = terminal;
    long look = Math.max(signOfLife.toNanos() / 10, 1);
    clock.scheduleAtFixedRate(
        () -> sayWhatLives(System.nanoTime(), signOfLife), look, look, TimeUnit.NANOSECONDS);
  }

  @Override
  public synchronized void note(String text) {
    terminal.out().println(text);
  }

  @Override
  public synchronized void started(String step) {
    running.put(step, new Running());
    terminal.out().println(step + ": started");
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
    terminal.out().println("  " + Printable.line(text));
  }

  @Override
  public void condition(Condition condition) {
    // The steps that reach it are in the log.
  }

  @Override
  public synchronized void finished(String step, Duration took) {
    Running known = running.remove(step);
    String bytes = known == null ? "" : amount(known.bytes);
    terminal.out().println(step + ": done in " + Quantity.elapsed(took) + bytes);
  }

  @Override
  public synchronized void failed(String step, Duration took) {
    running.remove(step);
    terminal.out().println(step + ": failed after " + Quantity.elapsed(took));
  }

  @Override
  public synchronized void close() {
    clock.shutdownNow();
    running.forEach(
        (step, state) ->
            terminal
                .out()
                .println(
                    step
                        + ": given up after "
                        + Quantity.elapsed(
                            Duration.ofNanos(System.nanoTime() - state.startedNanos))));
    running.clear();
  }

  private synchronized void sayWhatLives(long now, Duration signOfLife) {
    running.forEach(
        (step, state) -> {
          if (now - state.saidNanos >= signOfLife.toNanos()) {
            state.saidNanos = now;
            Duration elapsed = Duration.ofNanos(now - state.startedNanos);
            terminal
                .out()
                .println(step + ": running for " + Quantity.elapsed(elapsed) + amount(state.bytes));
          }
        });
  }

  private static String amount(OptionalLong bytes) {
    return bytes.isPresent() ? ", " + Quantity.bytes(bytes.getAsLong()) : "";
  }
}
