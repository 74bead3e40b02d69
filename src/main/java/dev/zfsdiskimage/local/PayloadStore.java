package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Payload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Turns a recipe's payloads into files that a VM can have as disks. */
final class PayloadStore {
  private static final Path NIX_STORE = Path.of("/nix/store");
  private static final Duration SERVER_SILENCE = Duration.ofSeconds(60);
  private static final long SAY_EVERY_BYTES = 64L << 20;

  private final LocalHost host;
  private final Path resourceFolder;
  private final ProgramRun programs;
  private final BuilderScript scripts;

  /**
   * @param resourceFolder what relative paths are relative to
   */
  PayloadStore(LocalHost host, Path resourceFolder, ProgramRun programs) {
    this.host = host;
    this.resourceFolder = resourceFolder;
    this.programs = programs;
    this.scripts = new BuilderScript(host, programs);
  }

  /**
   * The file of a payload. It is the user's own or the cache's: never written to.
   *
   * @param packed where to put it when it has to be made for this build; used again when it exists
   */
  Path prepare(Payload payload, Path packed, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    if (payload instanceof Payload.Path path) {
      return path(path, packed, progress);
    }
    if (payload instanceof Payload.NixClosure closure) {
      return closure(closure, packed, progress);
    }
    if (payload instanceof Payload.Http http) {
      return http(http, progress);
    }
    if (payload instanceof Payload.DebianRoot debian) {
      return debian(debian, progress);
    }
    if (payload instanceof Payload.OciImage image) {
      return image(image, progress);
    }
    Payload.VolumeClaim claim = (Payload.VolumeClaim) payload;
    throw new IllegalStateException(
        "claim " + claim.claimName() + " was to be refused before a build could begin");
  }

