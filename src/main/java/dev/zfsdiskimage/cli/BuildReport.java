package dev.zfsdiskimage.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.manifest.ImageManifest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How the end of a build is told. */
interface BuildReport {
  /** The images are ready. */
  void ready(ImageManifest published, Duration took);

  /** The build has failed for good. */
  void failed(Status status, Path log);

  /** The build could not begin. */
  void refused(Reason reason, String message);

  /** The resource is wrong. */
  void wrong(ProblemList problems);

  /** A person or the system has stopped the build, and nothing of it is left. */
  void interrupted(Path log);

  /** For a person. */
  record Text(Terminal out, Terminal err, Path directory) implements BuildReport {
    private static final int SHORT_SHA = 12;

    /** The log has all of it; a screen has this much room. */
    private static final int CONSOLE_LINES = 12;

    @Override
    public void ready(ImageManifest published, Duration took) {
      List<String> lines = new ArrayList<>();
      lines.add(
          out.styled("green", "Ready")
              + " in "
              + Quantity.elapsed(took)
              + ": "
              + published.name()
              + ", revision "
              + published.revision());
      lines.add("");
      Rows images = new Rows("image", "format", "disk", "on disk", "sha256");
      image(images, published.images().boot());
      image(images, published.images().root());
      lines.addAll(images.rightAlign(2, 3).lines());
      lines.add("");
      lines.add(
          "pool %s, %s, guid %s, ZFS %s"
              .formatted(
                  published.pool().name(),
                  Quantity.bytes(published.pool().bytes()),
                  published.pool().guid(),
                  published.versions().zfs()));
      lines.add("");
      lines.add("next  ./zdi inspect " + directory + "   see what is on them");
      lines.add("      ./zdi boot " + directory + "      boot them in this terminal");
      lines.forEach(out.out()::println);
    }

    private void image(Rows rows, ImageManifest.Image image) {
      rows.add(
          directory.resolve(image.file()).toString(),
          image.format(),
          Quantity.bytes(image.virtualBytes()),
          Quantity.bytes(image.allocatedBytes()),
          image.sha256().substring(0, SHORT_SHA) + out.choose("…", "..."));
    }

    @Override
    public void failed(Status status, Path log) {
      Optional<Failure> failure = status.failure();
      if (failure.isEmpty()) {
        err.out().println(err.styled("red", "the build failed"));
      }
      failure.ifPresent(this::failed);
      err.out().println("log: " + log);
    }

    private void failed(Failure failure) {
      String step = failure.step().orElse(failure.stage().word());
      err.out()
          .println(
              "The build failed in step "
                  + step
                  + (failure.attempt() > 1 ? ", attempt " + failure.attempt() : "")
                  + ".");
      FailureText.lines(failure.reason(), failure.message(), err).forEach(err.out()::println);
      if (!failure.console().isEmpty()) {
        err.out().println("The console's last lines:");
        List<String> console = failure.console();
        console
            .subList(Math.max(0, console.size() - CONSOLE_LINES), console.size())
            .forEach(
                line -> err.out().println("  " + err.choose("│ ", "| ") + Printable.line(line)));
      }
    }

    @Override
    public void refused(Reason reason, String message) {
      FailureText.lines(reason, message, err).forEach(err.out()::println);
    }

    @Override
    public void wrong(ProblemList problems) {
      problems.lines(err).forEach(err.out()::println);
    }

    @Override
    public void interrupted(Path log) {
      err.out()
          .println(
              "Interrupted: the VM is stopped and the unfinished disks are removed; the log is "
                  + log);
    }
  }

  /** For a program: the last line, with the event {@code result}. */
  record Json(JsonLines lines) implements BuildReport {
    @Override
    public void ready(ImageManifest published, Duration took) {
      lines.write(
          "result",
          line -> {
            line.put("phase", "Ready")
                .put("name", published.name())
                .put("revision", published.revision())
                .put("seconds", took.toMillis() / 1000.0);
            ObjectNode images = line.putObject("images");
            image(images.putObject("boot"), published.images().boot());
            image(images.putObject("root"), published.images().root());
            line.putObject("pool")
                .put("name", published.pool().name())
                .put("guid", published.pool().guid())
                .put("bytes", published.pool().bytes())
                .put("zfs", published.versions().zfs());
          });
    }

    private static void image(ObjectNode node, ImageManifest.Image image) {
      node.put("file", image.file())
          .put("format", image.format())
          .put("virtualBytes", image.virtualBytes())
          .put("fileBytes", image.fileBytes())
          .put("allocatedBytes", image.allocatedBytes())
          .put("sha256", image.sha256());
    }

    @Override
    public void failed(Status status, Path log) {
      lines.write(
          "result",
          line -> {
            line.put("phase", "Failed").put("log", log.toString());
            status
                .failure()
                .ifPresent(
                    failure -> {
                      reason(line, failure.reason(), failure.message());
                      line.put("attempt", failure.attempt())
                          .put("step", failure.step().orElse(failure.stage().word()));
                      ArrayNode console = line.putArray("console");
                      failure.console().forEach(console::add);
                    });
          });
    }

    private static void reason(ObjectNode line, Reason reason, String message) {
      line.put("reason", reason.word()).put("message", message).put("remedy", reason.remedy());
    }

    @Override
    public void refused(Reason reason, String message) {
      lines.write("result", line -> reason(line.put("phase", "Failed"), reason, message));
    }

    @Override
    public void wrong(ProblemList problems) {
      problems.write(lines);
      lines.write(
          "result",
          line ->
              reason(
                  line.put("phase", "Failed"),
                  Reason.INVALID_SPEC,
                  problems.problems().size() + " problems in " + problems.file()));
    }

    @Override
    public void interrupted(Path log) {
      lines.write(
          "result",
          line ->
              reason(
                  line.put("phase", "Failed").put("log", log.toString()),
                  Reason.CANCELLED,
                  "it was interrupted"));
    }
  }
}
