package dev.zfsdiskimage.local;

import java.nio.file.Path;

/**
 * The kernel, initramfs and toolbox that every builder VM boots.
 *
 * @param folder where its files are
 * @param key its name in the cache: changes when the scripts that make it do
 * @param id changes when anything in it does
 * @param zfsVersion of its ZFS
 * @param kernelVersion of its Linux
 * @param architecture as Debian names it
 */
public record Appliance(
    Path folder,
    String key,
    String id,
    String zfsVersion,
    String kernelVersion,
    String architecture) {
  /** Its Linux. */
  public Path kernel() {
    return folder.resolve("vmlinuz");
  }

  /** What Linux starts with; finds the toolbox. */
  public Path initramfs() {
    return folder.resolve("initramfs");
  }

  /** The programs of the builder VM, a squashfs. */
  public Path toolbox() {
    return folder.resolve("toolbox.squashfs");
  }

  /** What it was made of, as JSON. */
  public Path manifest() {
    return folder.resolve("manifest.json");
  }
}
