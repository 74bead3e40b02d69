package dev.zfsdiskimage.kubernetes;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** The operator's configuration: {@code zdi.*}, or {@code ZDI_*} in the environment. */
@ConfigMapping(prefix = "zdi")
interface OperatorProperties {
  /** OCI image of the builder appliance, for resources that name none. */
  @WithDefault("zfs-disk-image-builder:latest")
  String builderImage();

  /** OCI image with bash, coreutils and qemu-img. */
  @WithDefault("zfs-disk-image-tools:latest")
  String toolsImage();

  /** OCI image whose {@code /disk/} holds Debian's root file system. */
  Optional<String> debianImage();

  /** When the operator's own images are pulled: Always, IfNotPresent or Never. */
  @WithDefault("IfNotPresent")
  String imagePullPolicy();

  /** KubeVirt's newer features, behind gates in 1.8. */
  Kubevirt kubevirt();

  /** Namespaces to watch, separated by commas; all of them where it is left out. */
  Optional<List<String>> watchNamespaces();

  /**
   * Whether the Secrets that resources refer to are watched, so that a changed one starts a new
   * build; the operator must be allowed to list and watch Secrets then.
   */
  @WithDefault("false")
  boolean watchSecrets();

  /** Storage class of the claims, for resources that name none. */
  Optional<String> storageClass();

  /** The part of a Filesystem volume that KubeVirt keeps free, from 0 to 1. */
  @WithDefault("0.055")
  double filesystemOverhead();

  /** How many builds may be under way at once. */
  Limits builds();

  /** How several operators choose the one that acts. */
  LeaderElection leaderElection();

  /** KubeVirt's newer features. */
  interface Kubevirt {
    /** Whether VMs may have a panic device. */
    @WithDefault("true")
    boolean panicDevices();

    /** Whether VMs may end at a reboot. */
    @WithDefault("true")
    boolean rebootPolicy();
  }

  /** How many builds may be under way at once. */
  interface Limits {
    /** In all. */
    @WithDefault("10")
    int max();

    /** In one namespace. */
    @WithDefault("5")
    int maxPerNamespace();
  }

  /** How several operators choose the one that acts. */
  interface LeaderElection {
    /** Whether there may be several operators at all. */
    @WithDefault("true")
    boolean enabled();

    /** Name of the Lease. */
    @WithDefault("zfs-disk-image-operator")
    String lease();

    /** Namespace of the Lease; the operator's own where it is left out. */
    Optional<String> namespace();
  }
}
