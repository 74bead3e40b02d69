package dev.zfsdiskimage.local;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * {@code manifest.json}: what is in an output directory.
 *
 * @param revision the recipe's hash
 * @param system as Nix names it
 * @param architecture as Debian names it
 * @param bootModes firmware kinds that find a boot loader on the boot disk, {@code bios} and {@code
 *     uefi}, as the check of the finished disks saw them
 * @param label of the images: file prefix and revision
 * @param nixos the NixOS on them; absent when it is none, or when the builder VM chose its store
 *     path
 * @param mounts what the installed system mounts from the pool
 * @param steps how long each step took
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Published(
    String apiVersion,
    String name,
    String revision,
    String label,
    String system,
    String architecture,
    List<String> bootModes,
    Images images,
    Pool pool,
    List<Mount> mounts,
    Nixos nixos,
    Versions versions,
    List<Step> steps) {
  /** Of the format of this file. */
  public static final String API_VERSION = "zfsdiskimage.dev/manifest-v1";

  /**
   * A NixOS.
   *
   * @param system its store path
   * @param label {@code config.system.nixos.label}, as the store path's name has it
   */
  public record Nixos(String system, String label) {}

  /** The two disks. */
  public record Images(SavedImage boot, SavedImage root) {}

  /** The pool on the root disk. */
  public record Pool(String name, String guid, long bytes) {}

  /**
   * A mounted dataset.
   *
   * @param legacy whether it is mounted by fstab, not by ZFS
   */
  public record Mount(String dataset, String path, boolean legacy) {}

  /**
   * What built it.
   *
   * @param appliance the builder appliance's id
   * @param accelerator {@code KVM} or {@code TCG}
   */
  public record Versions(
      String appliance, String kernel, String zfs, String qemu, String accelerator) {}

  /** A step of the build. */
  public record Step(String name, double seconds) {}
}
