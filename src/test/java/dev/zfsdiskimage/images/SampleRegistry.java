package dev.zfsdiskimage.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The pushing half of a registry (OCI distribution specification), in memory. */
final class SampleRegistry implements AutoCloseable {
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
  private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private volatile boolean refusing;

  SampleRegistry() {
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> request.body().onSuccess(body -> answer(request, body.getBytes())))
            .listen(0, "localhost")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  /** Lets nobody push. */
  SampleRegistry refusing() {
    refusing = true;
    return this;
  }

  String address() {
    return "localhost:" + server.actualPort();
  }

  String digestOf(String repository, String tag) {
    return digest(manifests.get(repository + ":" + tag));
  }

  /** What the manifest names and nobody has pushed. */
  List<String> missingBlobs(String repository, String tag) throws IOException {
    JsonNode manifest = new ObjectMapper().readTree(manifests.get(repository + ":" + tag));
    List<String> missing = new ArrayList<>(manifest.findValuesAsText("digest"));
    missing.removeIf(blobs::containsKey);
    return missing;
  }

  private void answer(HttpServerRequest request, byte[] body) {
    request.response().setStatusCode(status(request, body)).end();
  }

  private int status(HttpServerRequest request, byte[] body) {
    String path = request.path().substring("/v2/".length());
    String last = path.substring(path.lastIndexOf('/') + 1);
    return switch (request.method().name()) {
      case "HEAD" -> blobs.containsKey(last) ? 200 : 404;
      case "POST" -> refusing ? 403 : begin(request.response(), path);
      case "PATCH" -> append(request.response(), path, last, body);
      case "PUT" -> path.contains("/manifests/") ? tag(path, last, body) : finish(request, last);
      default -> 200;
    };
  }

  private int begin(HttpServerResponse response, String path) {
    String upload = UUID.randomUUID().toString();
    uploads.put(upload, new ByteArrayOutputStream());
    response.putHeader("Location", "/v2/" + path + upload);
    return 202;
  }

  private int append(HttpServerResponse response, String path, String upload, byte[] body) {
    uploads.get(upload).writeBytes(body);
    response.putHeader("Location", "/v2/" + path);
    return 202;
  }

  private int finish(HttpServerRequest request, String upload) {
    byte[] blob = uploads.remove(upload).toByteArray();
    boolean asTold = request.getParam("digest").equals(digest(blob));
    blobs.put(digest(blob), blob);
    return asTold ? 201 : 400;
  }

  private int tag(String path, String tag, byte[] body) {
    manifests.put(path.substring(0, path.indexOf("/manifests/")) + ":" + tag, body);
    return 201;
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
