package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.api.Firmware;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the offline check saw on the two disks. Everything is optional: a report may have lost
 * lines, and a disk may hold nothing.
 *
 * @param boot the boot disk
 * @param root the root disk
 * @param pool the pool's properties by name, as {@code zpool get -p} prints them; {@code health} is
 *     one of them
 * @param datasets in the order reported, parents before children
 * @param files entries of the target down to two levels, and those of {@code /boot}
 * @param bootModes firmware kinds that find a boot loader on the boot disk
 * @param fault why this is not the whole of what was to be reported, in words
 */
public record DiskReport(
    Disk boot,
    Disk root,
    Esp esp,
    Label label,
    Map<String, String> pool,
    List<Dataset> datasets,
    List<FileEntry> files,
    Set<Firmware> bootModes,
    Optional<String> fault) {

  /** A report that was refused: nothing is known but why. */
  public static DiskReport refused(String why) {
    DiskReport nothing = DiskReports.parse("");
    return new DiskReport(
        nothing.boot(),
        nothing.root(),
        nothing.esp(),
        nothing.label(),
        nothing.pool(),
        nothing.datasets(),
        nothing.files(),
        nothing.bootModes(),
        Optional.of("is not valid: " + why));
  }

  /**
   * One disk.
   *
   * @param bytes its size
   * @param format {@code raw}, or the format that whoever guesses by the disk's bytes takes it for
   * @param gpt {@code ok}, or sgdisk's complaint
   */
  public record Disk(
      OptionalLong bytes,
      Optional<String> format,
      Optional<String> gpt,
      List<Partition> partitions) {}

  /**
   * One partition; the sectors have 512 bytes.
   *
   * @param end last sector, inclusive
   * @param typeGuid GPT partition type, upper case
   */
  public record Partition(int number, long start, long end, String typeGuid, String name) {}

  /**
   * The EFI system partition.
   *
   * @param fsck {@code clean}, or what fsck.vfat said
   * @param bytes size of its file system
   */
  public record Esp(
      Optional<String> fsck, Optional<String> label, OptionalLong bytes, OptionalLong usedBytes) {}

  /**
   * ZFS's label on the root disk, as {@code zdb -l} and {@code zdb -C} print it.
   *
   * @param state {@code exported}, {@code active} and so on
   * @param guid the pool's guid
   * @param wholeDisk {@code 1} when ZFS owns the whole disk
   */
  public record Label(
      Optional<String> state,
      Optional<String> name,
      Optional<String> guid,
      Optional<String> wholeDisk,
      Optional<String> hostname) {}

  /**
   * One dataset.
   *
   * @param properties those set locally on it, as {@code zfs get -p} prints them
   */
  public record Dataset(String name, Map<String, String> properties, OptionalLong usedBytes) {}

  /**
   * One file of the target.
   *
   * @param type {@code d}, {@code f}, {@code l} and so on, as {@code find -printf %y} prints it
   * @param mode octal
   * @param owner {@code uid:gid}
   */
  public record FileEntry(String path, String type, String mode, String owner, long bytes) {}
}
