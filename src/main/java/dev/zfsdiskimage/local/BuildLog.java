package dev.zfsdiskimage.local;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code build.log}: the consoles of the VMs as they came, and our own lines between them, which
 * begin with {@code zdi: }. A flood on a console is cut; a log that cannot be written fails no
 * build.
 */
final class BuildLog implements AutoCloseable {
  private static final long MOST_CONSOLE_BYTES = 64L << 20;

  private final Path file;
  private final OutputStream stream;
  private long consoleBytes;
  private boolean atLineStart = true;
  private boolean broken;

  BuildLog(Path file) throws IOException {
    this.file = file;
    this.stream = new BufferedOutputStream(Files.newOutputStream(file));
  }

  Path file() {
    return file;
  }

  /** Adds a line of our own. */
  synchronized void say(String text) {
    StringBuilder lines = new StringBuilder(atLineStart ? "" : "\n");
    text.lines().forEach(line -> lines.append("zdi: ").append(line).append('\n'));
    write(lines.toString().getBytes(StandardCharsets.UTF_8));
    flush();
  }

  /** Adds bytes of a console, without carriage returns. */
  synchronized void console(byte[] bytes) {
    if (consoleBytes > MOST_CONSOLE_BYTES) {
      return;
    }
    consoleBytes += bytes.length;
    byte[] plain = new byte[bytes.length];
    int length = 0;
    for (byte each : bytes) {
      if (each != '\r') {
        plain[length++] = each;
      }
    }
    write(java.util.Arrays.copyOf(plain, length));
    flush();
    if (consoleBytes > MOST_CONSOLE_BYTES) {
      say("the consoles said more than " + (MOST_CONSOLE_BYTES >> 20) + " MiB; the rest is cut");
    }
  }

  private void write(byte[] bytes) {
    if (bytes.length == 0 || broken) {
      return;
    }
    try {
      stream.write(bytes);
      atLineStart = bytes[bytes.length - 1] == '\n';
    } catch (IOException e) {
      broken = true;
    }
  }

  private void flush() {
    try {
      stream.flush();
    } catch (IOException e) {
      broken = true;
    }
  }

  @Override
  public synchronized void close() {
    try {
      stream.close();
    } catch (IOException e) {
      broken = true;
    }
  }
}
