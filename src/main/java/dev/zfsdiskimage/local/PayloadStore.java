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
    throw refused(payload);
  }

  /** Why a payload can never be had on one machine, for validation before a build. */
  static java.util.Optional<String> unsupported(Payload payload) {
    if (payload instanceof Payload.VolumeClaim claim) {
      return java.util.Optional.of(
          "volumeClaim "
              + claim.claimName()
              + ": one machine has no PersistentVolumeClaims; give the file as path or http");
    }
    if (payload instanceof Payload.OciImage image) {
      return java.util.Optional.of(
          "image "
              + image.reference()
              + ": one-machine builds do not pull OCI images; extract its /disk file and give it as path");
    }
    return java.util.Optional.empty();
  }

  private static BuildFailure refused(Payload payload) {
    return new BuildFailure(Reason.INVALID_SPEC, unsupported(payload).orElseThrow());
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
    Path real;
    try {
      real = path.toRealPath();
    } catch (IOException e) {
      throw new BuildFailure(
          Reason.REFERENCE_NOT_FOUND,
          "closure path " + path + " leads nowhere; is it a link to a store path that is gone?");
    }
    if (!real.startsWith(NIX_STORE) || real.equals(NIX_STORE)) {
      return path(new Payload.Path(payload.path(), payload.sha256()), packed, progress);
    }
    if (!Files.exists(packed)) {
      Path growing = packed.resolveSibling(packed.getFileName() + ".part");
      String storePath = NIX_STORE.resolve(NIX_STORE.relativize(real).getName(0)).toString();
      scripts.run(
          "pack-nix-closure",
          List.of(storePath, growing.toString()),
          progress,
          Reason.PAYLOAD_INVALID);
      try {
        Files.move(growing, packed);
      } catch (IOException e) {
        throw HostSpace.explain(e, packed.getParent(), Reason.PAYLOAD_INVALID, "packing " + path);
      }
    }
    return packed;
  }

  /**
   * Refuses a closure that can't fit on the root disk. ZFS's compression makes a store a half to a
   * third of its size, so three times the disk is the limit where it is on.
   */
  void requireRoom(Recipe recipe) throws BuildFailure {
    if (!(recipe.install() instanceof Recipe.Install.Nixos nixos)
        || !(nixos.system() instanceof Recipe.NixosSystem.StorePath system)) {
      return;
    }
    String compression = recipe.pool().filesystemProperties().getOrDefault("compression", "off");
    long room = recipe.rootBytes() * (compression.equals("off") ? 1 : 3);
    for (Recipe.ClosureSource source : nixos.closure()) {
      if (source instanceof Recipe.ClosureSource.InPayload inPayload
          && recipe.payloads().get(inPayload.index()) instanceof Payload.NixClosure closure) {
        requireRoom(resourceFolder.resolve(closure.path()), system.path(), recipe, room);
      }
    }
  }

  private static void requireRoom(Path path, String system, Recipe recipe, long room)
      throws BuildFailure {
    try {
      java.util.OptionalLong bytes = ClosureSize.of(path, system);
      if (bytes.isPresent() && bytes.getAsLong() > room) {
        throw new BuildFailure(
            Reason.ROOT_DISK_FULL,
            "the closure in %s unpacks to %d MiB and the root disk has %d MiB%s"
                .formatted(
                    path,
                    bytes.getAsLong() >> 20,
                    recipe.rootBytes() >> 20,
                    room > recipe.rootBytes()
                        ? "; even compressed three to one it does not fit"
                        : ""));
      }
    } catch (IOException e) {
      throw new BuildFailure(Reason.PAYLOAD_INVALID, "reading " + path + ": " + e.getMessage(), e);
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
