package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.local.BuildFailure;
import dev.zfsdiskimage.local.FinishedImages;
import dev.zfsdiskimage.manifest.ImageManifest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zdi inspect}. */
@Command(
    name = "inspect",
    description = "Shows what is on the finished disks; a VM looks at them, read-only.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./zdi inspect out",
      "  ./zdi inspect out --output json | jq .datasets",
    })
final class InspectCommand implements Callable<Integer> {
  private static final String STEP = "inspect";

  private final Surroundings surroundings;

  @Parameters(paramLabel = "DIR", description = "A directory that a build has filled.")
  private Path directory;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "How to say it (default: text).")
  private OutputForm output;

  InspectCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws BuildFailure, InterruptedException {
    FinishedImages images = FinishedImages.open(surroundings.host(), directory);
    DiskReport report = look(images);
    if (output == OutputForm.JSON) {
      surroundings.jsonLines().write(DiskReportJson.of(report));
    } else {
      DiskPicture.of(report, asked(images.manifest()), surroundings.out())
          .forEach(surroundings.out().out()::println);
    }
    return 0;
  }

  private DiskReport look(FinishedImages images) throws BuildFailure, InterruptedException {
    long started = System.nanoTime();
    try (BuildDisplay display = surroundings.err().display()) {
      display.started(STEP);
      DiskReport report = images.inspect(display::doing);
      display.finished(STEP, Duration.ofNanos(System.nanoTime() - started));
      return report;
    }
  }

  private static DiskPicture.AskedFor asked(ImageManifest manifest) {
    Map<String, String> mounts =
        manifest.mounts().stream()
            .collect(Collectors.toMap(ImageManifest.Mount::dataset, ImageManifest.Mount::path));
    return new DiskPicture.AskedFor(mounts);
  }
}
