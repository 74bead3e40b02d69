package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.guest.ConsoleText;
import dev.zfsdiskimage.kubevirt.SerialConsole;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Watches the console of a booted copy as it is written, for a text that ends no line: the log of
 * the console holds whole lines only, and a login prompt is none. Ends once the text was seen, when
 * its time is over, or when its thread is interrupted.
 */
final class LiveConsole implements Runnable {
  static final Duration QUIET = Duration.ofSeconds(5);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  /**
   * Who opens a console ends the connection of whoever had it: a person who looks must not be
   * thrown out over and over.
   */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private static final byte[] ENTER = {'\r'};

  private final KubernetesClient client;
  private final String namespace;
  private final Awaited awaited;
  private final Clock clock;
  private final Duration quiet;
  private final BooleanSupplier hasPrintedLines;
  private final Consumer<Seen> news;
  private String openLine = "";

  /**
   * @param quiet how long the console must say nothing before it is asked
   * @param hasPrintedLines whether the log has a line already
   * @param news is told what was seen whenever that has changed
   */
  LiveConsole(
      KubernetesClient client,
      String namespace,
      Awaited awaited,
      Clock clock,
      Duration quiet,
      BooleanSupplier hasPrintedLines,
      Consumer<Seen> news) {
    this.client = client;
    this.namespace = namespace;
    this.awaited = awaited;
    this.clock = clock;
    this.quiet = quiet;
    this.hasPrintedLines = hasPrintedLines;
    this.news = news;
  }

  /**
   * What is waited for.
   *
   * @param machine the VM's name
   * @param until when it is too late
   */
  record Awaited(String machine, String text, Instant until) {}

  /**
   * What was seen.
   *
   * @param expected whether the text was
   * @param openLine what stood behind the last line end when the console was last seen
   * @param trouble why the console is not connected; empty while it is
   */
  record Seen(boolean expected, String openLine, Optional<String> trouble) {
    static final Seen NOTHING = new Seen(false, "", Optional.empty());
  }

  @Override
  public void run() {
    Duration pause = FIRST_PAUSE;
    try {
      while (!isOver()) {
        try (SerialConsole console = SerialConsole.open(client, namespace, awaited.machine())) {
          news.accept(new Seen(false, openLine, Optional.empty()));
          if (watch(console)) {
            return;
          }
        } catch (IOException e) {
          news.accept(new Seen(false, openLine, Optional.of(e.getMessage())));
        }
        Thread.sleep(pause.toMillis());
        pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether there is nothing left to do. */
  private boolean watch(SerialConsole console) throws IOException, InterruptedException {
    // What came before a connection was cut and what comes after it are no one text.
    ConsoleText text = new ConsoleText();
    boolean answered = false;
    boolean asked = false;
    while (!isOver()) {
      Optional<byte[]> output = console.read(quiet);
      if (output.isPresent()) {
        answered |= asked;
        text.add(output.get());
        boolean expected = text.contains(awaited.text());
        openLine = text.openLine();
        news.accept(new Seen(expected, openLine, Optional.empty()));
        if (expected) {
          return true;
        }
      } else if (hasPrintedLines.getAsBoolean() && !answered && !text.endsInMenu()) {
        // The prompt may have been there before this connection was; at Enter a getty prints it
        // anew. An answer shows that it was read, and what comes later is seen as it comes. Not
        // before the first line, nor at a menu: Enter would boot what GRUB and systemd-boot have
        // marked, and an image whose menu waits for a person must not pass as one that boots. A
        // kernel that is silent as it boots keeps it for the getty; UEFI takes it for "continue".
        console.write(ENTER);
        asked = true;
      }
    }
    return true;
  }

  private boolean isOver() {
    return !clock.instant().isBefore(awaited.until());
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
