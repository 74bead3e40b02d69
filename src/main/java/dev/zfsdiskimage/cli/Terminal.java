package dev.zfsdiskimage.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import picocli.CommandLine.Help.Ansi;

/**
 * One output stream, and what whoever reads it can show.
 *
 * @param interactive whether it is a terminal, so that lines can be repainted
 * @param unicode whether its encoding has box drawing, check marks and dots
 * @param ansi whether colours are wanted
 * @param columns its width now, in characters
 */
record Terminal(
    PrintStream out, boolean interactive, boolean unicode, Ansi ansi, IntSupplier columns) {
  private static final Pattern STYLE = Pattern.compile("\u001b\\[[0-9;]*m");
  private static final int DEFAULT_COLUMNS = 80;
  private static final int LEAST_COLUMNS = 20;
  private static final Duration WIDTH_AGE = Duration.ofSeconds(2);

  /**
   * The terminal behind a standard stream.
   *
   * @param tty whether it is one; Java can't tell for a single stream, so {@code zdi} does, in the
   *     system property {@code zdi.tty}
   */
  static Terminal of(PrintStream stream, boolean tty, Map<String, String> environment) {
    Charset charset = nativeCharset();
    boolean smart = tty && !"dumb".equals(environment.get("TERM"));
    boolean colour = smart && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(
        new PrintStream(stream, true, charset),
        smart,
        StandardCharsets.UTF_8.equals(charset),
        colour ? Ansi.ON : Ansi.OFF,
        smart ? new WindowWidth() : () -> DEFAULT_COLUMNS);
  }

  /** The locale's encoding, which is not the default charset from Java 18 on. */
  private static Charset nativeCharset() {
    try {
      return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    } catch (IllegalArgumentException unknown) {
      return StandardCharsets.US_ASCII;
    }
  }

  /** What shows a build best here. */
  BuildDisplay display() {
    return interactive ? new LiveDisplay(this) : new PlainDisplay(this, PlainDisplay.SIGN_OF_LIFE);
  }

  /** For picocli, which prints help and complaints about the command line. */
  PrintWriter writer() {
    return new PrintWriter(out, true);
  }

  /** The one of the two that this terminal can show. */
  String choose(String fancy, String plain) {
    return unicode ? fancy : plain;
  }

  /** What to do about something, on lines behind an arrow; wrapped where a person reads it. */
  List<String> remedy(String indent, String text) {
    String arrow = choose("→ ", "-> ");
    if (!interactive) {
      return List.of(indent + arrow + text);
    }
    int room = Math.max(columns.getAsInt() - indent.length() - arrow.length(), LEAST_COLUMNS);
    List<String> lines = new ArrayList<>();
    for (String line : Printable.wrapped(text, room)) {
      lines.add(indent + (lines.isEmpty() ? arrow : " ".repeat(arrow.length())) + line);
    }
    return lines;
  }

  /** How many columns {@code text} takes, styles left out. */
  int visibleLength(String text) {
    return STYLE.matcher(text).replaceAll("").length();
  }

  /** {@code text} in an ANSI style of picocli's, such as {@code green} or {@code bold}. */
  String styled(String style, String text) {
    if (!ansi.enabled() || text.isEmpty()) {
      return text;
    }
    // Not the text itself: picocli would read its own markup in it.
    return ansi.text("@|" + style + " x|@").toString().replace("x", text);
  }

  /**
   * Asks the terminal driver, at most every two seconds: windows are resized while a build runs.
   */
  private static final class WindowWidth implements IntSupplier {
    private int width = DEFAULT_COLUMNS;
    private long asked;
    private boolean known;

    @Override
    public synchronized int getAsInt() {
      long now = System.nanoTime();
      if (!known || now - asked > WIDTH_AGE.toNanos()) {
        known = true;
        asked = now;
        width = ask();
      }
      return width;
    }

    private int ask() {
      try {
        Process stty =
            new ProcessBuilder("stty", "size")
                .redirectInput(new File("/dev/tty"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        stty.waitFor(1, TimeUnit.SECONDS);
        int columns = Integer.parseInt(size.strip().replaceFirst("^\\S+ ", ""));
        return columns == 0 ? DEFAULT_COLUMNS : Math.max(columns, LEAST_COLUMNS);
      } catch (IOException | NumberFormatException unknown) {
        return width;
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return width;
      }
    }
  }
}
