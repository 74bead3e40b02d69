package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.OutputSpec;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Action;
import dev.zfsdiskimage.engine.Decision;
import dev.zfsdiskimage.engine.Engine;
import dev.zfsdiskimage.engine.Observed;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.kubevirt.DataSource;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.metrics.BuildMeters;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.References;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.Problem;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Looks at one resource: observe, decide, report, apply. All that it remembers between two looks
 * can be lost without harm.
 */
@ApplicationScoped
@ControllerConfiguration(
    name = "zfsdiskimage",
    informer = @Informer(itemStore = SlimStore.class),
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(
    maxAttempts = ZfsDiskImageReconciler.WITHOUT_END,
    initialInterval = 1000,
    intervalMultiplier = 2,
    maxInterval = 60_000)
public class ZfsDiskImageReconciler implements Reconciler<ZfsDiskImage>, AutoCloseable {
  static final int WITHOUT_END = -1;

  private static final Logger LOG = Logger.getLogger(ZfsDiskImageReconciler.class);

  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  /** Failures of a look that may pass within seconds are told only when they do not. */
  private static final int RETRIES_UNTOLD = 2;

  private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

  private final KubernetesClient client;
  private final Settings settings;
  private final Clock clock;
  private final BuildMeters meters;
  private final News news = new News(this::gone);
  private final Consoles consoles;
  private final ReferencedObjects references;
  private final Latches latches = new Latches();
  private final StatusPace pace = new StatusPace();
  private final Deletions deletions = new Deletions();
  private final Refusals refusals = new Refusals();
  private final Refusals untidy = new Refusals();
  private final AtomicBoolean eventsAreLost = new AtomicBoolean();
  private final Queue queue;
  private final boolean dataSources;
  private volatile Optional<Cache<ZfsDiskImage>> resources = Optional.empty();

  @Inject
  ZfsDiskImageReconciler(KubernetesClient client, Settings settings, BuildMeters meters) {
    this(client, settings, meters, Clock.systemUTC());
  }

  ZfsDiskImageReconciler(
      KubernetesClient client, Settings settings, BuildMeters meters, Clock clock) {
    this.client = client;
    this.settings = settings;
    this.clock = clock;
    this.meters = meters;
    this.consoles = new Consoles(client, clock, this::tell, meters::consoleLinesLost);
    this.references = new ReferencedObjects(client, settings.watchSecrets(), this::tell);
    this.queue = new Queue(settings.builds(), settings.buildsPerNamespace());
    this.dataSources = client.supports(DataSource.class);
    meters.watch(queue::building, queue::waiting, consoles::following);
  }

  @Override
  public List<EventSource<?, ZfsDiskImage>> prepareEventSources(
      EventSourceContext<ZfsDiskImage> context) {
    resources = Optional.of(context.getPrimaryCache());
    List<EventSource<?, ZfsDiskImage>> sources = new ArrayList<>();
    sources.add(news);
    sources.add(informer(PersistentVolumeClaim.class, new SlimStore<>(), context));
    sources.add(informer(ConfigMap.class, new SlimStore<>(), context));
    sources.add(informer(Job.class, withoutSpec(Job::setSpec), context));
    sources.add(
        informer(
            VirtualMachineInstance.class, withoutSpec(VirtualMachineInstance::setSpec), context));
    sources.add(informer(Pod.class, withoutSpec(Pod::setSpec), context));
    if (dataSources) {
      sources.add(informer(DataSource.class, new SlimStore<>(), context));
    }
    return sources;
  }

  @Override
  public UpdateControl<ZfsDiskImage> reconcile(
      ZfsDiskImage resource, Context<ZfsDiskImage> context) {
    if (resource.getMetadata().getDeletionTimestamp() != null) {
      gone(resource);
      return UpdateControl.noUpdate();
    }
    try {
      return look(resource, context);
    } finally {
      // News of a deletion that came meanwhile has removed what this look has put back.
      if (!exists(resource)) {
        gone(resource);
      }
    }
  }

  private UpdateControl<ZfsDiskImage> look(ZfsDiskImage resource, Context<ZfsDiskImage> context) {
    Instant now = clock.instant();
    String uid = resource.getMetadata().getUid();
    View seen = view(context, uid);
    Records records = new Records(seen, uid);
    View view = seen.withImages(records.imageUids());
    Cluster cluster = new ClientCluster(client, context);
    ownership(resource).see(view, records, cluster);
    References read;
    try {
      read = references.of(resource);
    } catch (KubernetesClientException e) {
      return unread(resource, e, records, now);
    }
    Checked<Recipe> recipe = ClusterRules.recipe(resource, read, settings);
    if (recipe instanceof Checked.Valid<Recipe> valid) {
      return reconcile(resource, valid.value(), view, records, cluster, context, now);
    }
    leave(resource);
    return refuse(resource, recipe.problems(), records, now);
  }

  /** Says in the status that a look fails, once it has failed more often than by chance. */
  @Override
  public ErrorStatusUpdateControl<ZfsDiskImage> updateErrorStatus(
      ZfsDiskImage resource, Context<ZfsDiskImage> context, Exception failure) {
    if (retries(context) >= RETRIES_UNTOLD && exists(resource)) {
      Instant now = clock.instant();
      Optional<ZfsDiskImageStatus> before = Optional.ofNullable(resource.getStatus());
      ZfsDiskImageStatus next =
          FailedLook.of(failure).over(before, resource.getMetadata().getGeneration(), now);
      try {
        if (before.filter(next::equals).isEmpty()) {
          write(resource, before, next, now);
        }
      } catch (KubernetesClientException e) {
        LOG.debugf(e, "a failed look could not be told");
      }
    }
    return ErrorStatusUpdateControl.noStatusUpdate();
  }

  private static int retries(Context<ZfsDiskImage> context) {
    return context.getRetryInfo().map(RetryInfo::getAttemptCount).orElse(0);
  }

  @Override
  public void close() {
    references.close();
    consoles.close();
  }

  private boolean exists(ZfsDiskImage resource) {
    String uid = resource.getMetadata().getUid();
    return resources
        .map(cache -> cache.get(ResourceID.fromResource(resource)))
        .map(known -> known.filter(found -> found.getMetadata().getUid().equals(uid)).isPresent())
        .orElse(true);
  }

  /** Its objects go with it, by their owner references; what is in memory goes here. */
  private void gone(ZfsDiskImage resource) {
    String uid = resource.getMetadata().getUid();
    references.forget(resource);
    consoles.forgetResource(uid);
    latches.forget(uid);
    refusals.forget(uid);
    untidy.forget(uid);
    pace.forget(uid);
    meters.forget(uid);
    leave(resource);
  }

  private UpdateControl<ZfsDiskImage> reconcile(
      ZfsDiskImage resource,
      Recipe recipe,
      View view,
      Records records,
      Cluster cluster,
      Context<ZfsDiskImage> context,
      Instant now) {
    Revision revision = Revision.of(resource, recipe);
    Optional<ConfigMap> unreadable = records.unreadable(revision.id());
    if (unreadable.isPresent()) {
      leave(resource);
      String message =
          "ConfigMap %s, the record of revision %s, is cut, or is not this operator's"
              .formatted(unreadable.get().getMetadata().getName(), revision.id());
      return refuse(resource, Reason.RECORD_UNREADABLE, message, records, now);
    }
    LedgerWriter ledger =
        new LedgerWriter(revision, view.ledger(revision), records.of(revision.id()), cluster);
    if (ledger.complete()) {
      return UpdateControl.<ZfsDiskImage>noUpdate().reschedule();
    }
    Symptoms symptoms = new Symptoms(this::events, now);
    Pods pods = new Pods(view, this::pods);
    JobObserver jobs = new JobObserver(view, pods, symptoms, now);
    consoles.keepOnly(
        resource.getMetadata().getUid(),
        view.machines().stream()
            .map(machine -> machine.getMetadata().getUid())
            .collect(Collectors.toSet()));
    MachineObserver machines =
        new MachineObserver(view, pods, ledger.ledger(), consoles, latches, symptoms, now);
    Observer observer =
        new Observer(recipe, revision, view, ledger.ledger(), records, machines, jobs, now);
    boolean suspended = Boolean.TRUE.equals(resource.getSpec().suspend());
    if (isChanged(resource)) {
      // What was refused may have been the spec's fault.
      refusals.forget(resource.getMetadata().getUid());
    }
    Optional<Vm.Trouble> refused = refusals.of(resource.getMetadata().getUid(), now);

    Observed observed = observer.observe(suspended, 0, refused);
    Decision decision = Engine.decide(recipe, observed, now);
    int ahead = ahead(resource, observed, decision);
    if (ahead > 0) {
      observed = observer.observe(suspended, ahead, refused);
      decision = Engine.decide(recipe, observed, now);
    }

    Applier applier =
        new Applier(
            recipe,
            settings,
            revision,
            view,
            observed,
            decision.status(),
            ledger,
            jobs,
            forgetting(resource, cluster, now),
            now);
    boolean again = false;
    boolean applied = false;
    ZfsDiskImage reported = resource;
    try {
      again = apply(applier, decision, resource, now);
      applied = true;
    } finally {
      // When the next decision follows at once, it is the one to be told; a failure is to be told
      // now, until it is told that it stays.
      if (!again && (applied || retries(context) < RETRIES_UNTOLD)) {
        reported =
            report(
                resource,
                told(resource, decision.status()),
                Optional.of(revision.id()),
                good(records, revision),
                now);
      }
    }
    Housekeeping housekeeping =
        new Housekeeping(recipe, revision, view, records, forgetting(resource, cluster, now));
    boolean refusedBefore = untidy.known(resource.getMetadata().getUid()).isPresent();
    boolean kept =
        tidy(
            resource,
            () -> housekeeping.tidy(dataSources(context, resource.getMetadata().getUid())),
            retries(context),
            now);
    again |= refusedBefore != untidy.known(resource.getMetadata().getUid()).isPresent();
    meters.saw(resource.getMetadata().getUid(), decision.status());
    meters.isIn(resource.getMetadata().getUid(), decision.status().phase());
    meters.holds(resource.getMetadata().getUid(), good(records, revision).isPresent());
    UpdateControl<ZfsDiskImage> control = UpdateControl.noUpdate();
    if (again) {
      return control.reschedule();
    }
    Optional<Duration> look = decision.nextLook().map(ZfsDiskImageReconciler::atLeastASecond);
    if (kept && (look.isEmpty() || look.get().compareTo(LOOK_AGAIN) > 0)) {
      look = Optional.of(LOOK_AGAIN);
    }
    look.ifPresent(control::rescheduleAfter);
    return reported == null ? control.rescheduleAfter(Duration.ofSeconds(1)) : control;
  }

  private static boolean isChanged(ZfsDiskImage resource) {
    return Optional.ofNullable(resource.getStatus())
        .map(ZfsDiskImageStatus::observedGeneration)
        .filter(seen -> !seen.equals(resource.getMetadata().getGeneration()))
        .isPresent();
  }

  private static Duration atLeastASecond(Duration look) {
    Duration second = Duration.ofSeconds(1);
    return look.compareTo(second) < 0 ? second : look;
  }

  private boolean apply(Applier applier, Decision decision, ZfsDiskImage resource, Instant now) {
    String uid = resource.getMetadata().getUid();
    boolean again = false;
    for (Action action : decision.actions()) {
      try {
        again |= applier.apply(action);
        refusals.forget(uid);
      } catch (NameTakenException e) {
        refusals.note(uid, Reason.NAME_TAKEN, e.getMessage(), now);
        return true;
      } catch (KubernetesClientException e) {
        Refusal refusal = Refusal.of(e).orElseThrow(() -> e);
        refusals.note(uid, refusal.reason(), refusal.words(), now);
        return true;
      }
    }
    return again;
  }

  /** Whether it is worth looking again: something was kept, or is not granted for now. */
  private boolean tidy(
      ZfsDiskImage resource, BooleanSupplier housekeeping, int retries, Instant now) {
    String uid = resource.getMetadata().getUid();
    if (untidy.of(uid, now).isPresent()) {
      return true;
    }
    try {
      boolean kept = housekeeping.getAsBoolean();
      untidy.forget(uid);
      return kept;
    } catch (NameTakenException e) {
      untidy.note(uid, Reason.NAME_TAKEN, e.getMessage(), now);
      return true;
    } catch (KubernetesClientException e) {
      Optional<Refusal> refusal = Refusal.of(e);
      if (refusal.isEmpty() && retries < RETRIES_UNTOLD) {
        throw e;
      }
      // What is built is as good as it was: only the tidying fails.
      Reason reason = refusal.map(Refusal::reason).orElse(Reason.RETRYING);
      untidy.note(uid, reason, Refusal.words(e), now);
      return true;
    }
  }

  private Status told(ZfsDiskImage resource, Status status) {
    return untidy
        .known(resource.getMetadata().getUid())
        .map(
            refused -> status.adding("what is left over cannot be tidied up: " + refused.message()))
        .orElse(status);
  }

  private int ahead(ZfsDiskImage resource, Observed observed, Decision decision) {
    Queue.Build build =
        new Queue.Build(
            resource.getMetadata().getNamespace(),
            resource.getMetadata().getName(),
            resource.getMetadata().getUid(),
            Times.created(resource));
    boolean wants = decision.actions().stream().anyMatch(Action.ProvisionDisks.class::isInstance);
    if (rests(decision.status()) || observed.attempt() == 0 && !wants) {
      leave(resource);
      return 0;
    }
    return queue.ahead(build, observed.attempt() > 0);
  }

  /**
   * Whether nothing of it goes on by itself: it has ended, is suspended, or waits for something
   * outside. It goes on without being asked whether there is room.
   */
  private static boolean rests(Status status) {
    return status.terminal()
        || status.phase() == Phase.SUSPENDED
        || status
            .condition(ConditionType.RECONCILING)
            .filter(condition -> condition.reason().handling() == Reason.Handling.WAITING)
            .isPresent();
  }

  private void leave(ZfsDiskImage resource) {
    queue.leave(resource.getMetadata().getUid()).forEach(this::tell);
  }

  /** A role may lack the right to read what the operator is set to watch. */
  private UpdateControl<ZfsDiskImage> unread(
      ZfsDiskImage resource, KubernetesClientException failure, Records records, Instant now) {
    if (failure.getCode() != FORBIDDEN) {
      throw failure;
    }
    leave(resource);
    Problem problem =
        Problem.notFound(
            "spec",
            "",
            "the operator may not read what it refers to: " + failure.getMessage(),
            "give its role the right (chart: rbac.watchSecrets), or unset ZDI_WATCH_SECRETS");
    return refuse(resource, List.of(problem), records, now).rescheduleAfter(LOOK_AGAIN);
  }

  private UpdateControl<ZfsDiskImage> refuse(
      ZfsDiskImage resource, List<Problem> problems, Records records, Instant now) {
    Reason reason = problems.get(0).reason();
    String message = problems.stream().map(Problem::describe).collect(Collectors.joining("\n"));
    return refuse(resource, reason, message, records, now);
  }

  private UpdateControl<ZfsDiskImage> refuse(
      ZfsDiskImage resource, Reason reason, String message, Records records, Instant now) {
    Optional<Map.Entry<String, Ledger.Published>> good = records.newestFinished();
    Status status = Engine.refused(reason, message, good.map(Map.Entry::getKey));
    ZfsDiskImage reported =
        report(resource, status, Optional.empty(), good.map(Map.Entry::getValue), now);
    meters.isIn(resource.getMetadata().getUid(), status.phase());
    meters.holds(resource.getMetadata().getUid(), good.isPresent());
    UpdateControl<ZfsDiskImage> control = UpdateControl.noUpdate();
    return reported == null ? control.rescheduleAfter(Duration.ofSeconds(1)) : control;
  }

  /**
   * Writes the status, if it differs from the one that is there, and tells its turns as events.
   *
   * @return null when it is to be tried again: somebody else was faster, or the last write was less
   *     than a second ago
   */
  private ZfsDiskImage report(
      ZfsDiskImage resource,
      Status status,
      Optional<String> revision,
      Optional<Ledger.Published> good,
      Instant now) {
    Optional<ZfsDiskImageStatus> before = Optional.ofNullable(resource.getStatus());
    ZfsDiskImageStatus next =
        new StatusDocument(resource.getMetadata().getGeneration(), before, now)
            .write(status, revision, good);
    if (before.filter(next::equals).isPresent()) {
      return resource;
    }
    String uid = resource.getMetadata().getUid();
    if (!status.terminal() && pace.rest(uid, now).isPresent()) {
      return null;
    }
    return write(resource, before, next, now);
  }

  /**
   * Writes the status and tells its turns.
   *
   * @return null when somebody else was faster, or has deleted the resource
   */
  private ZfsDiskImage write(
      ZfsDiskImage resource,
      Optional<ZfsDiskImageStatus> before,
      ZfsDiskImageStatus next,
      Instant now) {
    new Events(now).between(resource, before, next).forEach(this::tell);
    ZfsDiskImage changed = new ZfsDiskImage();
    changed.setMetadata(resource.getMetadata());
    changed.setSpec(resource.getSpec());
    changed.setStatus(next);
    try {
      // Replaces the version that was read and no other: what was decided on an older spec is
      // refused.
      ZfsDiskImage written = client.resource(changed).updateStatus();
      pace.wrote(resource.getMetadata().getUid(), now);
      log(before, next);
      return written;
    } catch (KubernetesClientException e) {
      if (e.getCode() == CONFLICT || e.getCode() == NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  /** The turns of a build; which resource it is stands in the log's context. */
  private static void log(Optional<ZfsDiskImageStatus> before, ZfsDiskImageStatus after) {
    ZfsDiskImageStatus.Condition ready = ready(after).orElseThrow();
    boolean same =
        before
            .filter(known -> known.phase() == after.phase())
            .flatMap(ZfsDiskImageReconciler::ready)
            .filter(known -> known.reason() == ready.reason())
            .isPresent();
    if (!same) {
      LOG.infof(
          "phase %s, attempt %d: %s: %s",
          after.phase(), after.attempt(), ready.reason().word(), ready.message());
    }
  }

  private static Optional<ZfsDiskImageStatus.Condition> ready(ZfsDiskImageStatus status) {
    return status.conditions().stream()
        .filter(condition -> condition.type() == ConditionType.READY)
        .findFirst();
  }

  /** A VM that is deleted was accounted for: nothing of it is kept in memory. */
  private Cluster forgetting(ZfsDiskImage resource, Cluster cluster, Instant now) {
    return new ForgettingCluster(
        cluster,
        deletions,
        now,
        machine -> {
          String uid = machine.getMetadata().getUid();
          consoles.forget(uid);
          latches.forget(resource.getMetadata().getUid(), machine.getMetadata().getName(), uid);
        });
  }

  /** Nothing waits for an event: who may not write them, or cannot now, builds all the same. */
  private void tell(Event event) {
    try {
      client.v1().events().inNamespace(event.getMetadata().getNamespace()).resource(event).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT && !eventsAreLost.getAndSet(true)) {
        LOG.warnf("events cannot be written, and are lost: %s", Refusal.words(e));
      }
    }
  }

  /** Has the resource looked at soon. */
  void tell(ResourceID resource) {
    news.propagateEvent(resource);
  }

  private void tell(Queue.Build build) {
    tell(new ResourceID(build.name(), build.namespace()));
  }

  /** They only say more exactly what conditions say, too. */
  private List<Event> events(HasMetadata object) {
    try {
      return client
          .v1()
          .events()
          .inNamespace(object.getMetadata().getNamespace())
          .withField("involvedObject.uid", object.getMetadata().getUid())
          .list()
          .getItems();
    } catch (KubernetesClientException e) {
      LOG.debugf(e, "the events of %s could not be read", object.getMetadata().getName());
      return List.of();
    }
  }

  private List<Pod> pods(HasMetadata object) {
    return client
        .pods()
        .inNamespace(object.getMetadata().getNamespace())
        .withLabel(Labels.IMAGE, Labels.of(object, Labels.IMAGE).orElseThrow())
        .list()
        .getItems();
  }

  /** The revision's own images, or the newest older ones. */
  private static Optional<Ledger.Published> good(Records records, Revision revision) {
    return Optional.ofNullable(records.finished().get(revision.id()))
        .or(() -> records.newestFinishedBut(revision.id()).map(Map.Entry::getValue));
  }

  private static View view(Context<ZfsDiskImage> context, String uid) {
    return View.of(
        uid,
        context.getSecondaryResources(PersistentVolumeClaim.class),
        context.getSecondaryResources(ConfigMap.class),
        context.getSecondaryResources(Job.class),
        context.getSecondaryResources(VirtualMachineInstance.class),
        context.getSecondaryResources(Pod.class));
  }

  private Optional<Collection<DataSource>> dataSources(Context<ZfsDiskImage> context, String uid) {
    return dataSources
        ? Optional.of(
            context.getSecondaryResources(DataSource.class).stream()
                .filter(source -> Owners.isOwnedBy(source, uid))
                .toList())
        : Optional.empty();
  }

  /** What the resource says of its images also while it cannot be built. */
  private static ImageOwnership ownership(ZfsDiskImage resource) {
    boolean retained =
        resource.getSpec() != null
            && resource.getSpec().output() != null
            && resource.getSpec().output().onDelete() == OutputSpec.OnDelete.RETAIN;
    return new ImageOwnership(
        retained ? Recipe.OnDelete.RETAIN : Recipe.OnDelete.DELETE, Revision.owner(resource));
  }

  private static <T extends HasMetadata> InformerEventSource<T, ZfsDiskImage> informer(
      Class<T> kind, SlimStore<T> store, EventSourceContext<ZfsDiskImage> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(kind, ZfsDiskImage.class)
            .withItemStore(store)
            .withLabelSelector(Labels.SELECTOR)
            .withSecondaryToPrimaryMapper(ZfsDiskImageReconciler::resourceOf)
            .build(),
        context);
  }

  /** Of an object that is made once and never changed, only what became of it is read. */
  private static <T extends HasMetadata, S> SlimStore<T> withoutSpec(BiConsumer<T, S> setSpec) {
    return new SlimStore<>(object -> setSpec.accept(object, null));
  }

  private static Set<ResourceID> resourceOf(HasMetadata object) {
    return Labels.of(object, Labels.IMAGE)
        .map(name -> Set.of(new ResourceID(name, object.getMetadata().getNamespace())))
        .orElse(Set.of());
  }
}
