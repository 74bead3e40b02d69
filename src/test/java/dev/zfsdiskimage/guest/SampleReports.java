package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.guest.DiskReport.Disk;
import dev.zfsdiskimage.guest.DiskReport.Esp;
import dev.zfsdiskimage.guest.DiskReport.Label;
import dev.zfsdiskimage.guest.DiskReport.Partition;
import dev.zfsdiskimage.recipe.Recipe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reports for tests. */
public final class SampleReports {
  public static final String GUID = "1234567890";

  private SampleReports() {}

  /** Disks just as the recipe asks. */
  public static DiskReport good(Recipe recipe) {
    return withLabel(recipe, "exported");
  }

  /** Disks that a killed builder left behind. */
  public static DiskReport unfinished(Recipe recipe) {
    return withLabel(recipe, "active");
  }

  /** The same with a pool of {@code poolBytes} on a root disk of {@code diskBytes}. */
  public static DiskReport withPool(DiskReport report, long poolBytes, long diskBytes) {
    Map<String, String> pool = new LinkedHashMap<>(report.pool());
    pool.put("size", Long.toString(poolBytes));
    long end = (diskBytes - (9L << 20)) / 512 - 1;
    return new DiskReport(
        report.boot(),
        new Disk(
            OptionalLong.of(diskBytes),
            report.root().format(),
            report.root().gpt(),
            List.of(new Partition(1, 2048, end, "6A898CC3-1DD2-11B2-99A6-080020736631", "zfs"))),
        report.esp(),
        report.label(),
        pool,
        report.datasets(),
        report.files(),
        report.bootModes(),
        report.fault());
  }

  private static DiskReport withLabel(Recipe recipe, String state) {
    Map<String, String> pool = new LinkedHashMap<>(recipe.pool().properties());
    pool.put("health", "ONLINE");
    List<DiskReport.Dataset> datasets = new ArrayList<>();
    datasets.add(
        new DiskReport.Dataset(
            recipe.pool().name(), recipe.pool().filesystemProperties(), OptionalLong.of(1)));
    recipe
        .datasets()
        .forEach(
            dataset ->
                datasets.add(
                    new DiskReport.Dataset(
                        dataset.name(), dataset.properties(), OptionalLong.of(1))));
    return new DiskReport(
        new Disk(
            OptionalLong.of(recipe.bootBytes()),
            Optional.of("raw"),
            Optional.of("ok"),
            List.of(
                new Partition(1, 2048, 4095, "21686148-6449-6E6F-744E-656564454649", "bios-boot"),
                new Partition(2, 4096, 9999, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "ESP"))),
        new Disk(
            OptionalLong.of(recipe.rootBytes()),
            Optional.of("raw"),
            Optional.of("ok"),
            List.of(new Partition(1, 2048, 9999, "6A898CC3-1DD2-11B2-99A6-080020736631", "zfs"))),
        new Esp(
            Optional.of("clean"), Optional.of("ESP"), OptionalLong.empty(), OptionalLong.empty()),
        new Label(
            Optional.of(state),
            Optional.of(recipe.pool().name()),
            Optional.of(GUID),
            Optional.of("1"),
            Optional.empty()),
        pool,
        datasets,
        List.of(),
        Set.of(),
        Optional.empty());
  }
}
