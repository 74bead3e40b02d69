package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PoolGrowthTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  /** Measured with ZFS 2.3.9 on a whole disk of 2 GiB. */
  private static final long POOL_OF_2_GIB = 2013265920;

  @Test
  void knowsTheSizeThatZfsGivesAPool() {
    long metaslab = PoolGrowth.metaslabBytes(2 * GIB);

    assertThat(metaslab).isEqualTo(128 * MIB);
    assertThat(PoolGrowth.poolBytes(2 * GIB, metaslab)).isEqualTo(POOL_OF_2_GIB);
  }

  @Test
  void isContentWithAPoolThatTookTheNewRoom() {
    assertThat(
            PoolGrowth.complaint(
                report(2 * GIB, POOL_OF_2_GIB, 2 * GIB),
                report(3 * GIB, POOL_OF_2_GIB + GIB, 3 * GIB)))
        .isEmpty();
  }

  @Test
  void saysTheNumbersOfAPoolThatDidNotGrow() {
    Optional<String> complaint =
        PoolGrowth.complaint(
            report(2 * GIB, POOL_OF_2_GIB, 2 * GIB), report(3 * GIB, POOL_OF_2_GIB, 3 * GIB));

    assertThat(complaint.orElseThrow())
        .contains("2147483648 to 3221225472", "2013265920 to 2013265920", "1073741824");
  }

  @Test
  void seesAPartitionThatStayedSmallWhenTheGrowthFillsNoMetaslab() {
    // 8 MiB more fill no further metaslab of 128 MiB: the pool's size cannot change.
    DiskReport before = report(2 * GIB, POOL_OF_2_GIB, 2 * GIB);

    assertThat(PoolGrowth.complaint(before, report(2 * GIB + 8 * MIB, POOL_OF_2_GIB, 2 * GIB)))
        .isPresent();
    assertThat(
            PoolGrowth.complaint(
                before, report(2 * GIB + 8 * MIB, POOL_OF_2_GIB, 2 * GIB + 8 * MIB)))
        .isEmpty();
  }

  @Test
  void doesNotTakeAMissingSizeForGrowth() {
    DiskReport before = report(2 * GIB, POOL_OF_2_GIB, 2 * GIB);
    DiskReport silent =
        new DiskReport(
            before.boot(),
            before.root(),
            before.esp(),
            before.label(),
            Map.of(),
            List.of(),
            List.of(),
            Set.of(),
            Optional.empty());

    assertThat(PoolGrowth.complaint(before, silent)).isPresent();
  }

  /**
   * @param partitionedFor the size of the disk for which its partitions were made
   */
  private static DiskReport report(long diskBytes, long poolBytes, long partitionedFor) {
    long end = (partitionedFor - 9 * MIB) / MIB * MIB;
    DiskReport.Partition partition =
        new DiskReport.Partition(
            1, 2048, end / 512 - 1, "6A898CC3-1DD2-11B2-99A6-080020736631", "zfs");
    DiskReport.Disk root =
        new DiskReport.Disk(
            OptionalLong.of(diskBytes), Optional.of("raw"), Optional.of("ok"), List.of(partition));
    return new DiskReport(
        new DiskReport.Disk(OptionalLong.empty(), Optional.empty(), Optional.empty(), List.of()),
        root,
        new DiskReport.Esp(
            Optional.empty(), Optional.empty(), OptionalLong.empty(), OptionalLong.empty()),
        new DiskReport.Label(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        Map.of("size", Long.toString(poolBytes)),
        List.of(),
        List.of(),
        Set.of(),
        Optional.empty());
  }
}
