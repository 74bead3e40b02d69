package dev.zfsdiskimage.kubernetes.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** What a container has written, for those who follow it and those who come late. */
public final class Console {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private boolean closed;
  private long interruptions;

  /** Writes lines as a terminal does, each ended by CR LF. */
  public synchronized void print(String... lines) {
    for (String line : lines) {
      byte[] bytes = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
      written.write(bytes, 0, bytes.length);
    }
    notifyAll();
  }

  /** Writes bytes as they are. */
  public synchronized void write(byte[] bytes, int offset, int count) {
    written.write(bytes, offset, count);
    notifyAll();
  }

  /** The container has ended. */
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  /** Cuts off everyone who follows now; they may come again. */
  public synchronized void interruptFollowers() {
    interruptions++;
    notifyAll();
  }

  /** All so far. */
  public synchronized byte[] snapshot() {
    return written.toByteArray();
  }

  /** Copies everything, and with {@code follow} what is still to come, until the container ends. */
  void copyTo(OutputStream out, boolean follow) throws IOException {
    int sent = 0;
    long mine;
    synchronized (this) {
      mine = interruptions;
    }
    while (true) {
      byte[] portion;
      boolean last;
      synchronized (this) {
        while (follow && !closed && mine == interruptions && written.size() == sent) {
          try {
            wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
          }
        }
        byte[] all = written.toByteArray();
        portion = java.util.Arrays.copyOfRange(all, sent, all.length);
        last = !follow || closed || mine != interruptions;
      }
      out.write(portion);
      out.flush();
      sent += portion.length;
      if (last) {
        return;
      }
    }
  }
}
