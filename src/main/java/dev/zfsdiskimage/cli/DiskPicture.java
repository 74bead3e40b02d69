package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.DiskReport.Dataset;
import dev.zfsdiskimage.guest.DiskReport.Disk;
import dev.zfsdiskimage.guest.DiskReport.FileEntry;
import dev.zfsdiskimage.guest.DiskReport.Partition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What two disks hold, as lines of text for a person. */
final class DiskPicture {
  private static final long SECTOR_BYTES = 512;
  private static final int WIDEST = 100;
  private static final int NARROW = 60;
  private static final String ZFS_TYPE = "6A898CC3-1DD2-11B2-99A6-080020736631";

  /** GPT partition types that these disks have, after the UEFI specification and OpenZFS. */
  private static final Map<String, String> TYPES =
      Map.of(
          "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
          "EFI system",
          "21686148-6449-6E6F-744E-656564454649",
          "BIOS boot",
          ZFS_TYPE,
          "ZFS",
          "6A945A3B-1DD2-11B2-99A6-080020736631",
          "ZFS reserved",
          "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
          "basic data",
          "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
          "Linux");

  private final Terminal terminal;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  private DiskPicture(Terminal terminal) {
    this.terminal = terminal;
    this.width = Math.min(terminal.columns().getAsInt(), WIDEST);
  }

  /**
   * The picture, in lines no wider than the terminal, up to the names that don't fit.
   *
   * @param asked what the resource asked of the disks; empty parts when it is not known
   */
  static List<String> of(DiskReport report, AskedFor asked, Terminal terminal) {
    DiskPicture picture = new DiskPicture(terminal);
    picture.disk("boot disk", report.boot());
    picture.esp(report.esp());
    picture.lines.add("");
    picture.disk("root disk", report.root());
    picture.pool(report);
    picture.lines.add("");
    picture.datasets(report.datasets(), asked);
    if (!report.files().isEmpty()) {
      picture.lines.add("");
      picture.files(report.files());
    }
    report
        .fault()
        .ifPresent(
            fault ->
                picture.lines.addAll(
                    List.of("", terminal.styled("red", "the report " + Printable.line(fault)))));
    return List.copyOf(picture.lines);
  }

  /**
   * What the resource asked for.
   *
   * @param mounts where each dataset is mounted, by its name
   */
  record AskedFor(Map<String, String> mounts) {
    static final AskedFor NOTHING = new AskedFor(Map.of());
  }

  private void disk(String title, Disk disk) {
    String gpt =
        disk.gpt()
            .map(
                verdict ->
                    verdict.equals("ok")
                        ? terminal.styled("green", "GPT ok")
                        : terminal.styled("red", "GPT: " + Printable.line(verdict)))
            .orElse("no GPT seen");
    lines.add(
        terminal.styled("bold", title)
            + "  "
            + disk.bytes().stream().mapToObj(Quantity::bytes).findFirst().orElse("size unknown")
            + "  "
            + gpt);
    disk.format()
        .filter(format -> !format.equals("raw"))
        .ifPresent(
            format ->
                lines.add(
                    "  "
                        + terminal.styled(
                            "red", "a tool that guesses takes it for " + Printable.line(format))));
    if (disk.partitions().isEmpty()) {
      return;
    }
    disk.bytes().ifPresent(bytes -> bar(segments(disk.partitions(), bytes)));
    Rows rows = new Rows("#", "start", "size", "type", "name");
    for (Partition partition : disk.partitions()) {
      rows.add(
          Integer.toString(partition.number()),
          Quantity.bytes(partition.start() * SECTOR_BYTES),
          Quantity.bytes(size(partition)),
          type(partition),
          partition.name());
    }
    rows.rightAlign(0, 1, 2)
        .fitLast(width - 2, ellipsis())
        .lines()
        .forEach(row -> lines.add("  " + row));
  }

  private String ellipsis() {
    return terminal.choose("…", "~");
  }

  private static long size(Partition partition) {
    return (partition.end() - partition.start() + 1) * SECTOR_BYTES;
  }

  private static String type(Partition partition) {
    return TYPES.getOrDefault(partition.typeGuid().toUpperCase(Locale.ROOT), partition.typeGuid());
  }

  private record Segment(String label, long bytes) {}

