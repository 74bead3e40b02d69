package dev.zfsdiskimage.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/** A terminal whose output a test reads. */
final class Screens {
  private static final String ERASURE = "\r\033[K";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Terminal terminal(int columns, boolean unicode) {
    return new Terminal(
        new PrintStream(bytes, true, StandardCharsets.UTF_8),
        true,
        unicode,
        Ansi.OFF,
        () -> columns);
  }

  /** The lines that a person sees: what a carriage return or an erasure took away is gone. */
  List<String> visible() {
    return Arrays.stream(written().split("\n"))
        .map(line -> line.substring(line.lastIndexOf(ERASURE) + 1).replace("\033[K", ""))
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** What was written so far. */
  String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
