package dev.zfsdiskimage.recipe;

import dev.zfsdiskimage.api.BuilderSpec;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Format;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to build: the spec with every default filled in, every reference named and every rule of
 * {@link Recipes} held.
 *
 * <p>Sizes are bytes. Maps keep the order of the resource. Two recipes with the same {@link #hash}
 * build the same thing.
 *
 * @param name the resource's name, a DNS label
 * @param payloads the read-only disks handed to the builder VM; payload N has the serial {@code
 *     zdi-payload-N}
 * @param secrets names of the Secrets handed to the builder VM; secret N has the serial {@code
 *     zdi-secret-N}
 * @param hash first 10 hexadecimal digits of the SHA-256 over everything that changes the images
 */
public record Recipe(
    String name,
    long bootBytes,
    long rootBytes,
    Pool pool,
    List<Dataset> datasets,
    Install install,
    List<Content> contents,
    List<Payload> payloads,
    List<String> secrets,
    Output output,
    Optional<PostBuild> postBuild,
    Builder builder,
    Verify verify,
    String hash) {

  /** The pool: {@code zpool create -o properties -O filesystemProperties}. */
  public record Pool(
      String name, Map<String, String> properties, Map<String, String> filesystemProperties) {}

  /**
   * One dataset, parents before children; parents that the resource leaves out are filled in.
   *
   * @param name full name, {@code tank/root}; the pool's own name is the root dataset, which exists
   *     already
   * @param properties set locally on it
   * @param mount where it is mounted, in the target's own view ({@code /}, {@code /nix}); empty
   *     when it is not mounted
   * @param legacy whether its effective {@code mountpoint} is {@code legacy}: mounted through
   *     fstab, not by ZFS
   */
  public record Dataset(
      String name, Map<String, String> properties, Optional<String> mount, boolean legacy) {}

  /** The operating system to put on the target. */
  public sealed interface Install {
    /** Debian, bootstrapped from its packages; its root file system is payload {@code payload}. */
    record Debian(
        int payload,
        String hostname,
        Optional<Source> rootPassword,
        Optional<Source> authorizedKeys,
        List<String> kernelArguments)
        implements Install {}

    /** Any root file system. */
    record Rootfs(int payload, Bootloader bootloader, List<String> kernelArguments)
        implements Install {}

    /**
     * NixOS.
     *
     * @param closure where store paths come from, tried in this order
     * @param configFile text of its configuration.nix; empty for the default one
     * @param channel the nixpkgs source that builds and, when it is to be installed, becomes root's
     *     channel
     */
    record Nixos(
        NixosSystem system,
        List<ClosureSource> closure,
        Optional<Source> configFile,
        Optional<Channel> channel)
        implements Install {}

    /** The user's own installer, run in the builder VM with the target at {@code /mnt}. */
    record Script(Source source) implements Install {}
  }

  /** Which NixOS is installed. */
  public sealed interface NixosSystem {
    /** A finished one: {@code /nix/store/…-nixos-system-…}. */
    record StorePath(String path) implements NixosSystem {}

    /** {@code reference#name}, built in the builder VM. */
    record Flake(String reference) implements NixosSystem {}

    /** The configuration.nix of the target, built in the builder VM with the channel's nixpkgs. */
    record Configuration() implements NixosSystem {}
  }

  /** Where store paths come from. */
  public sealed interface ClosureSource {
    /** {@code payloads[index]}: a binary cache, an export, or a store tree. */
    record InPayload(int index) implements ClosureSource {}

    /**
     * A binary cache on a web server.
     *
     * @param publicKeys keys one of which a store path must be signed with
     * @param unsigned whether store paths need no signature
     */
    record Substituter(String url, List<String> publicKeys, boolean unsigned)
        implements ClosureSource {}
  }

  /**
   * The nixpkgs source.
   *
   * @param included whether it becomes root's channel
   */
  public record Channel(boolean included, ChannelSource source) {}

  /** Where the nixpkgs source is. */
  public sealed interface ChannelSource {
    /** A path inside {@code payloads[index]}; {@code .} is all of it. */
    record InPayload(int index, String path) implements ChannelSource {}

    /** A store path of the closure. */
    record StorePath(String path) implements ChannelSource {}
  }

  /** Who makes the images bootable. */
  public enum Bootloader {
    GRUB,
    NONE
  }

  /** Where the bytes of a file or a tree come from. */
  public sealed interface Source {
    /** Bytes that stand in the resource or in a ConfigMap. */
    record Inline(Bytes bytes) implements Source {}

    /** A key of {@code secrets[index]}. */
    record Secret(int index, String key) implements Source {}

    /** A path inside {@code payloads[index]}; {@code .} is all of it. */
    record InPayload(int index, String path) implements Source {}
  }

  /**
   * A file or a tree to put into the target.
   *
   * @param mode octal, such as {@code 0644}
   * @param owner {@code user:group}, names or numbers
   */
  public record Content(
      Source source, String target, Optional<String> mode, Optional<String> owner) {}

  /** A read-only disk for the builder VM. */
  public sealed interface Payload {
    /** An OCI image whose {@code /disk/} holds one file. */
    record OciImage(String reference) implements Payload {}

    /** A file in a PVC. */
    record VolumeClaim(String claimName, String path) implements Payload {}

    /** A file fetched over HTTP(S); {@code sha256} is 64 lower-case hexadecimal digits. */
    record Http(String url, String sha256) implements Payload {}

    /** A file or folder of this machine, relative to the resource's file; never in a cluster. */
    record Path(String path, Optional<String> sha256) implements Payload {}

    /**
     * A closure on this machine: a binary cache, an export, a store tree, or a store path of its
     * own nix (or a link to one), whose closure is packed.
     */
    record NixClosure(String path, Optional<String> sha256) implements Payload {}

    /** A Debian root file system that the adapter bootstraps from packages. */
    record DebianRoot(
        String suite, Optional<String> mirror, List<String> components, List<String> packages)
        implements Payload {}
  }

  /**
   * What becomes of the finished images. {@code storage} and all after it concern a cluster only.
   *
   * @param labels of the claims that hold good images, and of what points to them
   */
  public record Output(
      Format format,
      String filePrefix,
      Storage storage,
      int revisionsToKeep,
      OnDelete onDelete,
      Map<String, String> labels) {}

  /** The PVCs of a cluster build. */
  public record Storage(
      Optional<String> storageClassName, List<String> accessModes, VolumeMode volumeMode) {}

  /** Kubernetes' volume modes. */
  public enum VolumeMode {
    FILESYSTEM,
    BLOCK
  }

  /** What happens to the images when the resource is deleted. */
  public enum OnDelete {
    DELETE,
    RETAIN
  }

  /**
   * A program run beside the finished images, with {@code bootDiskImage}, {@code rootDiskImage} and
   * {@code out} set.
   */
  public record PostBuild(Source script, Optional<String> image) {}

  /**
   * The builder VM.
   *
   * @param retries how often a build whose failure may be passing is tried again
   * @param imagePullSecret with which the builder's and the payloads' images are pulled; in a
   *     cluster only, as is all scheduling
   */
  public record Builder(
      long memoryBytes,
      int cores,
      Optional<String> image,
      Network network,
      Timeouts timeouts,
      int retries,
      Map<String, String> nodeSelector,
      List<BuilderSpec.Toleration> tolerations,
      Optional<String> imagePullSecret) {
    /** A builder without tolerations and pull secret. */
    public Builder(
        long memoryBytes,
        int cores,
        Optional<String> image,
        Network network,
        Timeouts timeouts,
        int retries,
        Map<String, String> nodeSelector) {
      this(
          memoryBytes,
          cores,
          image,
          network,
          timeouts,
          retries,
          nodeSelector,
          List.of(),
          Optional.empty());
    }
  }

  /** Whether the builder VM has a network. */
  public enum Network {
    NONE,
    POD
  }

  /**
   * Deadlines.
   *
   * @param start from the VM's start to the guest's first message
   * @param build from the VM's start to its power-off
   * @param save check, conversion, hashes and {@code postBuild}
   */
  public record Timeouts(Duration start, Duration build, Duration save) {}

  /** Checks beyond the offline one, which is always made. */
  public record Verify(boolean scrub, Optional<Boot> boot, Optional<Grow> grow) {}

  /** Boot the result until {@code expect} stands on its console, under each firmware. */
  public record Boot(List<Firmware> firmware, String expect, Duration timeout) {}

  /**
   * Boot the result with a root disk larger by {@code byBytes}, and see that the pool has grown
   * with it.
   */
  public record Grow(long byBytes) {}
}