  private static List<Segment> segments(List<Partition> partitions, long bytes) {
    List<Segment> segments = new ArrayList<>();
    long end = 0;
    // Less than this before or after a partition is the table itself and the alignment to 1 MiB.
    long alignment = 2L << 20;
    for (Partition partition :
        partitions.stream().sorted(Comparator.comparingLong(Partition::start)).toList()) {
      long start = partition.start() * SECTOR_BYTES;
      if (start - end >= alignment) {
        segments.add(new Segment("free", start - end));
      }
      segments.add(new Segment(partition.number() + " " + type(partition), size(partition)));
      end = start + size(partition);
    }
    if (bytes - end >= alignment) {
      segments.add(new Segment("free", bytes - end));
    }
    return segments;
  }

  /** Boxes as wide as their share of the disk; the smallest still show their number. */
  private void bar(List<Segment> segments) {
    int room = width - 2 - (segments.size() + 1);
    List<Integer> widths = widths(segments, room);
    if (widths.isEmpty()) {
      return;
    }
    String horizontal = terminal.choose("─", "-");
    StringBuilder top = new StringBuilder("  " + terminal.choose("┌", "+"));
    StringBuilder middle = new StringBuilder("  " + terminal.choose("│", "|"));
    StringBuilder bottom = new StringBuilder("  " + terminal.choose("└", "+"));
    for (int i = 0; i < segments.size(); i++) {
      boolean last = i == segments.size() - 1;
      int cells = widths.get(i);
      String label = segments.get(i).label();
      top.append(horizontal.repeat(cells)).append(corner(last, "┐", "┬"));
      bottom.append(horizontal.repeat(cells)).append(corner(last, "┘", "┴"));
      middle
          .append(
              String.format(
                  "%-" + cells + "s", label.substring(0, Math.min(cells, label.length()))))
          .append(terminal.choose("│", "|"));
    }
    lines.add(top.toString());
    lines.add(middle.toString());
    lines.add(bottom.toString());
  }

  private String corner(boolean last, String end, String between) {
    return terminal.choose(last ? end : between, "+");
  }

  private static List<Integer> widths(List<Segment> segments, int room) {
    if (room < segments.size()) {
      return List.of();
    }
    long total = segments.stream().mapToLong(Segment::bytes).sum();
    int[] widths =
        segments.stream()
            .mapToInt(segment -> (int) Math.max(1, segment.bytes() * room / Math.max(total, 1)))
            .toArray();
    int widest = 0;
    int sum = 0;
    for (int i = 0; i < widths.length; i++) {
      sum += widths[i];
      widest = widths[i] > widths[widest] ? i : widest;
    }
    // Rounding goes to the widest, where it shows least.
    widths[widest] = Math.max(1, widths[widest] + room - sum);
    return Arrays.stream(widths).boxed().toList();
  }

  private void esp(DiskReport.Esp esp) {
    if (esp.bytes().isEmpty() && esp.fsck().isEmpty()) {
      return;
    }
    String check =
        esp.fsck()
            .map(
                verdict ->
                    verdict.equals("clean")
                        ? terminal.styled("green", "fsck clean")
                        : terminal.styled("red", "fsck: " + Printable.line(verdict)))
            .orElse("fsck unknown");
    List<String> facts = new ArrayList<>(List.of("EFI system partition:"));
    usage(esp.usedBytes(), esp.bytes()).ifPresent(facts::add);
    facts.add(check);
    wrap("  ", facts);
  }

  private Optional<String> usage(OptionalLong used, OptionalLong all) {
    if (used.isEmpty() || all.isEmpty() || all.getAsLong() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        gauge(used.getAsLong(), all.getAsLong())
            + Quantity.bytes(used.getAsLong())
            + " of "
            + Quantity.bytes(all.getAsLong())
            + " used");
  }

  private String gauge(long part, long all) {
    if (width < NARROW) {
      return "";
    }
    int cells = Math.min(20, width / 6);
    int full = (int) Math.min(cells, Math.round((double) part * cells / all));
    return "["
        + terminal.choose("█", "#").repeat(full)
        + terminal.choose("░", ".").repeat(cells - full)
        + "] ";
  }

