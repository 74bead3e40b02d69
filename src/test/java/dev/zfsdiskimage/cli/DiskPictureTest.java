package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.cli.DiskPicture.AskedFor;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.DiskReport.Dataset;
import dev.zfsdiskimage.guest.DiskReport.Disk;
import dev.zfsdiskimage.guest.DiskReport.Esp;
import dev.zfsdiskimage.guest.DiskReport.FileEntry;
import dev.zfsdiskimage.guest.DiskReport.Label;
import dev.zfsdiskimage.guest.DiskReport.Partition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskPictureTest {
  private static final long MIB = 1L << 20;

  private static final DiskReport REPORT =
      new DiskReport(
          new Disk(
              OptionalLong.of(1000 * MIB),
              Optional.of("raw"),
              Optional.of("ok"),
              List.of(
                  new Partition(1, 2048, 4095, "21686148-6449-6E6F-744E-656564454649", "BIOS boot"),
                  new Partition(2, 4096, 2045951, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "ESP"))),
          new Disk(
              OptionalLong.of(2048 * MIB),
              Optional.of("raw"),
              Optional.of("ok"),
              List.of(
                  new Partition(
                      1, 2048, 4175871, "6A898CC3-1DD2-11B2-99A6-080020736631", "zfs-77c2"),
                  new Partition(9, 4175872, 4192255, "6A945A3B-1DD2-11B2-99A6-080020736631", ""))),
          new Esp(
              Optional.of("clean"),
              Optional.of("ESP"),
              OptionalLong.of(995 * MIB),
              OptionalLong.of(60 * MIB)),
          new Label(
              Optional.of("exported"),
              Optional.of("tank"),
              Optional.of("1234567890123456789"),
              Optional.of("1"),
              Optional.of("builder")),
          Map.of(
              "health", "ONLINE",
              "size", Long.toString(1984 * MIB),
              "allocated", Long.toString(580 * MIB),
              "ashift", "12",
              "autoexpand", "on",
              "bootfs", "-"),
          List.of(
              dataset("tank", Map.of("compression", "on", "mountpoint", "legacy"), 580),
              dataset("tank/local", Map.of(), 300),
              dataset("tank/local/nix", Map.of("atime", "off"), 299),
              dataset("tank/system", Map.of(), 280),
              dataset("tank/system/root", Map.of("org.example:note", "two\nlines"), 250),
              dataset("tank/system/var", Map.of("xattr", "sa"), 30)),
          List.of(
              new FileEntry("/etc", "d", "0755", "0:0", 90),
              new FileEntry("/etc/fstab", "f", "0644", "0:0", 300),
              new FileEntry("/boot/vmlinuz", "f", "0644", "0:0", 9 * MIB),
              new FileEntry("/bin", "l", "0777", "0:0", 7)),
          Set.of(),
          Optional.empty());

  private static final AskedFor ASKED =
      new AskedFor(
          Map.of("tank/system/root", "/", "tank/system/var", "/var", "tank/local/nix", "/nix"));

  private static Dataset dataset(String name, Map<String, String> properties, long mebibytes) {
    return new Dataset(name, properties, OptionalLong.of(mebibytes * MIB));
  }

  @Test
  void showsBothDisksToScaleWithPoolDatasetsAndFiles() throws IOException {
    List<String> picture = DiskPicture.of(REPORT, ASKED, new Screens().terminal(80, true));

    assertThat(picture).containsExactlyElementsOf(golden("disk-picture-80.txt"));
  }

  @Test
  void drawsWithAsciiWhereTheLocaleHasNothingElse() throws IOException {
    List<String> picture = DiskPicture.of(REPORT, ASKED, new Screens().terminal(60, false));

    assertThat(picture).containsExactlyElementsOf(golden("disk-picture-60-ascii.txt"));
    assertThat(String.join("", picture).chars()).allMatch(c -> c >= ' ' && c < 0x7f);
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 60, 80, 100, 120, 200})
  void staysWithinTheTerminal(int columns) {
    List<String> picture = DiskPicture.of(REPORT, ASKED, new Screens().terminal(columns, true));

    assertThat(picture).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(columns));
  }

  @Test
  void saysWhatIsWrongWithBrokenDisks() {
    DiskReport broken =
        new DiskReport(
            new Disk(
                OptionalLong.of(MIB),
                Optional.of("qcow2"),
                Optional.of("main header: ERROR"),
                List.of()),
            new Disk(OptionalLong.empty(), Optional.empty(), Optional.empty(), List.of()),
            new Esp(
                Optional.of("dirty bit is set"),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty()),
            new Label(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()),
            Map.of(),
            List.of(),
            List.of(),
            Set.of(),
            Optional.of("is cut: more than 20000 lines"));

    List<String> picture =
        DiskPicture.of(broken, AskedFor.NOTHING, new Screens().terminal(80, true));

    assertThat(picture)
        .contains(
            "boot disk  1 MiB  GPT: main header: ERROR",
            "  a tool that guesses takes it for qcow2",
            "  EFI system partition:  fsck: dirty bit is set",
            "root disk  size unknown  no GPT seen",
            "  no pool",
            "no datasets seen",
            "the report is cut: more than 20000 lines");
  }

  private static List<String> golden(String name) throws IOException {
    try (InputStream file = DiskPictureTest.class.getResourceAsStream("/cli/" + name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
