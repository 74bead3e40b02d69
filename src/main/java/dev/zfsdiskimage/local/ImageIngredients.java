package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * What OCI images are made of, made now if the cache does not have it: minutes at the first time.
 * All of it comes from scripts of {@code operator/images} and {@code operator/builder}.
 */
public final class ImageIngredients {
  private static final String FOLDER = "operator/images";

  private final LocalHost host;
  private final BuilderScript builder;
  private final BuilderScript images;
  private final Consumer<String> progress;

  /**
   * @param progress lines for a person
   */
  public ImageIngredients(LocalHost host, ChildProcesses children, Consumer<String> progress) {
    ProgramRun programs = new ProgramRun(children);
    this.host = host;
    this.builder = new BuilderScript(host, programs);
    this.images = new BuilderScript(host, programs, FOLDER);
    this.progress = progress;
  }

  /** The folder with the root file system of an image. */
  public Path root(String image) throws BuildFailure, InterruptedException {
    return oneAtATime(() -> path(images, "make-root", List.of(image)));
  }

  /**
   * A class-data archive.
   *
   * @param root as {@link #root} gave it
   * @param application Maven's {@code quarkus-app}
   */
  public Path classArchive(Path root, Path application) throws BuildFailure, InterruptedException {
    return oneAtATime(
        () -> path(images, "class-archive", List.of(root.toString(), application.toString())));
  }

  /** Debian's root file system, as {@code install.debian} without further wishes wants it. */
  public Path debian() throws BuildFailure, InterruptedException {
    return oneAtATime(() -> path(builder, "debian-rootfs", List.of()));
  }

  /** dpkg's status file of a root file system in a squashfs. */
  public String packagesIn(Path squashfs) throws BuildFailure, InterruptedException {
    return images.run(
        "squashfs-packages", List.of(squashfs.toString()), progress, Reason.PAYLOAD_INVALID);
  }

  private Path path(BuilderScript scripts, String script, List<String> arguments)
      throws BuildFailure, InterruptedException {
    return Path.of(scripts.run(script, arguments, progress, Reason.PAYLOAD_UNAVAILABLE).strip());
  }

  private Path oneAtATime(Job<Path> job) throws BuildFailure, InterruptedException {
    try {
      return CacheLock.holding(
          host.cache().resolve("debian-rootfs.lock"),
          () -> progress.accept("waiting: another build bootstraps Debian"),
          job);
    } catch (IOException e) {
      throw HostSpace.explain(e, host.cache(), Reason.PAYLOAD_UNAVAILABLE, "making OCI images");
    }
  }
}