  private void pool(DiskReport report) {
    DiskReport.Label label = report.label();
    Map<String, String> pool = report.pool();
    if (label.name().isEmpty() && pool.isEmpty()) {
      lines.add("  no pool");
      return;
    }
    List<String> facts = new ArrayList<>();
    facts.add(
        "pool " + terminal.styled("bold", label.name().orElse(pool.getOrDefault("name", "?"))));
    label.state().ifPresent(facts::add);
    if (pool.containsKey("health")) {
      facts.add(pool.get("health"));
    }
    label
        .wholeDisk()
        .ifPresent(
            whole -> facts.add(whole.equals("1") ? "owns the whole disk" : "part of a disk"));
    wrap("  ", facts);
    label.guid().ifPresent(guid -> lines.add("    guid " + guid));
    OptionalLong used =
        report.datasets().stream()
            .filter(dataset -> Optional.of(dataset.name()).equals(label.name()))
            .map(Dataset::usedBytes)
            .findFirst()
            .orElse(OptionalLong.empty());
    // Not the pool's own "allocated": it says 0 of a pool that is imported read-only.
    usage(used, number(pool.get("size"))).ifPresent(text -> lines.add("    " + text));
    List<String> settings = new ArrayList<>();
    for (String name :
        List.of("ashift", "autoexpand", "autotrim", "compatibility", "bootfs", "comment")) {
      String value = pool.get(name);
      if (value != null && !List.of("-", "", "off").contains(value)) {
        settings.add(name + "=" + value);
      }
    }
    wrap("    ", settings);
  }

  private static OptionalLong number(String text) {
    return text != null && text.matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  private void wrap(String indent, List<String> words) {
    StringBuilder line = new StringBuilder(indent);
    for (String word : words) {
      if (line.length() > indent.length() && line.length() + word.length() >= width) {
        lines.add(line.toString().stripTrailing());
        line = new StringBuilder(indent);
      }
      line.append(word).append("  ");
    }
    if (line.length() > indent.length()) {
      lines.add(line.toString().stripTrailing());
    }
  }

  private void datasets(List<Dataset> datasets, AskedFor asked) {
    if (datasets.isEmpty()) {
      lines.add("no datasets seen");
      return;
    }
    Rows rows = new Rows("dataset", "used", "mounted at", "properties");
    for (int i = 0; i < datasets.size(); i++) {
      Dataset dataset = datasets.get(i);
      rows.add(
          branches(datasets, i) + dataset.name().substring(dataset.name().lastIndexOf('/') + 1),
          dataset.usedBytes().stream().mapToObj(Quantity::bytes).findFirst().orElse("?"),
          mount(dataset, asked),
          properties(dataset));
    }
    lines.addAll(rows.rightAlign(1).fitLast(width, ellipsis()).lines());
  }

  private static String mount(Dataset dataset, AskedFor asked) {
    String own = dataset.properties().getOrDefault("mountpoint", "");
    return Printable.line(
        asked.mounts().getOrDefault(dataset.name(), own.startsWith("/") ? own : ""));
  }

  private static String properties(Dataset dataset) {
    return String.join(
        " ",
        dataset.properties().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(property -> property.getKey() + "=" + Printable.line(property.getValue()))
            .toList());
  }

  private String branches(List<Dataset> datasets, int index) {
    String name = datasets.get(index).name();
    String[] parts = name.split("/");
    StringBuilder branches = new StringBuilder();
    for (int depth = 1; depth < parts.length; depth++) {
      String ancestor = String.join("/", Arrays.copyOf(parts, depth + 1));
      String parent = ancestor.substring(0, ancestor.lastIndexOf('/') + 1);
      boolean more =
          datasets.subList(index + 1, datasets.size()).stream()
              .map(Dataset::name)
              .anyMatch(
                  other ->
                      other.startsWith(parent)
                          && !other.equals(ancestor)
                          && !other.startsWith(ancestor + "/"));
      boolean own = depth == parts.length - 1;
      if (own) {
        branches.append(more ? terminal.choose("├─ ", "|- ") : terminal.choose("└─ ", "`- "));
      } else {
        branches.append(more ? terminal.choose("│  ", "|  ") : "   ");
      }
    }
    return branches.toString();
  }

  /** The target's top level and what it boots; {@code --output json} has the rest. */
  private void files(List<FileEntry> files) {
    Rows rows = new Rows("file", "mode", "owner", "size");
    List<FileEntry> shown =
        files.stream()
            .filter(file -> file.path().lastIndexOf('/') == 0 || file.path().startsWith("/boot/"))
            .sorted(Comparator.comparing(FileEntry::path))
            .toList();
    for (FileEntry file : shown) {
      String path = Printable.line(file.path());
      boolean folder = file.type().equals("d");
      rows.add(
          folder && !path.endsWith("/") ? path + "/" : path + (file.type().equals("l") ? "@" : ""),
          file.mode(),
          file.owner(),
          folder ? "" : Quantity.bytes(file.bytes()));
    }
    lines.addAll(rows.rightAlign(3).lines());
  }
}
