package dev.zfsdiskimage.metrics;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Counts the requests to the API server by verb, resource and answer, in the words of Kubernetes'
 * own authorization. A request without an answer has the code {@value #NO_ANSWER}.
 */
public final class ApiRequestMeters implements Interceptor {
  /** The name under which the client holds this. */
  public static final String NAME = "api-requests";

  static final String NO_ANSWER = "none";

  private final MeterRegistry registry;

  public ApiRequestMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    count(request, Integer.toString(response.code()));
  }

  @Override
  public void afterConnectionFailure(HttpRequest request, Throwable failure) {
    count(request, NO_ANSWER);
  }

  private void count(HttpRequest request, String code) {
    Call call = Call.of(request.method(), request.uri());
    Counter.builder("zdi.api.requests")
        .description("Requests to the API server.")
        .tags("verb", call.verb(), "resource", call.resource(), "code", code)
        .register(registry)
        .increment();
  }

  /**
   * A request as authorization sees it.
   *
   * @param verb get, list, watch, create, update, patch, delete or deletecollection
   * @param resource the plural, with a subresource behind a slash; {@code discovery} for questions
   *     about the API itself
   */
  record Call(String verb, String resource) {
    private static final String DISCOVERY = "discovery";

    static Call of(String method, URI uri) {
      List<String> path = List.of(uri.getPath().replaceFirst("^/+", "").split("/+"));
      Optional<List<String>> rest = behindNamespace(path);
      if (rest.isEmpty()) {
        return new Call(method.toLowerCase(Locale.ROOT), DISCOVERY);
      }
      List<String> names = rest.get();
      boolean one = names.size() > 1;
      String query = uri.getQuery() == null ? "" : "&" + uri.getQuery() + "&";
      String verb =
          switch (method) {
            case "GET" -> query.contains("&watch=true&") ? "watch" : one ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> one ? "delete" : "deletecollection";
            default -> method.toLowerCase(Locale.ROOT);
          };
      String resource = names.size() > 2 ? names.get(0) + "/" + names.get(2) : names.get(0);
      return new Call(verb, resource);
    }

    /** Resource, name and subresource; empty where no resource is asked for. */
    private static Optional<List<String>> behindNamespace(List<String> path) {
      int start =
          switch (path.get(0)) {
            case "api" -> 2;
            case "apis" -> 3;
            default -> path.size();
          };
      if (path.size() <= start) {
        return Optional.empty();
      }
      List<String> rest = path.subList(start, path.size());
      boolean namespaced = rest.get(0).equals("namespaces") && rest.size() > 2;
      return Optional.of(namespaced ? rest.subList(2, rest.size()) : rest);
    }
  }
}
