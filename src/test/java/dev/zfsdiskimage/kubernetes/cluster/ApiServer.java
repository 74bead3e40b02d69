package dev.zfsdiskimage.kubernetes.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * An API server over real HTTP, in memory: resource versions and conflicts, watches that resume,
 * status subresources, generations, finalizers, garbage collection by owner, server-side apply as
 * create-or-merge, logs that can be followed. Faults can be injected into any request.
 *
 * <p>fabric8's own mock has neither HTTP watches that resume from a version, nor followed logs, nor
 * garbage collection, nor apply; with those added little of it was left.
 */
public final class ApiServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();
  private static final ResourceSchema SCHEMA = ResourceSchema.load();
  private static final Set<String> WITH_STATUS =
      Set.of("zfsdiskimages", "virtualmachineinstances", "jobs", "pods", "persistentvolumeclaims");
  private static final int HISTORY = 50_000;
  private static final String CONSOLE_LOG = "guest-console-log";

  private final HttpServer http;
  private final FrontDoor door;
  private final ExecutorService threads = Executors.newCachedThreadPool(ApiServer::daemon);
  private final Map<Type, TreeMap<String, ObjectNode>> objects = new HashMap<>();
  private final List<Event> history = new ArrayList<>();
  private long version = 1;
  private long oldestVersion = 1;
  private long watchEpoch;
  private boolean closed;
  private volatile boolean disturbed;
  private final Set<Type> withheld = new HashSet<>();

  private final List<ApiCall> calls = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private final List<Hold> holds = new ArrayList<>();
  private final Map<String, Console> consoles = new HashMap<>();
  private final Set<String> absentGroups = new HashSet<>(Set.of(RealApiServer.DEFINITIONS));
  private final List<Admission> admissions = new ArrayList<>();
  private final List<Runnable> changeListeners = new ArrayList<>();
  private final List<ChangeListener> typedListeners = new ArrayList<>();
  private volatile Optional<RealApiServer> real = Optional.empty();

  /** An API group and a plural. */
  public record Type(String group, String plural) {}

  /** Judges a written object; a complaint is answered with the status. */
  public interface Admission {
    Optional<Refusal> judge(ApiCall call, JsonNode object);
  }

  /** An HTTP status with a message. */
  public record Refusal(int status, String reason, String message) {}

  private record ChangeListener(Type type, Consumer<ObjectNode> listener) {}

  private record Event(long version, Type type, String action, ObjectNode object) {}

  private static final class Fault {
    private final Predicate<ApiCall> which;
    private final Refusal refusal;
    private final boolean afterwards;
    private int times;

    private Fault(Predicate<ApiCall> which, Refusal refusal, boolean afterwards, int times) {
      this.which = which;
      this.refusal = refusal;
      this.afterwards = afterwards;
      this.times = times;
    }
  }

  private record Hold(Predicate<ApiCall> which, CountDownLatch until) {}

  private record Target(
      String group, String version, String plural, String namespace, String name, String sub) {
    private Type type() {
      return new Type(group, plural);
    }
  }

  private static final class Answer extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Refusal refusal;

    private Answer(int status, String reason, String message) {
      super(message, null, false, false);
      this.refusal = new Refusal(status, reason, message);
    }
  }

  /** A server on a free port of this machine. */
  public ApiServer() {
    try {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
    door =
        new FrontDoor(http.getAddress(), threads, new SerialConsoles(this::serialConsole, threads));
  }

  /** A client of it. */
  public KubernetesClient client() {
    return new KubernetesClientBuilder().withConfig(config()).build();
  }

  /** Where it is. */
  public Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("http://127.0.0.1:" + door.port())
        .withNamespace("default")
        .withOnlyHttpWatches(true)
        .withRequestRetryBackoffLimit(2)
        .withRequestRetryBackoffInterval(20)
        .withWatchReconnectInterval(20)
        .build();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      consoles.values().forEach(Console::close);
      notifyAll();
    }
    door.close();
    http.stop(0);
    threads.shutdownNow();
  }

  // What tests do to it.

  /** Has a real API server, reached so, serve our custom resources and their definitions. */
  public synchronized void customResourcesFrom(Config config) {
    real = Optional.of(new RealApiServer(config));
    absentGroups.remove(RealApiServer.DEFINITIONS);
  }

  /** Every created or changed object is shown to {@code admission}. */
  public synchronized void admit(Admission admission) {
    admissions.add(admission);
  }

  /** Answers the next {@code times} matching requests with an error, nothing being done. */
  public synchronized void refuse(int times, int status, String reason, Predicate<ApiCall> which) {
    faults.add(new Fault(which, new Refusal(status, reason, "injected"), false, times));
  }

  /** Does the next {@code times} matching requests and then loses the answer: a timeout's face. */
  public synchronized void loseAnswer(int times, Predicate<ApiCall> which) {
    faults.add(new Fault(which, new Refusal(504, "Timeout", "injected"), true, times));
  }

  /** Answers matching requests no earlier than {@code until} has come. */
  public synchronized void hold(CountDownLatch until, Predicate<ApiCall> which) {
    holds.add(new Hold(which, until));
  }

  /** Ends every watch; clients come again and resume. */
  public synchronized void dropWatches() {
    watchEpoch++;
    notifyAll();
  }

  /** Forgets the past, so that watches from an old version end with 410 Gone. */
  public synchronized void forgetHistory() {
    history.clear();
    oldestVersion = version + 1;
    dropWatches();
  }

  /**
   * Has watches bring each event twice, and each kind at a pace of its own, so that what happened
   * first may be told last.
   */
  public void disturbWatches() {
    disturbed = true;
  }

  /** Has watches bring no more news of this kind; who lists it sees it. */
  public synchronized void withholdNews(Class<? extends HasMetadata> kind) {
    withheld.add(typeOf(kind));
  }

  /** Makes an API group unknown, as where its operator is not installed. */
  public synchronized void withoutGroup(String group) {
    absentGroups.add(group);
  }

  /** Every request so far, but discovery. */
  public synchronized List<ApiCall> calls() {
    return List.copyOf(calls);
  }

  /** Forgets the requests so far. */
  public synchronized void forgetCalls() {
    calls.clear();
  }

  /** The console of a pod's container. */
  public synchronized Console console(String namespace, String pod, String container) {
    return consoles.computeIfAbsent(namespace + "/" + pod + "/" + container, key -> new Console());
  }

  /** Runs {@code listener} after each change, outside of the server's lock. */
  public synchronized void onChange(Runnable listener) {
    changeListeners.add(listener);
  }

  /**
   * Runs {@code listener} with each object of a kind that was made or changed, in that order. It is
   * called under the server's lock and must not wait.
   */
  public synchronized <T extends HasMetadata> void onChange(Class<T> kind, Consumer<T> listener) {
    typedListeners.add(new ChangeListener(typeOf(kind), node -> listener.accept(read(node, kind))));
  }

  // The cluster's own side: no requests, no faults, no admission.

  /** Every object of the type, in all namespaces. */
  public synchronized <T extends HasMetadata> List<T> list(Class<T> kind) {
    return objects(typeOf(kind)).values().stream().map(node -> read(node, kind)).toList();
  }

  /** The objects of a kind that belong to the one with this uid. */
  public synchronized <T extends HasMetadata> List<T> ownedBy(Class<T> kind, String uid) {
    return objects(typeOf(kind)).values().stream()
        .filter(
            node -> {
              for (JsonNode owner : node.path("metadata").path("ownerReferences")) {
                if (owner.path("uid").asText().equals(uid)) {
                  return true;
                }
              }
              return false;
            })
        .map(node -> read(node, kind))
        .toList();
  }

  /** One object. */
  public synchronized <T extends HasMetadata> Optional<T> get(
      Class<T> kind, String namespace, String name) {
    if (real.isPresent() && kind == ZfsDiskImage.class) {
      return real.get().get(kind, namespace, name);
    }
    return Optional.ofNullable(objects(typeOf(kind)).get(namespace + "/" + name))
        .map(node -> read(node, kind));
  }

  /** Creates an object. */
  public void create(HasMetadata object) {
    ObjectNode node = JSON.valueToTree(object);
    synchronized (this) {
      store(typeOf(object.getClass()), node, "ADDED", true);
    }
    changed();
  }

  /** Changes an object in place, if it is there. */
  public <T extends HasMetadata> void edit(
      Class<T> kind, String namespace, String name, Consumer<T> change) {
    synchronized (this) {
      ObjectNode known = objects(typeOf(kind)).get(namespace + "/" + name);
      if (known == null) {
        return;
      }
      T object = read(known, kind);
      change.accept(object);
      ObjectNode next = JSON.valueToTree(object);
      replace(typeOf(kind), known, next);
    }
    changed();
  }

  /** Deletes an object, and with it what it owns. */
  public void delete(Class<? extends HasMetadata> kind, String namespace, String name) {
    synchronized (this) {
      ObjectNode known = objects(typeOf(kind)).get(namespace + "/" + name);
      if (known != null) {
        delete(typeOf(kind), known);
      }
    }
    changed();
  }

  private void changed() {
    List<Runnable> listeners;
    synchronized (this) {
      listeners = List.copyOf(changeListeners);
    }
    listeners.forEach(Runnable::run);
  }

  private static Type typeOf(Class<?> kind) {
    @SuppressWarnings("unchecked")
    Class<? extends HasMetadata> known = (Class<? extends HasMetadata>) kind;
    return new Type(HasMetadata.getGroup(known), HasMetadata.getPlural(known));
  }

  private static <T> T read(ObjectNode node, Class<T> kind) {
    return SERIALIZATION.unmarshal(node.toString(), kind);
  }

  private TreeMap<String, ObjectNode> objects(Type type) {
    return objects.computeIfAbsent(type, key -> new TreeMap<>());
  }

  // Requests.

  private void handle(HttpExchange exchange) {
    try (exchange) {
      try {
        dispatch(exchange);
      } catch (Answer answer) {
        refuse(exchange, answer.refusal);
      }
    } catch (IOException e) {
      // The client has gone; there is nobody to tell.
      return;
    }
    changed();
  }

  private void dispatch(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    List<String> segments = Arrays.stream(path.split("/")).filter(s -> !s.isEmpty()).toList();
    if (exchange.getRequestHeaders().containsKey("Upgrade")) {
      // No web socket but of a VM's console: clients then watch over plain HTTP.
      respond(exchange, 200, JSON.createObjectNode());
      return;
    }
    boolean handedThrough = real.isPresent() && real.get().serves(segments);
    if (Discovery.isAsked(segments)) {
      if (handedThrough) {
        real.get().answer(exchange, exchange.getRequestBody().readAllBytes());
      } else {
        discover(exchange, segments);
      }
      return;
    }
    Target target = target(segments);
    boolean watch = "true".equals(query.get("watch"));
    ApiCall call = call(exchange.getRequestMethod(), target, watch);
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (call.resource().equals("selfsubjectrulesreviews")) {
      respond(exchange, 201, rulesReview());
      return;
    }
    Optional<Fault> fault;
    synchronized (this) {
      calls.add(call);
      if (absentGroups.contains(target.group())) {
        throw new Answer(404, "NotFound", "the server could not find the requested resource");
      }
      fault = faults.stream().filter(f -> f.times > 0 && f.which.test(call)).findFirst();
      fault.ifPresent(f -> f.times--);
    }
    awaitRelease(call);
    if (fault.isPresent() && !fault.get().afterwards) {
      refuse(exchange, fault.get().refusal);
      return;
    }
    if (handedThrough) {
      Optional<String> gone = real.get().answer(exchange, body);
      synchronized (this) {
        gone.ifPresent(this::collectDependents);
      }
      return;
    }
    if (call.resource().equals("pods/log")) {
      log(exchange, target, query);
      return;
    }
    if (watch) {
      watch(exchange, target, query);
      return;
    }
    ObjectNode answer;
    synchronized (this) {
      answer =
          switch (call.verb()) {
            case "get" -> existing(target);
            case "list" -> listing(target, query);
            case "create" -> create(call, target, body);
            case "update" -> update(call, target, object(body));
            case "patch" -> patch(call, target, body, contentType(exchange));
            default -> remove(target, body);
          };
    }
    if (fault.isPresent()) {
      refuse(exchange, fault.get().refusal);
      return;
    }
    if (target.plural().equals("zfsdiskimages") && wantsTable(exchange)) {
      answer = new PrinterTable().of(asList(answer), Instant.now());
    }
    respond(exchange, call.verb().equals("create") ? 201 : 200, answer);
  }

  private void awaitRelease(ApiCall call) {
    List<CountDownLatch> latches;
    synchronized (this) {
      latches = holds.stream().filter(hold -> hold.which().test(call)).map(Hold::until).toList();
    }
    try {
      for (CountDownLatch latch : latches) {
        latch.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean wantsTable(HttpExchange exchange) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Accept"))
        .filter(accept -> accept.contains("as=Table"))
        .isPresent();
  }

  private static ObjectNode asList(ObjectNode answer) {
    if (answer.has("items")) {
      return answer;
    }
    ObjectNode list = JSON.createObjectNode();
    list.putArray("items").add(answer);
    return list;
  }

  private static String contentType(HttpExchange exchange) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type")).orElse("");
  }

  private void discover(HttpExchange exchange, List<String> segments) throws IOException {
    ObjectNode answer;
    synchronized (this) {
      answer =
          new Discovery(absentGroups)
              .answer(segments)
              .orElseThrow(
                  () ->
                      new Answer(
                          404, "NotFound", "the server could not find the requested resource"));
    }
    respond(exchange, 200, answer);
  }

  /** What the asker may do: of the lease all that a leader needs. */
  private static ObjectNode rulesReview() {
    ObjectNode review = JSON.createObjectNode();
    review.put("kind", "SelfSubjectRulesReview").put("apiVersion", "authorization.k8s.io/v1");
    ObjectNode status = review.putObject("status").put("incomplete", false);
    status.putArray("nonResourceRules");
    ObjectNode rule = status.putArray("resourceRules").addObject();
    rule.putArray("apiGroups").add("coordination.k8s.io");
    rule.putArray("resources").add("leases");
    rule.putArray("verbs").add("get").add("create").add("update");
    return review;
  }

  private static Target target(List<String> segments) {
    boolean core = segments.get(0).equals("api");
    String group = core ? "" : segments.get(1);
    String version = segments.get(core ? 1 : 2);
    List<String> rest = segments.subList(core ? 2 : 3, segments.size());
    String namespace = "";
    if (rest.get(0).equals("namespaces") && rest.size() > 2) {
      namespace = rest.get(1);
      rest = rest.subList(2, rest.size());
    }
    return new Target(
        group,
        version,
        rest.get(0),
        namespace,
        rest.size() > 1 ? rest.get(1) : "",
        rest.size() > 2 ? rest.get(2) : "");
  }

  private static ApiCall call(String method, Target target, boolean watch) {
    boolean one = !target.name().isEmpty();
    String verb =
        switch (method) {
          case "GET" -> watch ? "watch" : one ? "get" : "list";
          case "POST" -> "create";
          case "PUT" -> "update";
          case "PATCH" -> "patch";
          case "DELETE" -> one ? "delete" : "deletecollection";
          default -> method;
        };
    String resource = target.plural() + (target.sub().isEmpty() ? "" : "/" + target.sub());
    return new ApiCall(verb, target.group(), resource, target.namespace(), target.name());
  }

  private ObjectNode existing(Target target) {
    ObjectNode known = objects(target.type()).get(target.namespace() + "/" + target.name());
    if (known == null) {
      throw new Answer(404, "NotFound", target.plural() + " \"" + target.name() + "\" not found");
    }
    return known;
  }

  private ObjectNode listing(Target target, Map<String, String> query) {
    ObjectNode list = JSON.createObjectNode();
    list.put("kind", Discovery.listKind(target.group(), target.plural()))
        .put("apiVersion", groupVersion(target));
    list.putObject("metadata").put("resourceVersion", Long.toString(version));
    ArrayNode items = list.putArray("items");
    objects(target.type()).values().stream()
        .filter(object -> selected(object, target, query))
        .forEach(items::add);
    return list;
  }

  private static String groupVersion(Target target) {
    return target.group().isEmpty() ? target.version() : target.group() + "/" + target.version();
  }

  private ObjectNode create(ApiCall call, Target target, byte[] body) {
    ObjectNode object = taken(target, object(body));
    ObjectNode metadata = metadata(object);
    if (!metadata.hasNonNull("name") && metadata.hasNonNull("generateName")) {
      metadata.put("name", metadata.get("generateName").asText() + suffix());
    }
    metadata.put("namespace", target.namespace());
    if (objects(target.type()).containsKey(key(object))) {
      throw new Answer(
          409,
          "AlreadyExists",
          target.plural() + " \"" + metadata.get("name").asText() + "\" already exists");
    }
    admit(call, object);
    if (WITH_STATUS.contains(target.plural())) {
      object.remove("status");
    }
    store(target.type(), object, "ADDED", true);
    if (hasLostItsOwners(object)) {
      delete(target.type(), object);
    }
    return object;
  }

  /** A resource is held against the CRD, and gets its defaults written out. */
  private static ObjectNode taken(Target target, ObjectNode object) {
    if (!target.plural().equals("zfsdiskimages")) {
      return object;
    }
    ObjectNode whole = SCHEMA.withDefaults(object);
    List<Problem> problems = SCHEMA.problems(whole);
    if (!problems.isEmpty()) {
      throw new Answer(422, "Invalid", problems.toString());
    }
    return whole;
  }

  private ObjectNode update(ApiCall call, Target target, ObjectNode wanted) {
    ObjectNode known = existing(target);
    String wantedVersion = metadata(wanted).path("resourceVersion").asText("");
    if (!wantedVersion.isEmpty()
        && !wantedVersion.equals(metadata(known).get("resourceVersion").asText())) {
      throw new Answer(
          409,
          "Conflict",
          "the object \"" + target.name() + "\" has been modified; please apply your changes");
    }
    ObjectNode next;
    if (target.sub().equals("status")) {
      next = known.deepCopy();
      setOrRemove(next, "status", wanted.get("status"));
    } else {
      next = taken(target, wanted.deepCopy());
      if (WITH_STATUS.contains(target.plural())) {
        setOrRemove(next, "status", known.get("status"));
      }
    }
    for (String fixed : List.of("uid", "creationTimestamp", "namespace", "name", "generation")) {
      setOrRemove(metadata(next), fixed, metadata(known).get(fixed));
    }
    setOrRemove(metadata(next), "deletionTimestamp", metadata(known).get("deletionTimestamp"));
    admit(call, next);
    return replace(target.type(), known, next);
  }

  private static void setOrRemove(ObjectNode node, String field, JsonNode value) {
    if (value == null) {
      node.remove(field);
    } else {
      node.set(field, value);
    }
  }

  private ObjectNode patch(ApiCall call, Target target, byte[] body, String type) {
    JsonNode patch = json(body);
    boolean apply = type.startsWith("application/apply-patch");
    if (apply && !objects(target.type()).containsKey(target.namespace() + "/" + target.name())) {
      return create(call, target, body);
    }
    ObjectNode known = existing(target);
    ObjectNode next;
    if (type.startsWith("application/json-patch")) {
      next = (ObjectNode) JsonPatch.apply(patch, known);
    } else {
      next = known.deepCopy();
      merge(next, (ObjectNode) patch);
    }
    if (!(patch instanceof ObjectNode) || !patch.path("metadata").has("resourceVersion")) {
      metadata(next).remove("resourceVersion");
    }
    return update(call, target, next);
  }

  /** RFC 7386. */
  private static void merge(ObjectNode into, ObjectNode patch) {
    patch
        .properties()
        .forEach(
            field -> {
              JsonNode value = field.getValue();
              if (value.isNull()) {
                into.remove(field.getKey());
              } else if (value instanceof ObjectNode
                  && into.get(field.getKey()) instanceof ObjectNode) {
                merge((ObjectNode) into.get(field.getKey()), (ObjectNode) value);
              } else {
                into.set(field.getKey(), value);
              }
            });
  }

  private ObjectNode remove(Target target, byte[] body) {
    if (target.name().isEmpty()) {
      List.copyOf(objects(target.type()).values()).stream()
          .filter(object -> target.namespace().isEmpty() || inNamespace(object, target.namespace()))
          .forEach(object -> delete(target.type(), object));
      return JSON.createObjectNode().put("kind", "Status").put("status", "Success");
    }
    ObjectNode known = existing(target);
    JsonNode preconditions =
        body.length == 0 ? JSON.createObjectNode() : json(body).path("preconditions");
    if (preconditions.hasNonNull("uid")
        && !preconditions.get("uid").asText().equals(metadata(known).get("uid").asText())) {
      throw new Answer(409, "Conflict", "the uid in the precondition is another one");
    }
    delete(target.type(), known);
    return known;
  }

  private void admit(ApiCall call, ObjectNode object) {
    for (Admission admission : admissions) {
      admission
          .judge(call, object)
          .ifPresent(
              refusal -> {
                throw new Answer(refusal.status(), refusal.reason(), refusal.message());
              });
    }
  }

  // The store.

  private void store(Type type, ObjectNode object, String action, boolean fresh) {
    ObjectNode metadata = metadata(object);
    if (fresh) {
      metadata.put("uid", UUID.randomUUID().toString());
      metadata.put("creationTimestamp", now());
      metadata.put("generation", 1);
    }
    metadata.put("resourceVersion", Long.toString(++version));
    if (action.equals("DELETED")) {
      objects(type).remove(key(object));
    } else {
      objects(type).put(key(object), object);
    }
    history.add(new Event(version, type, action, object));
    if (!action.equals("DELETED")) {
      typedListeners.stream()
          .filter(each -> each.type().equals(type))
          .forEach(each -> each.listener().accept(object));
    }
    if (history.size() > HISTORY) {
      oldestVersion = history.get(HISTORY / 2).version() + 1;
      history.subList(0, HISTORY / 2 + 1).clear();
    }
    notifyAll();
  }

  private ObjectNode replace(Type type, ObjectNode known, ObjectNode next) {
    metadata(next).set("resourceVersion", metadata(known).get("resourceVersion"));
    if (next.equals(known)) {
      return known;
    }
    if (!java.util.Objects.equals(next.get("spec"), known.get("spec"))) {
      metadata(next).put("generation", metadata(known).path("generation").asLong(1) + 1);
    }
    boolean gone =
        metadata(next).hasNonNull("deletionTimestamp")
            && metadata(next).path("finalizers").isEmpty();
    store(type, next, gone ? "DELETED" : "MODIFIED", false);
    if (gone) {
      collectDependents(metadata(next).get("uid").asText());
    }
    return next;
  }

  private void delete(Type type, ObjectNode known) {
    if (!metadata(known).path("finalizers").isEmpty()) {
      if (!metadata(known).hasNonNull("deletionTimestamp")) {
        ObjectNode next = known.deepCopy();
        metadata(next).put("deletionTimestamp", now());
        store(type, next, "MODIFIED", false);
      }
      return;
    }
    store(type, known.deepCopy(), "DELETED", false);
    collectDependents(metadata(known).get("uid").asText());
  }

  private void collectDependents(String uid) {
    for (Type type : List.copyOf(objects.keySet())) {
      for (ObjectNode object : List.copyOf(objects(type).values())) {
        JsonNode owners = metadata(object).path("ownerReferences");
        for (JsonNode owner : owners) {
          if (owner.path("uid").asText().equals(uid) && owners.size() == 1) {
            delete(type, object);
          }
        }
      }
    }
  }

  private boolean hasLostItsOwners(ObjectNode object) {
    JsonNode owners = metadata(object).path("ownerReferences");
    boolean there = owners.isEmpty();
    for (JsonNode owner : owners) {
      there |= isElsewhere(owner);
      there |=
          objects.values().stream()
              .flatMap(all -> all.values().stream())
              .anyMatch(known -> metadata(known).path("uid").equals(owner.path("uid")));
    }
    return !there;
  }

  private boolean isElsewhere(JsonNode owner) {
    return owner.path("kind").asText().equals(HasMetadata.getKind(ZfsDiskImage.class))
        && real.filter(server -> !server.hasDeleted(owner.path("uid").asText())).isPresent();
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String suffix() {
    return UUID.randomUUID().toString().substring(0, 5);
  }

  private static String key(ObjectNode object) {
    JsonNode metadata = object.get("metadata");
    return metadata.path("namespace").asText() + "/" + metadata.path("name").asText();
  }

  private static ObjectNode metadata(ObjectNode object) {
    return object.withObjectProperty("metadata");
  }

  // Watches and logs.

  private void watch(HttpExchange exchange, Target target, Map<String, String> query)
      throws IOException {
    long seen = Long.parseLong(query.getOrDefault("resourceVersion", "0"));
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    long epoch;
    synchronized (this) {
      epoch = watchEpoch;
    }
    try (OutputStream out = exchange.getResponseBody()) {
      while (true) {
        List<Event> news;
        synchronized (this) {
          if (seen + 1 < oldestVersion) {
            out.write(gone());
            return;
          }
          long after = seen;
          news = newsAfter(after);
          while ((news.isEmpty() || withheld.contains(target.type()))
              && epoch == watchEpoch
              && !closed) {
            try {
              wait();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              return;
            }
            news = newsAfter(after);
          }
          if (epoch != watchEpoch || closed) {
            return;
          }
        }
        for (Event event : news) {
          seen = event.version();
          if (event.type().equals(target.type()) && selected(event.object(), target, query)) {
            ObjectNode line = JSON.createObjectNode().put("type", event.action());
            line.set("object", event.object());
            byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
            out.write(bytes);
            if (disturbed && !event.action().equals("DELETED")) {
              out.write(bytes);
              out.flush();
              lag(target.type());
            }
          }
        }
        out.flush();
      }
    }
  }

  /** Some kinds come later than others. */
  private static void lag(Type type) {
    try {
      Thread.sleep(Math.floorMod(type.hashCode(), 5) * 20L);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Event> newsAfter(long seen) {
    int low = 0;
    int high = history.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (history.get(middle).version() <= seen) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return List.copyOf(history.subList(low, history.size()));
  }

  private static byte[] gone() {
    ObjectNode line = JSON.createObjectNode().put("type", "ERROR");
    line.putObject("object")
        .put("kind", "Status")
        .put("apiVersion", "v1")
        .put("status", "Failure")
        .put("reason", "Expired")
        .put("message", "too old resource version")
        .put("code", 410);
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private SerialConsoles.Found serialConsole(ApiCall call) {
    try {
      return new SerialConsoles.Found(Optional.of(viewed(call)), Optional.empty());
    } catch (Answer answer) {
      return new SerialConsoles.Found(Optional.empty(), Optional.of(answer.refusal));
    }
  }

  /** KubeVirt's API server shows the consoles of running VMs only. */
  private synchronized Console viewed(ApiCall call) {
    calls.add(call);
    faults.stream()
        .filter(fault -> fault.times > 0 && fault.which.test(call))
        .findFirst()
        .ifPresent(
            fault -> {
              fault.times--;
              throw new Answer(
                  fault.refusal.status(), fault.refusal.reason(), fault.refusal.message());
            });
    ObjectNode machine =
        existing(
            new Target(
                HasMetadata.getGroup(VirtualMachineInstance.class),
                "v1",
                "virtualmachineinstances",
                call.namespace(),
                call.name(),
                ""));
    List<Pod> pods = ownedBy(Pod.class, metadata(machine).path("uid").asText());
    if (!machine.path("status").path("phase").asText().equals("Running") || pods.isEmpty()) {
      throw new Answer(400, "BadRequest", "VMI is not running");
    }
    return console(call.namespace(), pods.get(0).getMetadata().getName(), CONSOLE_LOG);
  }

  private void log(HttpExchange exchange, Target target, Map<String, String> query)
      throws IOException {
    Console console;
    synchronized (this) {
      existing(new Target("", "v1", "pods", target.namespace(), target.name(), ""));
      console =
          consoles.get(
              target.namespace() + "/" + target.name() + "/" + query.getOrDefault("container", ""));
    }
    if (console == null) {
      throw new Answer(400, "BadRequest", "container is waiting to start: PodInitializing");
    }
    exchange.getResponseHeaders().add("Content-Type", "text/plain");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      console.copyTo(out, "true".equals(query.get("follow")));
    }
  }

  private static boolean selected(ObjectNode object, Target target, Map<String, String> query) {
    return (target.namespace().isEmpty() || inNamespace(object, target.namespace()))
        && (target.name().isEmpty()
            || target.name().equals(object.path("metadata").path("name").asText()))
        && labelsMatch(object, query.getOrDefault("labelSelector", ""))
        && fieldsMatch(object, query.getOrDefault("fieldSelector", ""));
  }

  private static boolean inNamespace(ObjectNode object, String namespace) {
    return namespace.equals(object.path("metadata").path("namespace").asText());
  }

  /** Equality and existence are all that is asked; anything else is a test's mistake. */
  private static boolean labelsMatch(ObjectNode object, String selector) {
    if (selector.isEmpty()) {
      return true;
    }
    if (selector.contains("(") || selector.contains("!")) {
      throw new Answer(400, "BadRequest", "this double does not know the selector " + selector);
    }
    return Arrays.stream(selector.split(","))
        .allMatch(
            term -> {
              String[] sides = term.split("==?", 2);
              JsonNode value = object.path("metadata").path("labels").path(sides[0]);
              return sides.length == 1 ? !value.isMissingNode() : value.asText().equals(sides[1]);
            });
  }

  private static boolean fieldsMatch(ObjectNode object, String selector) {
    return selector.isEmpty()
        || Arrays.stream(selector.split(","))
            .allMatch(
                term -> {
                  String[] sides = term.split("==?", 2);
                  return object.at("/" + sides[0].replace('.', '/')).asText().equals(sides[1]);
                });
  }

  // HTTP.

  private static ObjectNode object(byte[] body) {
    return (ObjectNode) json(body);
  }

  private static JsonNode json(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw new Answer(400, "BadRequest", e.getMessage());
    }
  }

  private static void refuse(HttpExchange exchange, Refusal refusal) throws IOException {
    ObjectNode status = JSON.createObjectNode();
    status
        .put("kind", "Status")
        .put("apiVersion", "v1")
        .put("status", "Failure")
        .put("reason", refusal.reason())
        .put("message", refusal.message())
        .put("code", refusal.status());
    respond(exchange, refusal.status(), status);
  }

  private static void respond(HttpExchange exchange, int status, ObjectNode body)
      throws IOException {
    byte[] bytes;
    try {
      bytes = JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    if (raw != null) {
      for (String pair : raw.split("&")) {
        String[] sides = pair.split("=", 2);
        query.put(decode(sides[0]), sides.length == 2 ? decode(sides[1]) : "");
      }
    }
    return query;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "api-server");
    thread.setDaemon(true);
    return thread;
  }
}
