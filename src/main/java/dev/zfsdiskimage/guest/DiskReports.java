package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.api.Firmware;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads the text of a report: lines of {@code section<TAB>key<TAB>value}, keys and values
 * percent-encoded ({@code /} may stand in keys). Lines that make no sense are left out: what is
 * missing from a report is for {@link DiskCheck} to complain about. What is too much is refused as
 * a whole: who sends it may be hostile, and others' reports are read by the same process.
 */
public final class DiskReports {
  /** The largest report: a config disk full of property values, each byte of them encoded. */
  static final int MAX_BYTES = 4 * 1024 * 1024;

  /** The guest sends at most 20,000; a recipe asks for 256 datasets of 64 properties at most. */
  private static final int MAX_LINES = 25_000;

  /** A property's value has at most 8191 bytes, each of which may be encoded as three. */
  private static final int MAX_LINE = 32 * 1024;

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  private final Map<String, Map<String, String>> sections = new LinkedHashMap<>();

  private DiskReports() {}

  /** The report that this text is. */
  public static DiskReport parse(String text) {
    DiskReports reports = new DiskReports();
    int lines = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      lines++;
      if (lines > MAX_LINES) {
        return DiskReport.refused("it has more than " + MAX_LINES + " lines");
      }
      if (line.length() > MAX_LINE) {
        return DiskReport.refused("it has a line of more than " + MAX_LINE + " characters");
      }
      reports.accept(line);
    }
    return reports.report();
  }

  private void accept(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length == 3) {
      sections
          .computeIfAbsent(fields[0], section -> new LinkedHashMap<>())
          .put(PercentText.decode(fields[1]), PercentText.decode(fields[2]));
    }
  }

  private DiskReport report() {
    return new DiskReport(
        disk("boot"),
        disk("root"),
        new DiskReport.Esp(
            text("esp", "fsck"),
            text("esp", "label"),
            number("esp", "size"),
            number("esp", "used")),
        new DiskReport.Label(
            text("label", "state"),
            text("label", "name"),
            text("label", "guid"),
            text("label", "whole_disk"),
            text("label", "hostname")),
        Map.copyOf(section("pool")),
        datasets(),
        files(),
        bootModes(),
        text("report", "cut").map(what -> "is cut: " + what));
  }

  private DiskReport.Disk disk(String name) {
    return new DiskReport.Disk(
        number(name, "bytes"),
        text(name, "format"),
        text(name, "gpt"),
        partitions(name + "-partition"));
  }

  private List<DiskReport.Partition> partitions(String section) {
    TreeMap<Integer, DiskReport.Partition> partitions = new TreeMap<>();
    section(section)
        .forEach(
            (number, value) -> {
              String[] fields = value.split(" ", 4);
              if (NUMBER.matcher(number).matches()
                  && number.length() < 6
                  && fields.length >= 3
                  && NUMBER.matcher(fields[0]).matches()
                  && NUMBER.matcher(fields[1]).matches()) {
                partitions.put(
                    Integer.parseInt(number),
                    new DiskReport.Partition(
                        Integer.parseInt(number),
                        Long.parseLong(fields[0]),
                        Long.parseLong(fields[1]),
                        fields[2].toUpperCase(Locale.ROOT),
                        fields.length == 4 ? fields[3] : ""));
              }
            });
    return List.copyOf(partitions.values());
  }

  private List<DiskReport.Dataset> datasets() {
    Map<String, Map<String, String>> properties = new LinkedHashMap<>();
    section("dataset").keySet().forEach(name -> properties.put(name, new LinkedHashMap<>()));
    section("property")
        .forEach(
            (key, value) -> {
              int slash = key.lastIndexOf('/');
              if (slash > 0 && properties.containsKey(key.substring(0, slash))) {
                properties.get(key.substring(0, slash)).put(key.substring(slash + 1), value);
              }
            });
    List<DiskReport.Dataset> datasets = new ArrayList<>();
    properties.forEach(
        (name, local) -> datasets.add(new DiskReport.Dataset(name, local, number("usage", name))));
    return List.copyOf(datasets);
  }

  private List<DiskReport.FileEntry> files() {
    List<DiskReport.FileEntry> files = new ArrayList<>();
    section("file")
        .forEach(
            (path, value) -> {
              String[] fields = value.split(" ");
              if (fields.length == 5 && NUMBER.matcher(fields[4]).matches()) {
                files.add(
                    new DiskReport.FileEntry(
                        path,
                        fields[0],
                        fields[1],
                        fields[2] + ":" + fields[3],
                        Long.parseLong(fields[4])));
              }
            });
    return List.copyOf(files);
  }

  private Set<Firmware> bootModes() {
    Set<Firmware> modes = EnumSet.noneOf(Firmware.class);
    for (Firmware firmware : Firmware.values()) {
      if (text("boot-mode", firmware.name().toLowerCase(Locale.ROOT)).equals(Optional.of("yes"))) {
        modes.add(firmware);
      }
    }
    return Collections.unmodifiableSet(modes);
  }

  private Map<String, String> section(String name) {
    return sections.getOrDefault(name, Map.of());
  }

  private Optional<String> text(String section, String key) {
    return Optional.ofNullable(section(section).get(key));
  }

  private OptionalLong number(String section, String key) {
    return text(section, key)
        .filter(value -> NUMBER.matcher(value).matches())
        .map(value -> OptionalLong.of(Long.parseLong(value)))
        .orElse(OptionalLong.empty());
  }
}
