package dev.zfsdiskimage.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests are counted as authorization sees them. */
class ApiRequestMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/namespaces/a/pods/web/log?container=c&follow=true, get, pods/log",
    "GET, /api/v1/pods?labelSelector=a&watch=true, watch, pods",
    "GET, /api/v1/namespaces/a, get, namespaces",
    "GET, /apis/batch/v1/namespaces/a/jobs, list, jobs",
    "POST, /apis/kubevirt.io/v1/namespaces/a/virtualmachineinstances, create, virtualmachineinstances",
    "PUT, /apis/zfsdiskimage.dev/v1alpha1/namespaces/a/zfsdiskimages/web/status, update, zfsdiskimages/status",
    "PATCH, /api/v1/namespaces/a/configmaps/web, patch, configmaps",
    "DELETE, /api/v1/namespaces/a/configmaps/web, delete, configmaps",
    "DELETE, /api/v1/namespaces/a/configmaps, deletecollection, configmaps",
    "GET, /apis/kubevirt.io/v1, get, discovery",
    "GET, /version, get, discovery",
  })
  void requestIsNamedByVerbAndResource(String method, String uri, String verb, String resource) {
    ApiRequestMeters.Call call =
        ApiRequestMeters.Call.of(method, URI.create("http://cluster" + uri));

    assertThat(call).isEqualTo(new ApiRequestMeters.Call(verb, resource));
  }

  @Test
  void refusalIsCountedByItsCode() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(403, -1);
          exchange.close();
        });
    server.start();
    try (KubernetesClient client = client("http://127.0.0.1:" + server.getAddress().getPort())) {
      assertThatThrownBy(() -> create(client)).isInstanceOf(KubernetesClientException.class);
    } finally {
      server.stop(0);
    }

    assertThat(count("403")).isEqualTo(1);
  }

  @Test
  void requestWithoutAnswerIsCountedToo() {
    try (KubernetesClient client = client("http://127.0.0.1:1")) {
      assertThatThrownBy(() -> create(client)).isInstanceOf(KubernetesClientException.class);
    }

    // Told for each failed try that is to be repeated.
    assertThat(count(ApiRequestMeters.NO_ANSWER)).isEqualTo(1);
  }

  private double count(String code) {
    return registry
        .counter("zdi.api.requests", "verb", "create", "resource", "configmaps", "code", code)
        .count();
  }

  private static void create(KubernetesClient client) {
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("a")
                .withName("web")
                .endMetadata()
                .build())
        .create();
  }

  private KubernetesClient client(String url) {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(Config.empty())
                .withMasterUrl(url)
                .withRequestRetryBackoffLimit(1)
                .withRequestRetryBackoffInterval(1)
                .build())
        .withHttpClientBuilderConsumer(
            builder ->
                builder.addOrReplaceInterceptor(
                    ApiRequestMeters.NAME, new ApiRequestMeters(registry)))
        .build();
  }
}
