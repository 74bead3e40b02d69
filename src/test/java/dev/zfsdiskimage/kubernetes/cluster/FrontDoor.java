package dev.zfsdiskimage.kubernetes.cluster;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/**
 * Stands before an HTTP server that cannot upgrade a connection, as the JDK's: serves web sockets
 * itself and hands every other connection through, byte for byte. What the first request of a
 * connection asks for decides.
 */
final class FrontDoor implements AutoCloseable {
  private static final int LONGEST_HEAD = 64 << 10;

  private final InetSocketAddress behind;
  private final Executor threads;
  private final WebSockets webSockets;
  private final ServerSocket door;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** Serves the web sockets that it knows. */
  interface WebSockets {
    /** Whether the path is one of its own. */
    boolean serves(String path);

    /** Answers the request, and serves the connection to its end. */
    void serve(Request request, InputStream in, OutputStream out) throws IOException;
  }

  /**
   * A request's head.
   *
   * @param headers by lower-case name
   */
  record Request(String path, Map<String, String> headers) {
    private static Request parse(byte[] head) {
      String[] lines = new String(head, StandardCharsets.ISO_8859_1).split("\r\n");
      Map<String, String> headers =
          Arrays.stream(lines)
              .skip(1)
              .map(line -> line.split(": *", 2))
              .collect(
                  Collectors.toMap(
                      sides -> sides[0].toLowerCase(Locale.ROOT),
                      sides -> sides.length == 2 ? sides[1].strip() : "",
                      (one, other) -> one + ", " + other));
      String[] words = lines[0].split(" ");
      return new Request(words.length > 1 ? words[1].replaceFirst("\\?.*", "") : "", headers);
    }

    private boolean upgrades() {
      return headers.getOrDefault("upgrade", "").equalsIgnoreCase("websocket");
    }
  }

  FrontDoor(InetSocketAddress behind, Executor threads, WebSockets webSockets) {
    this.behind = behind;
    this.threads = threads;
    this.webSockets = webSockets;
    try {
      door = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  int port() {
    return door.getLocalPort();
  }

  @Override
  public void close() {
    quietly(door);
    open.forEach(FrontDoor::quietly);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = door.accept();
        threads.execute(() -> serve(client));
      }
    } catch (IOException e) {
      // Closed.
      return;
    }
  }

  private void serve(Socket client) {
    open.add(client);
    try (client) {
      client.setTcpNoDelay(true);
      byte[] head = head(client.getInputStream());
      Request request = Request.parse(head);
      if (request.upgrades() && webSockets.serves(request.path())) {
        webSockets.serve(request, client.getInputStream(), client.getOutputStream());
      } else if (head.length > 0) {
        handThrough(client, head);
      }
    } catch (IOException e) {
      // One of the two has gone; there is nobody to tell.
      return;
    } finally {
      open.remove(client);
    }
  }

  private static byte[] head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int newest = 0;
    while (newest != 0x0d0a0d0a && head.size() < LONGEST_HEAD) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.write(next);
      newest = newest << 8 | next;
    }
    return head.toByteArray();
  }

  /** A side that ends ends both: no HTTP client goes on listening when it has said its last. */
  private void handThrough(Socket client, byte[] head) throws IOException {
    try (Socket server = new Socket()) {
      server.connect(behind);
      server.setTcpNoDelay(true);
      InputStream asked =
          new SequenceInputStream(new ByteArrayInputStream(head), client.getInputStream());
      threads.execute(() -> pump(asked, server, client));
      pump(server.getInputStream(), client, server);
    }
  }

  private static void pump(InputStream from, Socket to, Socket other) {
    try (to;
        other) {
      from.transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The other direction has ended both.
      return;
    }
  }

  private static void quietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
