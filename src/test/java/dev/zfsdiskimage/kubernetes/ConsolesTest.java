package dev.zfsdiskimage.kubernetes;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.zfsdiskimage.kubernetes.LiveConsole.Awaited;
import dev.zfsdiskimage.kubernetes.LiveConsole.Seen;
import dev.zfsdiskimage.kubernetes.cluster.ApiServer;
import dev.zfsdiskimage.kubernetes.cluster.Console;
import dev.zfsdiskimage.kubernetes.cluster.MovableClock;
import dev.zfsdiskimage.kubevirt.SerialConsole;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who watches consoles, types little and leaves when it should. */
@Timeout(120)
class ConsolesTest {
  private static final ResourceID RESOURCE = new ResourceID("web", "images");
  private static final Duration QUIET = Duration.ofMillis(20);
  private static final String UID = "uid-of-the-vm";

  private final ApiServer api = new ApiServer();
  private final KubernetesClient client = api.client();
  private final Console console = api.console("images", "launcher", "guest-console-log");
  private final BlockingQueue<Seen> news = new LinkedBlockingQueue<>();
  private final Semaphore quiet = new Semaphore(0);
  private volatile boolean hasPrintedLines;
  private final Consoles consoles =
      new Consoles(client, Clock.systemUTC(), resource -> {}, lost -> {});

  @BeforeEach
  void runMachine() {
    VirtualMachineInstance machine = new VirtualMachineInstance();
    machine.setMetadata(
        new ObjectMetaBuilder().withNamespace("images").withName("web-uefi").build());
    machine.setStatus(new VirtualMachineInstanceStatus("Running", null, null, null, null));
    api.create(machine);
    String uid = api.list(VirtualMachineInstance.class).get(0).getMetadata().getUid();
    api.create(
        new PodBuilder()
            .withNewMetadata()
            .withNamespace("images")
            .withName("launcher")
            .addNewOwnerReference()
            .withUid(uid)
            .endOwnerReference()
            .endMetadata()
            .build());
  }

  @AfterEach
  void close() {
    consoles.close();
    client.close();
    api.close();
  }

  @Test
  void bothDirectionsCarryBytesOfAnyLength() throws Exception {
    byte[] much = new byte[200_000];
    for (int i = 0; i < much.length; i++) {
      much[i] = (byte) (i * 31 + i / 251);
    }
    try (SerialConsole open = SerialConsole.open(client, "images", "web-uefi")) {
      for (int count : new int[] {1, 125, 126, 65_535, 65_536, much.length}) {
        open.write(Arrays.copyOf(much, count));
        assertThat(console.readTyped()).isEqualTo(Arrays.copyOf(much, count));
      }
      console.write(much, 0, much.length);
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      while (read.size() < much.length) {
        read.writeBytes(open.read(Duration.ofMinutes(1)).orElseThrow());
      }
      assertThat(read.toByteArray()).isEqualTo(much);
    }
  }

  @Test
  void whoComesLaterTakesTheConsole() throws Exception {
    try (SerialConsole first = SerialConsole.open(client, "images", "web-uefi");
        SerialConsole second = SerialConsole.open(client, "images", "web-uefi")) {
      assertThat(catchThrowable(() -> first.read(Duration.ofMinutes(1))))
          .isInstanceOf(IOException.class);

      console.write("login: ");
      assertThat(second.read(Duration.ofMinutes(1)).orElseThrow())
          .isEqualTo("login: ".getBytes(US_ASCII));
    }
  }

  @Test
  void forgottenConsoleIsLeft() throws InterruptedException {
    consoles.follow(UID, source());
    awaitViewers(1);

    consoles.forget(UID);

    awaitViewers(0);
    assertThat(consoles.following()).isZero();
  }

  @Test
  void consoleOfAMachineThatIsGoneIsLeft() throws InterruptedException {
    consoles.follow(UID, source());
    awaitViewers(1);

    consoles.keepOnly("uid-of-the-resource", Set.of("another"));

    awaitViewers(0);
  }

  @Test
  void consoleIsLeftOnceTheLogHasTheText() throws InterruptedException {
    consoles.follow(UID, source());
    awaitViewers(1);

    console.print("web login: root");

    awaitViewers(0);
    assertThat(consoles.known(UID).expected()).isPresent();
  }

  @Test
  void silentConsoleIsAskedUntilItAnswers() throws InterruptedException {
    hasPrintedLines = true;
    Thread watch = watch();
    console.readTyped();
    console.readTyped();

    console.write("\r\nweb> ");

    awaitNews(seen -> seen.openLine().equals("web>"));
    // What was under way when the answer came.
    passQuietly();
    while (console.unread() > 0) {
      console.readTyped();
    }
    passQuietly();
    assertThat(console.unread()).isZero();
    end(watch);
  }

  @Test
  void nothingIsTypedBeforeTheFirstLineNorAtAMenu() throws InterruptedException {
    Thread watch = watch();
    passQuietly();
    assertThat(console.unread()).as("before the first line").isZero();

    console.write("\u001b[2J\u001b[5;4H*Debian GNU/Linux");
    awaitNews(seen -> seen.openLine().contains("Debian"));
    hasPrintedLines = true;
    passQuietly();
    assertThat(console.unread()).as("at a menu").isZero();

    console.write("\u001b[H\u001b[JLoading Linux ...\r\n");
    assertThat(console.readTyped()).isEqualTo(new byte[] {'\r'});
    end(watch);
  }

  @Test
  void watchEndsWhenItsTimeIsOver() throws InterruptedException {
    MovableClock clock = new MovableClock();
    Thread watch = watch(clock, clock.instant().plusSeconds(60));
    awaitViewers(1);

    clock.advance(Duration.ofSeconds(60));

    watch.join();
    awaitViewers(0);
  }

  private Thread watch() {
    return watch(Clock.systemUTC(), Instant.now().plusSeconds(3600));
  }

  private Thread watch(Clock clock, Instant until) {
    Thread watch =
        new Thread(
            new LiveConsole(
                client,
                "images",
                new Awaited("web-uefi", "login:", until),
                clock,
                QUIET,
                () -> {
                  quiet.release();
                  return hasPrintedLines;
                },
                news::add));
    watch.start();
    return watch;
  }

  private static void end(Thread watch) throws InterruptedException {
    watch.interrupt();
    watch.join();
  }

  /** Three times nothing comes for so long that it is considered to type. */
  private void passQuietly() throws InterruptedException {
    quiet.drainPermits();
    quiet.acquire(3);
  }

  private void awaitNews(Predicate<Seen> predicate) throws InterruptedException {
    Seen seen = news.take();
    while (!predicate.test(seen)) {
      seen = news.take();
    }
  }

  private static Consoles.Source source() {
    return new Consoles.Source(
        "images",
        "launcher",
        "nonce",
        Optional.of(new Awaited("web-uefi", "login:", Instant.now().plusSeconds(3600))),
        RESOURCE,
        "uid-of-the-resource");
  }

  private void awaitViewers(int count) throws InterruptedException {
    while (console.viewers() != count) {
      Thread.sleep(5);
    }
  }
}
