package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Fetches a file whose SHA-256 is known, going on where an interrupted fetch has stopped. */
final class HttpDownload {
  private static final int CHUNK_BYTES = 64 << 10;

  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NORMAL)
          .connectTimeout(Duration.ofSeconds(30))
          .build();
  private final Duration silence;

  /**
   * @param silence how long a server may send nothing
   */
  HttpDownload(Duration silence) {
    this.silence = silence;
  }

  /**
   * Fetches {@code url} to {@code target}, which appears whole or not at all.
   *
   * @param part where the beginning is kept between two tries
   * @param received gets the number of bytes that are there, now and then
   * @throws BuildFailure {@code PayloadUnavailable} when trying again may help, {@code
   *     PayloadInvalid} when the server refuses or sends something else, {@code HostDiskFull}
   */
  void fetch(String url, String sha256, Path part, Path target, LongConsumer received)
      throws BuildFailure, InterruptedException {
    try {
      Files.createDirectories(target.getParent());
      MessageDigest digest = ImageDigest.newDigest();
      long have = Files.isRegularFile(part, LinkOption.NOFOLLOW_LINKS) ? Files.size(part) : 0;
      HttpResponse<InputStream> response = request(url, have);
      if (response.statusCode() == 416) {
        // The part is as long as the file or longer: another fetch ended it, or the file changed.
        response.body().close();
        have = 0;
        response = request(url, 0);
      }
      refuseErrors(url, response);
      boolean goesOn = response.statusCode() == 206;
      if (goesOn) {
        ImageDigest.update(digest, part);
      }
      receive(url, response.body(), part, goesOn ? have : 0, digest, received);
      String actual = HexFormat.of().formatHex(digest.digest());
      if (!actual.equals(sha256)) {
        Files.delete(part);
        throw new BuildFailure(
            Reason.PAYLOAD_INVALID,
            "%s has sha256 %s; the resource says %s".formatted(url, actual, sha256));
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw HostSpace.explain(e, target.getParent(), Reason.PAYLOAD_UNAVAILABLE, url);
    } catch (IllegalArgumentException e) {
      throw new BuildFailure(
          Reason.PAYLOAD_INVALID, url + " is no address to fetch from: " + e.getMessage(), e);
    }
  }

  private HttpResponse<InputStream> request(String url, long from)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(silence).GET();
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  private static void refuseErrors(String url, HttpResponse<InputStream> response)
      throws BuildFailure, IOException {
    int status = response.statusCode();
    if (status == 200 || status == 206) {
      return;
    }
    response.body().close();
    boolean passing = status >= 500 || status == 408 || status == 425 || status == 429;
    throw new BuildFailure(
        passing ? Reason.PAYLOAD_UNAVAILABLE : Reason.PAYLOAD_INVALID,
        url + ": the server answered with status " + status);
  }

  private void receive(
      String url, InputStream body, Path part, long have, MessageDigest digest, LongConsumer seen)
      throws IOException, InterruptedException {
    AtomicLong lastHeard = new AtomicLong(System.nanoTime());
    try (body;
        Watch watch = new Watch(body, lastHeard, silence);
        OutputStream file = open(part, have)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      long total = have;
      for (int read = body.read(chunk); read >= 0; read = body.read(chunk)) {
        lastHeard.set(System.nanoTime());
        file.write(chunk, 0, read);
        digest.update(chunk, 0, read);
        total += read;
        seen.accept(total);
        if (Thread.interrupted()) {
          throw new InterruptedException("while fetching " + url);
        }
      }
      if (watch.hungUp) {
        throw silent();
      }
    } catch (IOException e) {
      if (System.nanoTime() - lastHeard.get() >= silence.toNanos()) {
        throw silent();
      }
      throw e;
    }
  }

  /** The part's name is known, so others may have put a link there, which is not followed. */
  private static OutputStream open(Path part, long have) throws IOException {
    if (have > 0) {
      return Files.newOutputStream(part, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
    }
    Files.deleteIfExists(part);
    return Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private IOException silent() {
    return new IOException("the server sent nothing for " + silence.toSeconds() + " s");
  }

  /** Hangs up on a server that stays silent: reading a body has no timeout of its own. */
  private static final class Watch implements AutoCloseable {
    private final ScheduledExecutorService clock = new ScheduledThreadPoolExecutor(1);
    private final ScheduledFuture<?> look;
    private volatile boolean hungUp;

    Watch(InputStream body, AtomicLong lastHeard, Duration silence) {
      long every = Math.max(1, silence.toMillis() / 10);
      look =
          clock.scheduleWithFixedDelay(
              () -> {
                if (System.nanoTime() - lastHeard.get() >= silence.toNanos()) {
                  hangUp(body);
                }
              },
              every,
              every,
              TimeUnit.MILLISECONDS);
    }

    private void hangUp(InputStream body) {
      hungUp = true;
      try {
        body.close();
      } catch (IOException e) {
        // The reader sees the end of the stream all the same.
      }
    }

    @Override
    public void close() {
      look.cancel(true);
      clock.shutdownNow();
    }
  }
}
