package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.zfsdiskimage.api.Reason;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciPayloadTest {
  @TempDir Path folder;

  private final Map<String, byte[]> blobs = new HashMap<>();
  private final Map<String, byte[]> manifests = new HashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Vertx vertx = Vertx.vertx();
  private HttpServer registry;
  private OciPayload payloads;

  /** As registries without a certificate do, it answers at once to who begins with TLS. */
  @BeforeEach
  void serve() throws Exception {
    registry =
        vertx
            .createHttpServer()
            .requestHandler(this::answer)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(1, TimeUnit.MINUTES);
    payloads = new OciPayload(folder.resolve("images"));
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
  }

  @Test
  void theOneFileInDiskIsTakenOutOfTheImage() throws Exception {
    offer("root:1", Map.of("etc/motd", "hello"), Map.of("disk/root.tar", "the payload"));

    Path file = payloads.fetch(name("root:1"));

    assertThat(file).hasContent("the payload");
    assertThat(folder.resolve("images")).isDirectoryNotContaining("glob:**.{tar,part}");
  }

  @Test
  void anImageThatIsKnownIsNotFetchedAgainButOneThatHasChangedIs() throws Exception {
    offer("root:1", Map.of("disk/root.tar", "first"));
    Path first = payloads.fetch(name("root:1"));
    asked.clear();

    assertThat(payloads.fetch(name("root:1"))).isEqualTo(first);
    assertThat(asked).noneMatch(path -> path.contains("/blobs/") && isLayer(path));

    offer("root:1", Map.of("disk/root.tar", "second"));
    assertThat(payloads.fetch(name("root:1"))).isNotEqualTo(first).hasContent("second");
  }

  @Test
  void aLaterLayersFileTakesThePlaceOfAnEarlierOnes() throws Exception {
    offer("root:1", Map.of("disk/root.tar", "old"), Map.of("disk/root.tar", "new"));

    assertThat(payloads.fetch(name("root:1"))).hasContent("new");
  }

  @Test
  void anImageWithoutOrWithTwoFilesInDiskIsRefusedByName() throws Exception {
    offer("none:1", Map.of("etc/motd", "hello"));
    offer("two:1", Map.of("disk/a", "1"), Map.of("disk/b", "2"));

    assertThat(failure("none:1"))
        .hasMessageContaining("none:1")
        .hasMessageContaining("no file in /disk");
    assertThat(failure("two:1")).hasMessageContaining("disk/a, disk/b");
    assertThat(failure("two:1").reason()).isEqualTo(Reason.PAYLOAD_INVALID);
  }

  @Test
  void anImageThatIsNotThereIsRefusedByName() {
    BuildFailure failure = failure("missing:1");

    assertThat(failure).hasMessageContaining("missing:1");
    assertThat(failure.reason()).isEqualTo(Reason.PAYLOAD_INVALID);
  }

  @Test
  void aRegistryThatIsAwayIsWorthAnotherTry() throws Exception {
    registry.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);

    assertThat(failure("root:1").reason()).isEqualTo(Reason.PAYLOAD_UNAVAILABLE);
  }

  private BuildFailure failure(String image) {
    return catchThrowableOfType(BuildFailure.class, () -> payloads.fetch(name(image)));
  }

  private String name(String image) {
    return "127.0.0.1:" + registry.actualPort() + "/" + image;
  }

  @SafeVarargs
  private void offer(String image, Map<String, String>... layers) throws IOException {
    StringBuilder described = new StringBuilder();
    StringBuilder contents = new StringBuilder();
    for (Map<String, String> files : layers) {
      byte[] tar = tar(files);
      described.append(described.isEmpty() ? "" : ",").append(descriptor("layer", zip(tar)));
      contents.append(contents.isEmpty() ? "" : ",").append("\"sha256:" + sha256(tar) + "\"");
    }
    String config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
            .formatted(contents);
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":%s,\"layers\":[%s]}"
            .formatted(descriptor("config", config.getBytes(StandardCharsets.UTF_8)), described);
    manifests.put(image.replace(":", "/manifests/"), manifest.getBytes(StandardCharsets.UTF_8));
  }

  private String descriptor(String kind, byte[] blob) {
    String digest = "sha256:" + sha256(blob);
    blobs.put(digest, blob);
    String type = kind.equals("layer") ? "layer.v1.tar+gzip" : "config.v1+json";
    return "{\"mediaType\":\"application/vnd.oci.image.%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, digest, blob.length);
  }

  private boolean isLayer(String path) {
    byte[] blob = blobs.get(path.substring(path.lastIndexOf('/') + 1));
    return blob != null && blob[0] == 0x1f;
  }

  private static byte[] tar(Map<String, String> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
        var entry = new TarArchiveEntry(file.getKey());
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] zip(byte[] plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zipped = new GZIPOutputStream(bytes)) {
      zipped.write(plain);
    }
    return bytes.toByteArray();
  }

  private static String sha256(byte[] bytes) {
    return DigestUtils.sha256Hex(bytes);
  }

  /** The part of a registry's interface that reading needs. */
  private void answer(HttpServerRequest request) {
    String path = request.path();
    asked.add(path);
    byte[] body =
        path.contains("/blobs/")
            ? blobs.get(path.substring(path.lastIndexOf('/') + 1))
            : manifests.get(path.replaceFirst("^/v2/", ""));
    if (path.equals("/v2/")) {
      body = "{}".getBytes(StandardCharsets.UTF_8);
    }
    if (body == null) {
      request.response().setStatusCode(404).end();
      return;
    }
    request
        .response()
        .putHeader(
            "Content-Type",
            path.contains("/manifests/")
                ? "application/vnd.oci.image.manifest.v1+json"
                : "application/octet-stream")
        .end(Buffer.buffer(body));
  }
}
