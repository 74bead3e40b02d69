package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.guest.Console;
import dev.zfsdiskimage.guest.ConsoleText;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.guest.Progress.Outcome;
import dev.zfsdiskimage.kubernetes.LiveConsole.Awaited;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/**
 * Follows the serial consoles of running VMs, each in a thread of its own, and tells when one of
 * them has said something new. A follower that is cut off begins again from the start of the log;
 * when the VM has stopped the whole log is read once more. Where a text is awaited, the console is
 * watched live as well, and whichever shows it first counts.
 */
final class Consoles implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Consoles.class);

  /** The container of KubeVirt's launcher that holds the guest's console. */
  static final String CONTAINER = "guest-console-log";

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** The launcher's pod, and with it the log, ends about 11 s after its VM. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final KubernetesClient client;
  private final Clock clock;
  private final Consumer<ResourceID> news;
  private final LongConsumer lost;
  private final ExecutorService threads = Executors.newCachedThreadPool(Consoles::daemon);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Consoles::daemon);
  private final Map<String, Follower> followers = new ConcurrentHashMap<>();

  /**
   * @param news is told the resource whose VM has said something
   * @param lost is told how many messages of a console have not come through, at its end
   */
  Consoles(KubernetesClient client, Clock clock, Consumer<ResourceID> news, LongConsumer lost) {
    this.client = client;
    this.clock = clock;
    this.news = news;
    this.lost = lost;
  }

  /**
   * Whose console it is.
   *
   * @param pod the launcher's
   * @param nonce of the VM's boot
   * @param awaited text to look out for; empty for none
   * @param resource to be looked at when it has said something
   * @param resourceUid with which it goes
   */
  record Source(
      String namespace,
      String pod,
      String nonce,
      Optional<Awaited> awaited,
      ResourceID resource,
      String resourceUid) {}

  /**
   * What was read so far.
   *
   * @param first when the first valid message was read
   * @param last when the newest valid message was read
   * @param expected when the expected text was read
   * @param live what was seen of the console live
   * @param ended whether the VM has stopped and everything was read
   */
  record Reading(
      Progress progress,
      Optional<DiskReport> report,
      Optional<Instant> first,
      Optional<Instant> last,
      Optional<Instant> expected,
      LiveConsole.Seen live,
      boolean ended) {
    static final Reading NONE =
        new Reading(
            Progress.NONE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            LiveConsole.Seen.NOTHING,
            false);

    private Reading atEnd() {
      return new Reading(progress, report, first, last, expected, live, true);
    }

    private Reading seen(LiveConsole.Seen next, Instant now) {
      Optional<Instant> found = next.expected() ? expected.or(() -> Optional.of(now)) : expected;
      return new Reading(progress, report, first, last, found, next, ended);
    }
  }

  /** What is known of the VM's console, without following it. */
  Reading known(String vmUid) {
    Follower follower = followers.get(vmUid);
    return follower == null ? Reading.NONE : follower.reading;
  }

  /** How far the VM's console was read; empty while nobody follows it. */
  Optional<Vm.Hearing> hearing(String vmUid) {
    return Optional.ofNullable(followers.get(vmUid)).map(follower -> follower.hearing);
  }

  /** Until when the VM's console is watched for its text, if it is. */
  Optional<Instant> deadline(String vmUid) {
    return Optional.ofNullable(followers.get(vmUid))
        .flatMap(follower -> follower.source.awaited())
        .map(Awaited::until);
  }

  /** Begins to follow the VM's console, unless it is followed already. */
  Reading follow(String vmUid, Source source) {
    return followers.computeIfAbsent(vmUid, uid -> start(source)).reading;
  }

  /** The VM has stopped: nothing new will come but what is under way. */
  void stopped(String vmUid) {
    Follower follower = followers.get(vmUid);
    if (follower != null) {
      follower.stopped();
    }
  }

  /** Nobody asks for it any more. */
  void forget(String vmUid) {
    Follower follower = followers.remove(vmUid);
    if (follower != null) {
      follower.close();
    }
  }

  /** Of the resource's VMs only these are left: the others were deleted, by whomever. */
  void keepOnly(String resourceUid, Set<String> vmUids) {
    followers.forEach(
        (uid, follower) -> {
          if (follower.source.resourceUid().equals(resourceUid) && !vmUids.contains(uid)) {
            forget(uid);
          }
        });
  }

  /** The resource is gone, and its VMs with it. */
  void forgetResource(String resourceUid) {
    keepOnly(resourceUid, Set.of());
  }

  /** How many consoles are followed. */
  int following() {
    return (int) followers.values().stream().filter(follower -> !follower.reading.ended()).count();
  }

  @Override
  public void close() {
    followers.values().forEach(Follower::close);
    timer.shutdownNow();
    threads.shutdownNow();
  }

  private Follower start(Source source) {
    Follower follower = new Follower(source);
    source.awaited().ifPresent(follower::await);
    threads.execute(follower);
    return follower;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "console");
    thread.setDaemon(true);
    return thread;
  }

  private final class Follower implements Runnable {
    private final Source source;
    private volatile Reading reading = Reading.NONE;
    private volatile Vm.Hearing hearing;
    private volatile boolean closed;
    private boolean stopped;
    private InputStream log;
    private Optional<Future<?>> watching = Optional.empty();
    private Optional<Future<?>> alarm = Optional.empty();

    private Follower(Source source) {
      this.source = source;
      this.hearing = new Vm.Hearing(clock.instant(), false, Optional.empty());
    }

    @Override
    public void run() {
      try {
        while (!closed && !isStopped()) {
          // A log that is followed does not say where its past ends; one that is only read does.
          Optional<String> trouble = readThrough(false);
          if (trouble.isEmpty()) {
            hears(true, trouble);
            trouble = readThrough(true);
          }
          hears(false, trouble);
          pause();
        }
        if (!closed && !hasGoodEnd()) {
          readThrough(false);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (!closed) {
        lost.accept(reading.progress().lost());
        tell(Reading::atEnd);
      }
    }

    /** Watches the console live, and has the resource looked at when it is too late. */
    private synchronized void await(Awaited awaited) {
      LiveConsole live =
          new LiveConsole(
              client,
              source.namespace(),
              awaited,
              clock,
              LiveConsole.QUIET,
              () -> !reading.progress().tail().isEmpty(),
              seen -> tell(before -> before.seen(seen, clock.instant())));
      watching = Optional.of(threads.submit(live));
      long left = Duration.between(clock.instant(), awaited.until()).toMillis();
      alarm =
          Optional.of(
              timer.schedule(
                  () -> news.accept(source.resource()),
                  Math.max(0, left) + 1,
                  TimeUnit.MILLISECONDS));
    }

    private synchronized void endWatching() {
      watching.ifPresent(thread -> thread.cancel(true));
      alarm.ifPresent(timed -> timed.cancel(false));
    }

    private void hears(boolean whole, Optional<String> trouble) {
      boolean news = whole && !hearing.whole();
      Instant since = hearing.whole() == whole ? hearing.since() : clock.instant();
      hearing = new Vm.Hearing(since, whole, trouble);
      if (news) {
        Consoles.this.news.accept(source.resource());
      }
    }

    /**
     * Reads the log from its start; with {@code follow} to the end of its container.
     *
     * @return what kept it from being read; empty when it was
     */
    private Optional<String> readThrough(boolean follow) throws InterruptedException {
      Sight sight = new Sight(source);
      HttpClient http = client.getHttpClient();
      // The client's own way to a log lists and watches its pod first, for each reading.
      HttpRequest request = http.newHttpRequestBuilder().uri(logUri(follow)).forStreaming().build();
      try {
        HttpResponse<InputStream> answer = http.sendAsync(request, InputStream.class).get();
        try (InputStream in = open(answer.body())) {
          if (!answer.isSuccessful()) {
            return Optional.of("the log of pod " + source.pod() + ": HTTP " + answer.code());
          }
          read(in, sight);
          return Optional.empty();
        }
      } catch (IOException | ExecutionException | CompletionException e) {
        // Cut off, or gone with its pod: what was read stays, and it is tried again.
        return Optional.of("the log of pod " + source.pod() + ": " + e.getMessage());
      }
    }

    private String logUri(boolean follow) {
      return URI.create(client.getMasterUrl().toString())
          .resolve(
              "api/v1/namespaces/"
                  + source.namespace()
                  + "/pods/"
                  + source.pod()
                  + "/log?container="
                  + CONTAINER
                  + (follow ? "&follow=true" : ""))
          .toString();
    }

    private synchronized InputStream open(InputStream opened) throws IOException {
      log = opened;
      if (closed || (stopped && hasEnd())) {
        opened.close();
      }
      return opened;
    }

    private void read(InputStream in, Sight sight) throws IOException {
      byte[] portion = new byte[16 * 1024];
      for (int count = in.read(portion); count >= 0 && !closed; count = in.read(portion)) {
        sight.accept(portion, count);
        tell(before -> sight.merge(before, clock.instant()));
        if (reading.expected().isPresent()) {
          endWatching();
        }
      }
    }

    private void tell(UnaryOperator<Reading> change) {
      Reading before;
      Reading next;
      synchronized (this) {
        before = reading;
        next = change.apply(before);
        reading = next;
      }
      Progress was = before.progress();
      Progress is = next.progress();
      boolean fresh =
          before.ended() != next.ended()
              || before.expected().isPresent() != next.expected().isPresent()
              || before.report().isPresent() != next.report().isPresent()
              || before.first().isPresent() != next.first().isPresent()
              || !was.step().equals(is.step())
              || !was.done().equals(is.done())
              || !was.outcome().equals(is.outcome());
      if (fresh) {
        news.accept(source.resource());
      }
      if (!before.ended() && hasEnd()) {
        endIfStopped();
      }
    }

    /** All that a second reading could tell is known; of a failure the last lines matter, too. */
    private boolean hasGoodEnd() {
      return reading.progress().outcome() instanceof Outcome.Finished
          || reading.report().isPresent();
    }

    private boolean hasEnd() {
      return !(reading.progress().outcome() instanceof Outcome.Unknown)
          || reading.report().isPresent();
    }

    private synchronized boolean isStopped() {
      return stopped;
    }

    private void stopped() {
      synchronized (this) {
        if (stopped) {
          return;
        }
        stopped = true;
        notifyAll();
      }
      endWatching();
      endIfStopped();
      timer.schedule(this::endFollowing, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void endIfStopped() {
      if (stopped && hasEnd()) {
        endFollowing();
      }
    }

    private synchronized void endFollowing() {
      if (log != null) {
        try {
          log.close();
        } catch (IOException e) {
          LOG.debugf(e, "closing the console of pod %s", source.pod());
        }
      }
    }

    private void close() {
      closed = true;
      endWatching();
      synchronized (this) {
        notifyAll();
        endFollowing();
      }
    }

    private synchronized void pause() throws InterruptedException {
      if (!closed && !stopped) {
        wait(PAUSE.toMillis());
      }
    }
  }

  /** One reading of a log from its start. */
  private static final class Sight {
    private final Console console;
    private final Optional<String> expect;
    private final ConsoleText text = new ConsoleText();
    private boolean seen;

    private Sight(Source source) {
      this.console = new Console(source.nonce());
      this.expect = source.awaited().map(Awaited::text);
    }

    private void accept(byte[] portion, int count) {
      console.accept(portion, 0, count);
      if (expect.isPresent() && !seen) {
        text.add(portion, 0, count);
        seen = text.contains(expect.get());
      }
    }

    /** A second reading counts once it has come as far as the first. */
    private Reading merge(Reading before, Instant now) {
      Progress progress = console.progress();
      Optional<DiskReport> report = console.report().or(before::report);
      boolean more = progress.messages() > before.progress().messages();
      boolean asFar = progress.messages() >= before.progress().messages();
      return new Reading(
          asFar ? progress : before.progress(),
          report,
          before.first().or(() -> more ? Optional.of(now) : Optional.empty()),
          more ? Optional.of(now) : before.last(),
          before.expected().or(() -> seen ? Optional.of(now) : Optional.empty()),
          before.live(),
          before.ended());
    }
  }
}
