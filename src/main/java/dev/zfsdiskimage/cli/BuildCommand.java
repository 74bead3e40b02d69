package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.local.BuildFailure;
import dev.zfsdiskimage.local.LocalBuild;
import dev.zfsdiskimage.local.Order;
import dev.zfsdiskimage.local.OutputDirectory;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Bytes;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zdi build}. */
@Command(
    name = "build",
    description = "Builds both disk images of a resource on this machine.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./zdi build operator/samples/debian.yaml -o out",
      "  ./zdi build - -o out --output json < my.yaml | jq .",
      "",
      "DIR gets the two images, manifest.json, SHA256SUMS and build.log; what is in it",
      "from an earlier build stays until the new one is ready.",
      "",
      "Exit status: 0 ready, 1 the build failed, 2 the resource is wrong, 130 interrupted.",
    })
final class BuildCommand implements Callable<Integer> {
  private static final long DISPLAY_ENDS_SECONDS = 5;

  private final Surroundings surroundings;
  private final CountDownLatch displayEnded = new CountDownLatch(1);

  @Parameters(
      paramLabel = "FILE",
      description = {
        "YAML or JSON with a ZfsDiskImage, and the ConfigMaps and Secrets that it names;",
        "- is stdin."
      })
  private String file;

  @Option(
      names = {"-o", "--output-directory"},
      paramLabel = "DIR",
      required = true,
      description = "Where the images go; made if it is not there.")
  private Path directory;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      defaultValue = "text",
      description = {
        "text: progress on stderr, the result on stdout (default).",
        "json: one object a line on stdout, the last with event \"result\"."
      })
  private OutputForm output;

  BuildCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws InterruptedException {
    BuildReport report =
        output == OutputForm.JSON
            ? new BuildReport.Json(surroundings.jsonLines())
            : new BuildReport.Text(surroundings.out(), surroundings.err(), directory);
    try {
      return build(ResourceFile.read(file, surroundings.in()), report);
    } catch (WrongInput wrong) {
      report.wrong(wrong.problems());
      return Zdi.WRONG_INPUT;
    } catch (BuildFailure failure) {
      // Nothing but the end of this process cancels; its farewell tells of it.
      if (failure.reason() != Reason.CANCELLED) {
        report.refused(failure.reason(), failure.getMessage());
      }
      return FailureText.status(failure.reason());
    }
  }

  private int build(ResourceFile resource, BuildReport report)
      throws BuildFailure, InterruptedException {
    long started = System.nanoTime();
    BuildDisplay display =
        output == OutputForm.JSON
            ? new JsonDisplay(surroundings.jsonLines())
            : surroundings.err().display();
    LocalBuild build =
        new LocalBuild(
            surroundings.host(),
            new Order(resource.recipe(), resource.folder(), secrets(resource), directory),
            new StatusFollower(display, Clock.systemUTC()));
    Thread farewell = new Thread(() -> farewell(build, report), "farewell");
    Runtime.getRuntime().addShutdownHook(farewell);
    LocalBuild.Result result;
    try (display) {
      result = build.run();
    } finally {
      displayEnded.countDown();
      leave(farewell);
    }
    Optional<ImageManifest> published = result.published();
    if (published.isEmpty()) {
      report.failed(result.status(), result.log());
      return Zdi.FAILED;
    }
    report.ready(published.get(), Duration.ofNanos(System.nanoTime() - started));
    return 0;
  }

  private static Map<String, Map<String, Bytes>> secrets(ResourceFile resource) {
    Map<String, Map<String, Bytes>> secrets = new HashMap<>();
    for (String name : resource.recipe().secrets()) {
      resource.manifest().references().secret(name).ifPresent(data -> secrets.put(name, data));
    }
    return secrets;
  }

  /** Runs while the JVM ends on Ctrl-C or another signal, beside what cleans up. */
  private void farewell(LocalBuild build, BuildReport report) {
    build.cancel();
    try {
      displayEnded.await(DISPLAY_ENDS_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException impatient) {
      Thread.currentThread().interrupt();
    }
    report.interrupted(new OutputDirectory(directory).failedLog());
  }

  private static void leave(Thread farewell) {
    try {
      Runtime.getRuntime().removeShutdownHook(farewell);
    } catch (IllegalStateException ending) {
      // A signal came just now; the farewell is on its way.
    }
  }
}
