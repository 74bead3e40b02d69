package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpDownloadTest {
  private static final byte[] CONTENT =
      "the quick brown fox".repeat(5000).getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private final CountDownLatch over = new CountDownLatch(1);
  private final List<String> ranges = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private String sha256;
  private Path part;
  private Path target;

  @BeforeEach
  void serve() throws IOException, InterruptedException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/file", this::sendFile);
    server.createContext("/gone", exchange -> sendStatus(exchange, 404));
    server.createContext("/busy", exchange -> sendStatus(exchange, 503));
    server.createContext("/hangs", this::sendHalfAndHang);
    server.start();
    Path original = folder.resolve("original");
    Files.write(original, CONTENT);
    sha256 = ImageDigest.sha256(original);
    part = folder.resolve("cache").resolve("x.part");
    target = folder.resolve("cache").resolve("x");
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
  }

  @Test
  void fetchesAFileWhole() throws Exception {
    fetch("/file", sha256);

    assertThat(target).hasBinaryContent(CONTENT);
    assertThat(part).doesNotExist();
  }

  @Test
  void goesOnWhereItStopped() throws Exception {
    Files.createDirectories(part.getParent());
    Files.write(part, Arrays.copyOf(CONTENT, 1000));

    fetch("/file", sha256);

    assertThat(target).hasBinaryContent(CONTENT);
    assertThat(ranges).containsExactly("bytes=1000-");
  }

  @Test
  void beginsAgainWhenTheServerHasLessThanThePart() throws Exception {
    Files.createDirectories(part.getParent());
    Files.write(part, new byte[CONTENT.length + 7]);

    fetch("/file", sha256);

    assertThat(target).hasBinaryContent(CONTENT);
  }

  @Test
  void aLinkInThePartsPlaceLeadsNowhere() throws Exception {
    Path foreign = Files.writeString(folder.resolve("foreign"), "somebody else's");
    Files.createDirectories(part.getParent());
    Files.createSymbolicLink(part, foreign);

    fetch("/file", sha256);

    assertThat(foreign).hasContent("somebody else's");
    assertThat(target).isRegularFile().hasBinaryContent(CONTENT);
    assertThat(Files.isSymbolicLink(target)).isFalse();
    assertThat(ranges).isEmpty();
  }

  @Test
  void namesBothSumsWhenTheyDiffer() {
    String asked = "0".repeat(64);

    BuildFailure failure = failure("/file", asked);

    assertThat(failure.reason()).isEqualTo(Reason.PAYLOAD_INVALID);
    assertThat(failure).hasMessageContaining(asked).hasMessageContaining(sha256);
    assertThat(target).doesNotExist();
    assertThat(part).doesNotExist();
  }

  @Test
  void doesNotTryAgainWhatTheServerRefuses() {
    assertThat(failure("/gone", sha256).reason()).isEqualTo(Reason.PAYLOAD_INVALID);
  }

  @Test
  void triesAgainWhatMayPass() {
    assertThat(failure("/busy", sha256).reason()).isEqualTo(Reason.PAYLOAD_UNAVAILABLE);
  }

  @Test
  void saysThatTheServerIsNotThere() {
    server.stop(0);

    BuildFailure failure = failure("/file", sha256);

    assertThat(failure.reason()).isEqualTo(Reason.PAYLOAD_UNAVAILABLE);
    assertThat(failure).hasMessageContaining("/file");
  }

  @Test
  void hangsUpOnASilentServerAndKeepsWhatCame() {
    BuildFailure failure = failure("/hangs", sha256);

    assertThat(failure.reason()).isEqualTo(Reason.PAYLOAD_UNAVAILABLE);
    assertThat(failure).hasMessageContaining("sent nothing");
    assertThat(part).hasSize(CONTENT.length / 2);
  }

  private void fetch(String path, String sum) throws BuildFailure, InterruptedException {
    new HttpDownload(Duration.ofMillis(1500))
        .fetch(
            "http://localhost:" + server.getAddress().getPort() + path,
            sum,
            part,
            target,
            bytes -> {});
  }

  private BuildFailure failure(String path, String sum) {
    return catchThrowableOfType(BuildFailure.class, () -> fetch(path, sum));
  }

  private void sendFile(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = 0;
    if (range != null) {
      ranges.add(range);
      from = Integer.parseInt(range.replaceAll("[^0-9]", ""));
      if (from >= CONTENT.length) {
        sendStatus(exchange, 416);
        return;
      }
    }
    byte[] rest = Arrays.copyOfRange(CONTENT, from, CONTENT.length);
    exchange.sendResponseHeaders(range == null ? 200 : 206, rest.length);
    exchange.getResponseBody().write(rest);
    exchange.close();
  }

  private void sendHalfAndHang(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, CONTENT.length);
    exchange.getResponseBody().write(CONTENT, 0, CONTENT.length / 2);
    exchange.getResponseBody().flush();
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void sendStatus(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }
}