  private Path path(Payload.Path payload, Path packed, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    Path path = resourceFolder.resolve(payload.path()).normalize();
    if (Files.isDirectory(path)) {
      return folder(path, packed, progress);
    }
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      throw new BuildFailure(
          Reason.REFERENCE_NOT_FOUND, "payload path " + path + " is no readable file or folder");
    }
    if (payload.sha256().isPresent()) {
      String actual = sha256(path);
      if (!actual.equals(payload.sha256().get())) {
        throw new BuildFailure(
            Reason.PAYLOAD_INVALID,
            "%s has sha256 %s; the resource says %s"
                .formatted(path, actual, payload.sha256().get()));
      }
    }
    return path;
  }

  /** A store path of this machine's nix is packed with its closure; all else is as any path. */
  private Path closure(Payload.NixClosure payload, Path packed, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    Path path = resourceFolder.resolve(payload.path()).normalize();
    Optional<String> storePath = storePath(path);
    if (storePath.isEmpty()) {
      return path(new Payload.Path(payload.path(), payload.sha256()), packed, progress);
    }
    if (!Files.exists(packed)) {
      Path growing = packed.resolveSibling(packed.getFileName() + ".part");
      packer(List.of(storePath.get(), growing.toString()), progress);
      try {
        Files.move(growing, packed);
      } catch (IOException e) {
        throw HostSpace.explain(e, packed.getParent(), Reason.PAYLOAD_INVALID, "packing " + path);
      }
    }
    return packed;
  }

  /** The store path that {@code path} is in or leads to; empty when it is no path of a store. */
  private static Optional<String> storePath(Path path) throws BuildFailure {
    try {
      Path real = path.toRealPath();
      return real.startsWith(NIX_STORE) && !real.equals(NIX_STORE)
          ? Optional.of(NIX_STORE.resolve(NIX_STORE.relativize(real).getName(0)).toString())
          : Optional.empty();
    } catch (IOException e) {
      throw new BuildFailure(
          Reason.REFERENCE_NOT_FOUND,
          "closure path " + path + " leads nowhere; is it a link to a store path that is gone?");
    }
  }

  /** Returns how many bytes the closure takes when unpacked, which is what the script prints. */
  private long packer(List<String> arguments, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    return Long.parseLong(
        scripts.run("pack-nix-closure", arguments, progress, Reason.PAYLOAD_INVALID).strip());
  }

  /** Refuses a closure that can't fit on the root disk, as far as this machine's files tell. */
  void requireRoom(Recipe recipe, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    for (int index = 0; index < recipe.payloads().size(); index++) {
      if (recipe.payloads().get(index) instanceof Payload.NixClosure closure) {
        Path path = resourceFolder.resolve(closure.path()).normalize();
        Optional<String> storePath = storePath(path);
        if (storePath.isPresent()) {
          requireRoom(recipe, path, packer(List.of("--size", storePath.get()), progress));
        } else {
          requireRoom(recipe, index, path);
        }
      }
    }
  }

  /**
   * Refuses a closure that can't fit on the root disk.
   *
   * @param index of the payload; when it is no closure, nothing is refused
   * @param path where it is on this machine
   */
  void requireRoom(Recipe recipe, int index, Path path) throws BuildFailure {
    if (recipe.install() instanceof Recipe.Install.Nixos nixos
        && nixos.system() instanceof Recipe.NixosSystem.StorePath system
        && nixos.closure().contains(new Recipe.ClosureSource.InPayload(index))) {
      try {
        OptionalLong bytes = ClosureSize.of(path, system.path());
        if (bytes.isPresent()) {
          requireRoom(recipe, path, bytes.getAsLong());
        }
      } catch (IOException e) {
        throw new BuildFailure(
            Reason.PAYLOAD_INVALID, "reading " + path + ": " + e.getMessage(), e);
      }
    }
  }

  /**
   * ZFS's compression makes a store a half to a third of its size, so three times the disk is the
   * limit where it is on.
   */
  private static void requireRoom(Recipe recipe, Path path, long bytes) throws BuildFailure {
    boolean compressed =
        !recipe.pool().filesystemProperties().getOrDefault("compression", "off").equals("off");
    if (bytes > recipe.rootBytes() * (compressed ? 3 : 1)) {
      throw new BuildFailure(
          Reason.ROOT_DISK_FULL,
          "the closure in %s unpacks to %d MiB and the root disk has %d MiB%s"
              .formatted(
                  path,
                  bytes >> 20,
                  recipe.rootBytes() >> 20,
                  compressed ? "; even compressed three to one it does not fit" : ""));
    }
  }

  /** Uncompressed: unpacking is the builder VM's longest job, and it may be emulated. */
  private Path folder(Path folder, Path packed, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    if (Files.exists(packed)) {
      return packed;
    }
    progress.accept("packing " + folder);
    Path growing = packed.resolveSibling(packed.getFileName() + ".part");
    List<String> words =
        new ArrayList<>(
            List.of("tar", "--create", "--format=posix", "--numeric-owner", "--sort=name"));
    words.addAll(List.of("--acls", "--xattrs", "--xattrs-include=*", "--sparse"));
    words.addAll(List.of("--file", growing.toString(), "--directory", folder.toString(), "."));
    try {
      ProgramRun.Result result = programs.run(words);
      if (result.noSpace()) {
        throw HostSpace.full(packed.getParent());
      }
      if (!result.succeeded()) {
        throw new BuildFailure(
            Reason.PAYLOAD_INVALID, folder + " cannot be packed: " + result.complaint());
      }
      return Files.move(growing, packed);
    } catch (IOException e) {
      throw HostSpace.explain(e, packed.getParent(), Reason.PAYLOAD_INVALID, "packing " + folder);
    }
  }

  private Path http(Payload.Http payload, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    Path folder = host.cache().resolve("payloads");
    Path target = folder.resolve(payload.sha256());
    if (Files.exists(target)) {
      return target;
    }
    Path lock = folder.resolve("." + payload.sha256() + ".lock");
    try {
      return CacheLock.holding(
          lock,
          () -> progress.accept("waiting: another build fetches " + payload.url()),
          () -> {
            if (!Files.exists(target)) {
              download(payload, target, progress);
            }
            return target;
          });
    } catch (IOException e) {
      throw HostSpace.explain(e, host.cache(), Reason.PAYLOAD_UNAVAILABLE, payload.url());
    }
  }

  private static void download(Payload.Http payload, Path target, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    progress.accept("fetching " + payload.url());
    long[] said = {0};
    new HttpDownload(SERVER_SILENCE)
        .fetch(
            payload.url(),
            payload.sha256(),
            target.resolveSibling(target.getFileName() + ".part"),
            target,
            bytes -> {
              if (bytes - said[0] >= SAY_EVERY_BYTES) {
                said[0] = bytes;
                progress.accept("fetched " + (bytes >> 20) + " MiB of " + payload.url());
              }
            });
  }

  private Path image(Payload.OciImage image, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    Path folder = host.cache().resolve("payloads").resolve("oci");
    try {
      return CacheLock.holding(
          folder.resolve(".lock"),
          () -> progress.accept("waiting: another build pulls an image"),
          () -> {
            progress.accept("pulling " + image.reference());
            return new OciPayload(folder).fetch(image.reference());
          });
    } catch (IOException e) {
      throw HostSpace.explain(
          e, host.cache(), Reason.PAYLOAD_UNAVAILABLE, "pulling " + image.reference());
    }
  }

  private Path debian(Payload.DebianRoot payload, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("--suite", payload.suite()));
    payload.mirror().ifPresent(mirror -> arguments.addAll(List.of("--mirror", mirror)));
    payload.components().forEach(name -> arguments.addAll(List.of("--component", name)));
    payload.packages().forEach(name -> arguments.addAll(List.of("--package", name)));
    Path lock = host.cache().resolve("debian-rootfs.lock");
    try {
      return CacheLock.holding(
          lock,
          () -> progress.accept("waiting: another build bootstraps Debian"),
          () -> bootstrap(arguments, progress));
    } catch (IOException e) {
      throw HostSpace.explain(e, host.cache(), Reason.PAYLOAD_UNAVAILABLE, "bootstrapping Debian");
    }
  }

  private Path bootstrap(List<String> arguments, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    String output =
        scripts.run("debian-rootfs", arguments, progress, Reason.PAYLOAD_UNAVAILABLE).strip();
    Path file = Path.of(output);
    if (!Files.isRegularFile(file)) {
      throw new BuildFailure(
          Reason.PAYLOAD_UNAVAILABLE, "debian-rootfs named no file but: " + output);
    }
    return file;
  }

  private static String sha256(Path file) throws BuildFailure, InterruptedException {
    try {
      return ImageDigest.sha256(file);
    } catch (IOException e) {
      throw new BuildFailure(Reason.PAYLOAD_INVALID, "reading " + file + ": " + e.getMessage(), e);
    }
  }
}
