package dev.zfsdiskimage.kubernetes.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A serial console as KubeVirt shows it: a log, from its start and in whole lines, for those who
 * follow it and those who come late; and what is written from now on, byte for byte, for one viewer
 * at a time, who can type.
 */
public final class Console {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final BlockingQueue<byte[]> typed = new LinkedBlockingQueue<>();
  private boolean closed;
  private long interruptions;
  private long newestViewer;
  private int shown;
  private int viewers;

  /** Writes lines as a terminal does, each ended by CR LF. */
  public void print(String... lines) {
    for (String line : lines) {
      write(line + "\r\n");
    }
  }

  /** Writes a text that may end no line. */
  public void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(bytes, 0, bytes.length);
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

  /** Cuts off everyone who follows the log now; they may come again. */
  public synchronized void interruptFollowers() {
    interruptions++;
    notifyAll();
  }

  /** Sends the viewer away, as another viewer would by coming. */
  public synchronized void interruptViewer() {
    newestViewer++;
    notifyAll();
  }

  /** Waits until a viewer types something. */
  public byte[] readTyped() throws InterruptedException {
    return typed.take();
  }

  /** How often something was typed that nobody has read. */
  public int unread() {
    return typed.size();
  }

  /** Waits until the viewer was sent all that was written. */
  public synchronized void awaitShown() throws InterruptedException {
    while (shown < written.size()) {
      wait();
    }
  }

  /** How many are connected as viewers. */
  public synchronized int viewers() {
    return viewers;
  }

  /** All so far. */
  public synchronized byte[] snapshot() {
    return written.toByteArray();
  }

  void type(byte[] bytes) {
    typed.add(bytes);
  }

  /** Begins a view, which ends an older one. */
  View view() {
    return new View();
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
        while (follow && !closed && mine == interruptions && lines(sent).length == 0) {
          if (!waited()) {
            return;
          }
        }
        portion = lines(sent);
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

  private boolean waited() {
    try {
      wait();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The whole lines from there on. */
  private byte[] lines(int from) {
    byte[] all = written.toByteArray();
    int end = all.length;
    while (end > from && all[end - 1] != '\n') {
      end--;
    }
    return Arrays.copyOfRange(all, from, end);
  }

  /** One viewer's. */
  final class View implements AutoCloseable {
    private final long number;
    private int from;

    private View() {
      synchronized (Console.this) {
        number = ++newestViewer;
        from = written.size();
        shown = from;
        viewers++;
        Console.this.notifyAll();
      }
    }

    /** Copies what is written from now on, until the container ends or another viewer comes. */
    void copyTo(OutputStream out) throws IOException {
      while (true) {
        byte[] portion;
        synchronized (Console.this) {
          while (!isOver() && written.size() == from) {
            if (!waited()) {
              return;
            }
          }
          if (isOver()) {
            return;
          }
          byte[] all = written.toByteArray();
          portion = Arrays.copyOfRange(all, from, all.length);
        }
        out.write(portion);
        from += portion.length;
        synchronized (Console.this) {
          if (number == newestViewer) {
            shown = from;
            Console.this.notifyAll();
          }
        }
      }
    }

    private boolean isOver() {
      return closed || number != newestViewer;
    }

    /** The viewer goes. */
    void leave() {
      synchronized (Console.this) {
        if (number == newestViewer) {
          newestViewer++;
        }
        Console.this.notifyAll();
      }
    }

    @Override
    public void close() {
      synchronized (Console.this) {
        viewers--;
      }
    }
  }
}
