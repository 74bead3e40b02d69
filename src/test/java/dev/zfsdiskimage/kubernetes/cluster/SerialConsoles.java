package dev.zfsdiskimage.kubernetes.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * KubeVirt's subresource {@code console}: the serial console of a VM as a web socket. As there, it
 * ends without a word.
 */
final class SerialConsoles implements FrontDoor.WebSockets {
  private static final String GROUP = "subresources.kubevirt.io";
  private static final String SUBPROTOCOL = "plain.kubevirt.io";

  private final Directory directory;
  private final Executor threads;

  SerialConsoles(Directory directory, Executor threads) {
    this.directory = directory;
    this.threads = threads;
  }

  /** Finds a VM's console. */
  interface Directory {
    Found find(ApiCall call);
  }

  /** The console, or why there is none. */
  record Found(Optional<Console> console, Optional<ApiServer.Refusal> refusal) {}

  @Override
  public boolean serves(String path) {
    List<String> words = words(path);
    return words.size() == 8
        && words.get(1).equals(GROUP)
        && words.get(5).equals("virtualmachineinstances")
        && words.get(7).equals("console");
  }

  private static List<String> words(String path) {
    return Arrays.stream(path.split("/")).filter(word -> !word.isEmpty()).toList();
  }

  @Override
  public void serve(FrontDoor.Request request, InputStream in, OutputStream out)
      throws IOException {
    List<String> words = words(request.path());
    ApiCall call =
        new ApiCall("get", GROUP, words.get(5) + "/" + words.get(7), words.get(4), words.get(6));
    Found found = directory.find(call);
    boolean spoken =
        Arrays.asList(request.headers().getOrDefault("sec-websocket-protocol", "").split(", *"))
            .contains(SUBPROTOCOL);
    if (found.refusal().isPresent() || !spoken) {
      refuse(out, found.refusal().map(ApiServer.Refusal::status).orElse(400));
      return;
    }
    Console console = found.console().orElseThrow();
    ServerWebSocket socket =
        ServerWebSocket.accept(
            request.headers().getOrDefault("sec-websocket-key", ""), SUBPROTOCOL, in, out);
    try (Console.View view = console.view()) {
      threads.execute(() -> listen(socket, console, view));
      view.copyTo(socket);
    }
  }

  private static void listen(ServerWebSocket socket, Console console, Console.View view) {
    try {
      Optional<byte[]> typed = socket.receive();
      while (typed.isPresent()) {
        console.type(typed.get());
        typed = socket.receive();
      }
    } catch (IOException e) {
      // The viewer went, or was sent away, without saying so.
      return;
    } finally {
      view.leave();
    }
  }

  private static void refuse(OutputStream out, int status) throws IOException {
    String answer = "HTTP/1.1 %d refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    out.write(answer.formatted(status).getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }
}
