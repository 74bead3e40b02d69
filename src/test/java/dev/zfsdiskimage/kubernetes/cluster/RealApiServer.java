package dev.zfsdiskimage.kubernetes.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.zfsdiskimage.api.ZfsDiskImage;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A real API server for custom resources, behind the double: definitions and resources are handed
 * through to it, and it judges, defaults, stores and watches them as every cluster's does.
 */
final class RealApiServer {
  /** The group of the definitions themselves. */
  static final String DEFINITIONS = "apiextensions.k8s.io";

  private static final Set<String> GROUPS =
      Set.of(DEFINITIONS, HasMetadata.getGroup(ZfsDiskImage.class));
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  private final String url;
  private final HttpClient http;
  private final Set<String> deleted = new HashSet<>();

  RealApiServer(Config config) {
    url = config.getMasterUrl().replaceAll("/$", "");
    try {
      http =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .sslContext(SSLUtils.sslContext(config))
              .build();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("the kubeconfig's certificates can't be used", e);
    }
  }

  /**
   * Whether it answers for this path: of objects, or of what kinds there are. On its own it tells
   * no schema of custom resources.
   */
  boolean serves(List<String> path) {
    return path.size() > 1 && path.get(0).equals("apis") && GROUPS.contains(path.get(1));
  }

  /** Whether an object with this uid was here and is no more. */
  synchronized boolean hasDeleted(String uid) {
    return deleted.contains(uid);
  }

  /** One object. */
  <T extends HasMetadata> Optional<T> get(Class<T> kind, String namespace, String name) {
    String path =
        "/apis/%s/%s/namespaces/%s/%s/%s"
            .formatted(
                HasMetadata.getGroup(kind),
                HasMetadata.getVersion(kind),
                namespace,
                HasMetadata.getPlural(kind),
                name);
    try {
      HttpResponse<byte[]> response =
          send(
              HttpRequest.newBuilder(URI.create(url + path)).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      return response.statusCode() == 200
          ? Optional.of(SERIALIZATION.unmarshal(new String(response.body(), UTF_8), kind))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Hands the request through, and the answer back as it comes.
   *
   * @return the uid of what it deleted for good
   */
  Optional<String> answer(HttpExchange exchange, byte[] body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + exchange.getRequestURI()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    for (String header : List.of("Accept", "Content-Type", "User-Agent")) {
      Optional.ofNullable(exchange.getRequestHeaders().getFirst(header))
          .ifPresent(value -> request.header(header, value));
    }
    HttpResponse<InputStream> response =
        send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    Optional<String> gone = Optional.empty();
    try (InputStream in = response.body()) {
      response
          .headers()
          .firstValue("Content-Type")
          .ifPresent(type -> exchange.getResponseHeaders().add("Content-Type", type));
      exchange.sendResponseHeaders(response.statusCode(), 0);
      try (OutputStream out = exchange.getResponseBody()) {
        if (exchange.getRequestMethod().equals("DELETE")) {
          byte[] said = in.readAllBytes();
          gone = gone(said);
          out.write(said);
        } else {
          asItComes(in, out);
        }
      }
    }
    return gone;
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return http.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static void asItComes(InputStream in, OutputStream out) throws IOException {
    byte[] some = new byte[64 << 10];
    for (int count = in.read(some); count >= 0; count = in.read(some)) {
      out.write(some, 0, count);
      out.flush();
    }
  }

  /** An object with a finalizer is answered with itself, one that is gone with its uid. */
  private synchronized Optional<String> gone(byte[] said) throws IOException {
    JsonNode status = JSON.readTree(said);
    Optional<String> uid =
        Optional.of(status)
            .filter(answer -> answer.path("status").asText().equals("Success"))
            .map(answer -> answer.path("details").path("uid").asText())
            .filter(text -> !text.isEmpty());
    uid.ifPresent(deleted::add);
    return uid;
  }
}
