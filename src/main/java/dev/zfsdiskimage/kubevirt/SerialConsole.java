package dev.zfsdiskimage.kubevirt;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.http.WebSocketHandshakeException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The serial console of a running VM, as {@code virtctl console} has it: KubeVirt's subresource
 * {@code console}, a web socket that carries the bytes of both directions in binary messages.
 *
 * <p>It shows only what the guest writes after it was opened. A VM has one such connection at a
 * time: KubeVirt ends an older one when somebody opens another.
 */
public final class SerialConsole implements AutoCloseable {
  private static final String SUBPROTOCOL = "plain.kubevirt.io";
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);
  private static final int NORMAL_CLOSURE = 1000;

  private final WebSocket socket;
  private final Inbox inbox;

  private SerialConsole(WebSocket socket, Inbox inbox) {
    this.socket = socket;
    this.inbox = inbox;
  }

  /**
   * Opens the console of a VM that runs.
   *
   * @throws IOException with what KubeVirt answered, if it refuses: 400 for a VM that does not run,
   *     404 for one that is not there
   */
  public static SerialConsole open(KubernetesClient client, String namespace, String name)
      throws IOException, InterruptedException {
    URI address =
        URI.create(client.getMasterUrl().toString())
            .resolve(
                "apis/subresources.kubevirt.io/v1/namespaces/%s/virtualmachineinstances/%s/console"
                    .formatted(namespace, name));
    Inbox inbox = new Inbox();
    CompletableFuture<WebSocket> opening =
        client
            .getHttpClient()
            .newWebSocketBuilder()
            .uri(WebSocket.toWebSocketUri(address))
            .subprotocol(SUBPROTOCOL)
            .connectTimeout(HANDSHAKE.toMillis(), TimeUnit.MILLISECONDS)
            .buildAsync(inbox);
    try {
      return new SerialConsole(opening.get(), inbox);
    } catch (InterruptedException e) {
      opening.thenAccept(late -> late.sendClose(NORMAL_CLOSURE, null));
      throw e;
    } catch (ExecutionException | CancellationException e) {
      throw new IOException(refusal(e), e);
    }
  }

  private static String refusal(Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return cause instanceof WebSocketHandshakeException refused
        ? "KubeVirt answered " + refused.getResponse().code()
        : cause.toString();
  }

  /**
   * What the guest has written next.
   *
   * @return empty if it wrote nothing for that long
   * @throws IOException once the connection has ended
   */
  public Optional<byte[]> read(Duration patience) throws IOException, InterruptedException {
    Optional<Message> next =
        Optional.ofNullable(
            inbox.messages.poll(Math.max(0, patience.toMillis()), TimeUnit.MILLISECONDS));
    if (next.isEmpty()) {
      return Optional.empty();
    }
    if (next.get() instanceof Message.End end) {
      inbox.messages.add(end);
      throw new IOException(end.why());
    }
    socket.request();
    return Optional.of(((Message.Output) next.get()).bytes());
  }

  /** Types bytes. */
  public void write(byte[] bytes) throws IOException {
    if (!socket.send(ByteBuffer.wrap(bytes))) {
      throw new IOException("the connection takes nothing more");
    }
  }

  @Override
  public void close() {
    socket.sendClose(NORMAL_CLOSURE, null);
  }

  private sealed interface Message {
    record Output(byte[] bytes) implements Message {}

    record End(String why) implements Message {}
  }

  /** Holds at most one message: the next is asked for when that has been read. */
  private static final class Inbox implements WebSocket.Listener {
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

    @Override
    public void onMessage(WebSocket from, ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      messages.add(new Message.Output(copy));
    }

    @Override
    public void onMessage(WebSocket from, String text) {
      from.request();
    }

    @Override
    public void onClose(WebSocket from, int code, String reason) {
      messages.add(new Message.End("the connection was closed with " + code));
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      messages.add(new Message.End("the connection was cut: " + error.getMessage()));
    }
  }
}
