package dev.zfsdiskimage.guest;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether a pool on one whole disk has taken the room that its disk gained.
 *
 * <p>What OpenZFS 2.x does with a disk (lib/libzfs/os/linux/libzfs_pool_os.c zpool_label_disk;
 * module/zfs/vdev.c vdev_open, vdev_metaslab_set_size; include/sys/vdev_impl.h): partition 1 begins
 * at 1 MiB and ends, on a whole MiB, before the 8 MiB of partition 9. Of it, 4.5 MiB are labels and
 * boot block. The rest is cut into metaslabs of a size that is chosen when the vdev is made; what
 * does not fill a metaslab is no part of the pool's size.
 */
public final class PoolGrowth {
  private static final long MIB = 1L << 20;
  private static final long SECTOR = 512;
  private static final long RESERVED_PARTITION = 8 * MIB;
  private static final long LABELS = 4 * MIB + MIB / 2;
  private static final int DEFAULT_SHIFT = 29;
  private static final int SMALLEST_SHIFT = 24;
  private static final int LARGEST_SHIFT = 34;
  private static final long FEWEST_METASLABS = 16;
  private static final long USUAL_METASLABS = 200;

  private PoolGrowth() {}

  /** The size of a metaslab of a vdev that is made on a disk of {@code diskBytes}. */
  static long metaslabBytes(long diskBytes) {
    long allocatable = allocatableBytes(diskBytes);
    long count = allocatable >> DEFAULT_SHIFT;
    int shift = DEFAULT_SHIFT;
    if (count < FEWEST_METASLABS) {
      shift = highestBit(allocatable / FEWEST_METASLABS);
    } else if (count > USUAL_METASLABS) {
      shift = highestBit(allocatable / USUAL_METASLABS);
    }
    return 1L << Math.min(LARGEST_SHIFT, Math.max(SMALLEST_SHIFT, shift));
  }

  /** The size of a pool whose vdev is on a disk of {@code diskBytes}. */
  static long poolBytes(long diskBytes, long metaslabBytes) {
    return allocatableBytes(diskBytes) / metaslabBytes * metaslabBytes;
  }

  /**
   * What is wrong, in words with numbers; empty when the pool has grown as far as it can.
   *
   * @param before the finished image
   * @param after the same after a boot with a larger disk
   */
  public static Optional<String> complaint(DiskReport before, DiskReport after) {
    if (after.fault().isPresent()) {
      return Optional.of("the report of the larger disk " + after.fault().get());
    }
    OptionalLong oldPool = poolBytes(before);
    OptionalLong newPool = poolBytes(after);
    OptionalLong oldDisk = before.root().bytes();
    OptionalLong newDisk = after.root().bytes();
    if (oldPool.isEmpty() || newPool.isEmpty() || oldDisk.isEmpty() || newDisk.isEmpty()) {
      return Optional.of("the check did not tell the sizes of pool and disk");
    }
    String numbers =
        "the disk grew from %d to %d bytes, the pool from %d to %d"
            .formatted(
                oldDisk.getAsLong(), newDisk.getAsLong(), oldPool.getAsLong(), newPool.getAsLong());
    long partitionEnd = partitionEnd(after);
    long lowestEnd = newDisk.getAsLong() - RESERVED_PARTITION - 2 * MIB;
    if (partitionEnd < lowestEnd) {
      return Optional.of(
          "%s; ZFS's partition ends at byte %d, must end after %d"
              .formatted(numbers, partitionEnd, lowestEnd));
    }
    long metaslab = metaslabBytes(oldDisk.getAsLong());
    // Partitions may end on another MiB than libzfs would choose; that must not cost a metaslab.
    long expected =
        poolBytes(newDisk.getAsLong() - MIB, metaslab) - poolBytes(oldDisk.getAsLong(), metaslab);
    long grown = newPool.getAsLong() - oldPool.getAsLong();
    if (grown < expected) {
      return Optional.of(
          "%s: by %d bytes, must be at least %d (metaslabs of %d bytes)"
              .formatted(numbers, grown, expected, metaslab));
    }
    return Optional.empty();
  }

  private static long allocatableBytes(long diskBytes) {
    long end = (diskBytes - RESERVED_PARTITION - 34 * SECTOR) / MIB * MIB;
    return end - MIB - LABELS;
  }

  private static long partitionEnd(DiskReport report) {
    return report.root().partitions().stream()
        .filter(partition -> partition.number() == 1)
        .mapToLong(partition -> (partition.end() + 1) * SECTOR)
        .findFirst()
        .orElse(0);
  }

  private static OptionalLong poolBytes(DiskReport report) {
    String size = report.pool().getOrDefault("size", "");
    return size.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(size))
        : OptionalLong.empty();
  }

  /** The position of the highest set bit, from 1: what OpenZFS calls highbit64. */
  private static int highestBit(long value) {
    return 64 - Long.numberOfLeadingZeros(value);
  }
}
