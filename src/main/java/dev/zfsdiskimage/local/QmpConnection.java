package dev.zfsdiskimage.local;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;

/**
 * QEMU's machine protocol. QEMU calls us, so that there is no waiting for a socket to appear; the
 * socket's file is gone as soon as it has.
 */
final class QmpConnection implements Closeable {
  private final Path folder;
  private final ServerSocketChannel server;
  private final Consumer<QmpMessage.Event> events;
  private Thread reader;
  private SocketChannel channel;
  private String queued = "";

  private QmpConnection(
      Path folder, ServerSocketChannel server, Consumer<QmpMessage.Event> events) {
    this.folder = folder;
    this.server = server;
    this.events = events;
  }

  /**
   * Waits for QEMU in the background. The socket is in the system's folder for temporary files: its
   * path must be shorter than 108 bytes, which an output directory's may not be.
   */
  static QmpConnection listen(Consumer<QmpMessage.Event> events) throws IOException {
    Path folder =
        Files.createTempDirectory(
            "zdi-qmp-",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
    QmpConnection connection = new QmpConnection(folder, server, events);
    connection.reader = new Thread(connection::serve, "qmp");
    connection.reader.setDaemon(true);
    connection.reader.start();
    return connection;
  }

  /** The socket that QEMU connects to. */
  Path socket() {
    return folder.resolve("s");
  }

  private void serve() {
    try (SocketChannel accepted = server.accept()) {
      server.close();
      removeSocket();
      BufferedReader lines =
          new BufferedReader(Channels.newReader(accepted, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        handle(accepted, QmpMessage.parse(line));
      }
    } catch (IOException e) {
      // QEMU or we hung up; how the VM ended, its process tells.
    }
  }

  private void handle(SocketChannel accepted, QmpMessage message) throws IOException {
    if (message instanceof QmpMessage.Greeting) {
      send(accepted, QmpMessage.command("qmp_capabilities"));
      synchronized (this) {
        channel = accepted;
        if (!queued.isEmpty()) {
          send(accepted, queued);
        }
      }
    } else if (message instanceof QmpMessage.Event event) {
      events.accept(event);
    }
  }

  /** Presses the VM's power button. */
  void powerDown() {
    command("system_powerdown");
  }

  /** Ends QEMU. */
  void quit() {
    command("quit");
  }

  private synchronized void command(String name) {
    String line = QmpMessage.command(name);
    if (channel == null) {
      queued += line;
      return;
    }
    try {
      send(channel, line);
    } catch (IOException e) {
      // QEMU is gone already.
    }
  }

  private static void send(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void removeSocket() throws IOException {
    Files.deleteIfExists(socket());
    Files.deleteIfExists(folder);
  }

  /** After QEMU has ended: returns when all that it had sent was read. */
  @Override
  public void close() throws IOException {
    // Wakes the reader if QEMU never called.
    try (SocketChannel knock = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      knock.connect(UnixDomainSocketAddress.of(socket()));
    } catch (IOException e) {
      // The socket's file is gone: QEMU did call.
    }
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.close();
    removeSocket();
  }
}
