package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.VolumeMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Compares finished disks with what the recipe asks for. This is the verdict on a build: what the
 * report does not show counts as a difference.
 */
public final class DiskCheck {
  /** GPT partition types: UEFI specification 2.10, table 5.7; GRUB manual; OpenZFS libefi. */
  private static final String BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649";

  private static final String EFI_SYSTEM = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
  private static final String ZFS = "6A898CC3-1DD2-11B2-99A6-080020736631";

  /** Pool properties that last only as long as an import. */
  private static final Set<String> IMPORT_ONLY = Set.of("altroot", "cachefile", "readonly");

  /**
   * Dataset properties fixed at creation: {@code zfs get} gives them no source, so they are never
   * among the local ones, and {@code zfs create} refuses what it cannot set.
   */
  private static final Set<String> CREATION_ONLY =
      Set.of(
          "casesensitivity",
          "normalization",
          "utf8only",
          "encryption",
          "keyformat",
          "pbkdf2iters",
          "volblocksize");

  /** How much of a value is shown. */
  private static final int SHOWN = 300;

  private final Recipe recipe;
  private final DiskReport report;
  private final List<String> differences = new ArrayList<>();

  private DiskCheck(Recipe recipe, DiskReport report) {
    this.recipe = recipe;
    this.report = report;
  }

  /**
   * Where the disks differ from the recipe, in words; empty when they are as asked for.
   *
   * @param poolGuid the guid that the guest told while it built, when it was heard
   */
  public static List<String> differences(
      Recipe recipe, DiskReport report, Optional<String> poolGuid) {
    if (report.fault().isPresent()) {
      return List.of("report: " + shortened(report.fault().get()));
    }
    DiskCheck check = new DiskCheck(recipe, report);
    check.disk("boot disk", report.boot(), recipe.bootBytes());
    check.bootPartitions();
    check.esp();
    check.disk("root disk", report.root(), recipe.rootBytes());
    check.rootPartitions();
    check.label(poolGuid);
    check.pool();
    check.datasets();
    return List.copyOf(check.differences);
  }

  private void disk(String name, DiskReport.Disk disk, long asked) {
    OptionalLong bytes = disk.bytes();
    boolean block = recipe.output().storage().volumeMode() == VolumeMode.BLOCK;
    if (bytes.isEmpty()) {
      differences.add(name + ": its size is not in the report");
    } else if (block ? bytes.getAsLong() < asked : bytes.getAsLong() != asked) {
      differences.add(name + ": has " + bytes.getAsLong() + " bytes, asked for were " + asked);
    }
    // What one program reads as the disk that was built, another would open as something else.
    expect(name + ": format that a guessing tool sees", "raw", disk.format());
    expect(name + ": partition table", "ok", disk.gpt());
  }

  private void bootPartitions() {
    List<String> types =
        report.boot().partitions().stream().map(DiskReport.Partition::typeGuid).toList();
    if (!types.equals(List.of(BIOS_BOOT, EFI_SYSTEM))) {
      differences.add(
          "boot disk: partition types are "
              + shortened(types.toString())
              + ", must be BIOS boot ("
              + BIOS_BOOT
              + ") and EFI system ("
              + EFI_SYSTEM
              + ")");
    }
  }

  private void rootPartitions() {
    List<DiskReport.Partition> partitions = report.root().partitions();
    if (partitions.isEmpty() || !partitions.get(0).typeGuid().equals(ZFS)) {
      differences.add(
          "root disk: its first partition is "
              + partitions.stream()
                  .findFirst()
                  .map(partition -> shortened(partition.typeGuid()))
                  .orElse("missing")
              + ", must be ZFS ("
              + ZFS
              + ")");
    }
  }

  private void esp() {
    expect("ESP: fsck", "clean", report.esp().fsck());
    expect("ESP: label", "ESP", report.esp().label());
  }

  private void label(Optional<String> poolGuid) {
    DiskReport.Label label = report.label();
    expect("pool: label's state", "exported", label.state());
    expect("pool: name", recipe.pool().name(), label.name());
    if (poolGuid.isPresent()) {
      expect("pool: guid", poolGuid.get(), label.guid());
    } else if (label.guid().isEmpty()) {
      differences.add("pool: guid is not in the report");
    }
    expect("pool: whole_disk", "1", label.wholeDisk());
  }

  private void pool() {
    expect("pool: health", "ONLINE", Optional.ofNullable(report.pool().get("health")));
    recipe
        .pool()
        .properties()
        .forEach(
            (name, asked) -> {
              if (!IMPORT_ONLY.contains(name)) {
                compare("pool property " + name, name, asked, report.pool().get(name));
              }
            });
  }

  private void datasets() {
    Map<String, Map<String, String>> found = new LinkedHashMap<>();
    report.datasets().forEach(dataset -> found.put(dataset.name(), dataset.properties()));
    asked(recipe)
        .forEach(
            (name, properties) -> {
              if (found.containsKey(name)) {
                dataset(name, properties, found.get(name));
              } else {
                differences.add("dataset " + name + ": is missing");
              }
            });
  }

  /** The properties that are compared, by dataset. */
  static Map<String, Map<String, String>> asked(Recipe recipe) {
    Map<String, Map<String, String>> asked = new LinkedHashMap<>();
    asked.put(recipe.pool().name(), new Layout(recipe).ownProperties());
    recipe.datasets().forEach(dataset -> asked.putIfAbsent(dataset.name(), dataset.properties()));
    return asked;
  }

  private void dataset(String name, Map<String, String> asked, Map<String, String> found) {
    asked.forEach(
        (property, value) -> {
          String seen = found.get(property);
          boolean invisible =
              seen == null
                  && (CREATION_ONLY.contains(property) || PropertyValue.isUnset(property, value));
          if (!invisible) {
            compare("dataset " + name + ": property " + property, property, value, seen);
          }
        });
  }

  private void compare(String what, String property, String asked, String seen) {
    if (seen == null) {
      differences.add(what + " is not set; asked for was \"" + shortened(asked) + "\"");
    } else if (!PropertyValue.same(property, asked, seen)) {
      differences.add(
          what + " is \"" + shortened(seen) + "\"; asked for was \"" + shortened(asked) + "\"");
    }
  }

  private void expect(String what, String expected, Optional<String> seen) {
    if (!Objects.equals(Optional.of(expected), seen)) {
      differences.add(
          what
              + " is "
              + seen.map(value -> "\"" + shortened(value) + "\"").orElse("not in the report")
              + ", must be \""
              + expected
              + "\"");
    }
  }

  /** A guest may set values of kilobytes, and a person is to read this. */
  private static String shortened(String value) {
    if (value.length() <= SHOWN) {
      return value;
    }
    int end = Character.isHighSurrogate(value.charAt(SHOWN - 1)) ? SHOWN - 1 : SHOWN;
    return value.substring(0, end) + "…";
  }
}
