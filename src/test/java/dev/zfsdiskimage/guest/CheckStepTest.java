package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import dev.zfsdiskimage.recipe.Recipe.Pool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The step that looks at finished disks, in a real bash; only ZFS and the disks' tools are played.
 */
class CheckStepTest {
  private static final int DISK_BYTES = 64 * 1024;

  /** A jump over GRUB's parameters, as at the beginning of a disk that BIOS boots. */
  private static final byte[] BOOT_CODE = HexFormat.of().parseHex("eb6390108ed0bc00b0b80000");

  private static final Recipe RECIPE =
      SampleRecipes.layout(
          new Pool(
              "tank",
              Map.of("ashift", "12", "com.example:pool", "x"),
              Map.of("mountpoint", "legacy")),
          List.of(
              new Dataset(
                  "tank/root",
                  SampleRecipes.map("com.example:asked", "a value", "quota", "1G"),
                  Optional.of("/"),
                  true)));

  private static final String PLAYED =
      """

      blockdev() { stat -c %s "$2"; }
      sgdisk() { case $1 in --verify) echo 'No problems found.' ;; esac; }
      fsck.vfat() { :; }
      blkid() { echo ESP; }
      mount() { :; }
      umount() { :; }
      df() { printf 'size\\n1000\\n'; }
      zdb() { :; }
      zpool() {
        case "$1 ${3:-} ${4:-}" in
          'get property all') printf 'health\\nsize\\ncom.example:x\\ncom.example:pool\\n' ;;
          'get value '*) printf 'value of %s\\nhealth\\tFAULTED\\n' "$4" ;;
          'get property,value health,size') printf 'health\\tONLINE\\nsize\\t2147483648\\n' ;;
        esac
      }
      zfs() {
        case "$1 $3" in
          'list name,used') sed 's/$/\\t1000/' "$config/played-datasets" ;;
          'get name,property') cut -f 1,2 "$config/played-properties" ;;
          'get value')
            printf '%s\\n' "$4" >>"$config/asked-alone"
            awk -F '\\t' -v property="$4" -v name="$5" '$1 == name && $2 == property {print $3; exit}' "$config/played-properties"
            ;;
          'get name,property,value') awk -F '\\t' -v names=",$9," 'index(names, "," $2 ",")' "$config/played-properties" ;;
        esac
      }
      """;

  @TempDir Path folder;

  @BeforeEach
  void disksAsABuildLeavesThem() throws IOException {
    for (String program : List.of("bash", "perl", "gzip", "base64", "cksum")) {
      assumeTrue(Files.isExecutable(Path.of("/usr/bin", program)), "there is no " + program);
    }
    disk("zdi-boot", Arrays.copyOf(BOOT_CODE, DISK_BYTES));
    disk("zdi-root", new byte[DISK_BYTES]);
    Files.createDirectory(folder.resolve("mnt"));
    Files.createDirectory(folder.resolve("esp"));
    datasets("tank", "tank/root");
    properties("tank\tmountpoint\tlegacy", "tank/root\tquota\t1073741824");
  }

  /** A header in the boot code makes one file two disks: one for us, one for whoever guesses. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "qcow2, 0, 514649fb00000003",
    "qcow, 0, 514649fb00000001",
    "vmdk, 0, 4b444d56",
    "vmdk, 0, 434f5744",
    // "# Disk DescriptorFile"; then comments and an empty line, which QEMU skips, and "version=1"
    "vmdk, 0, 23204469736b2044657363726970746f7246696c650a",
    "vmdk, 0, 23610a2020200a76657273696f6e3d310a",
    "vmdk, 0, 76657273696f6e3d330d0a",
    "vpc, 0, 636f6e6563746978",
    "vpc, -512, 636f6e6563746978",
    "vhdx, 0, 7668647866696c65",
    "vdi, 0, 3c3c3c20",
    "vdi, 64, beda107f",
    "qed, 0, 51454400",
    "parallels, 0, 576974686f7574467265655370616365",
    "parallels, 0, 576974686f7546726553706163457874",
    "luks, 0, 4c554b53babe0001",
    "bochs, 0, 426f636873205669727475616c20484420496d616765",
    "cloop, 0, 23212f62696e2f73680a2356322e3020466f726d61740a",
    "dmg, -512, 6b6f6c79"
  })
  void rawImageThatCanBeASecondFormatFailsTheCheck(String format, int at, String magic)
      throws IOException {
    for (String name : List.of("boot", "root")) {
      byte[] hostile = Arrays.copyOf(BOOT_CODE, DISK_BYTES);
      byte[] bytes = HexFormat.of().parseHex(magic);
      System.arraycopy(bytes, 0, hostile, at < 0 ? DISK_BYTES + at : at, bytes.length);
      disk("zdi-boot", Arrays.copyOf(BOOT_CODE, DISK_BYTES));
      disk("zdi-root", new byte[DISK_BYTES]);
      disk("zdi-" + name, hostile);

      DiskReport report = run(GuestProgram.check(RECIPE, "nonce1"));

      assertThat(DiskCheck.differences(RECIPE, report, Optional.empty()))
          .filteredOn(difference -> difference.contains("format"))
          .singleElement()
          .asString()
          .startsWith(name + " disk: ")
          .contains(format);
    }
  }

  @Test
  void bootCodeAndAnEmptyFirstSectorAreNoOtherFormat() throws IOException {
    DiskReport report = run(GuestProgram.check(RECIPE, "nonce1"));

    assertThat(DiskCheck.differences(RECIPE, report, Optional.empty()))
        .noneMatch(difference -> difference.contains("format"));
  }

  /** Thousands of user properties and files are the guest's to make; a check needs none of them. */
  @Test
  void checkOfABuildReportsWhatIsComparedAndNothingElse() throws IOException {
    StringBuilder properties = new StringBuilder("tank/root\tquota\t1073741824\n");
    for (int number = 0; number < 2000; number++) {
      properties.append("tank/root\tcom.example:p%d\tvalue\n".formatted(number));
    }
    properties.append("tank/root\tcom.example:asked\ta value\n");
    properties("tank\tmountpoint\tlegacy", "tank\tatime\toff", properties.toString().strip());
    datasets("tank", "tank/root", "tank/root/nobody asked for this");
    files("mnt", 3000);
    files("esp", 10);

    DiskReport report = run(GuestProgram.check(RECIPE, "nonce1"));

    assertThat(report.datasets())
        .extracting(DiskReport.Dataset::name, DiskReport.Dataset::properties)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("tank", Map.of("mountpoint", "legacy")),
            org.assertj.core.groups.Tuple.tuple(
                "tank/root", Map.of("quota", "1073741824", "com.example:asked", "a value")));
    assertThat(report.files()).isEmpty();
    assertThat(report.pool())
        .containsOnly(
            Map.entry("health", "ONLINE"),
            Map.entry("size", "2147483648"),
            Map.entry("com.example:pool", "value of com.example:pool\nhealth\tFAULTED"));
    assertThat(folder.resolve("asked-alone")).hasContent("com.example:asked");
  }

  @Test
  void lookAtMoreThanAReportMayHoldIsCutAndSaysSo() throws IOException {
    files("mnt", 21_000);
    StringBuilder properties = new StringBuilder();
    for (int number = 0; number < 1100; number++) {
      properties.append("tank/root\tcom.example:p%d\tvalue\n".formatted(number));
    }
    properties(properties.toString().strip());

    DiskReport report = run(look());

    assertThat(report.datasets().get(1).properties()).hasSize(1000);
    assertThat(report.files()).hasSizeBetween(15_000, 20_000);
    assertThat(DiskCheck.differences(RECIPE, report, Optional.empty()))
        .singleElement()
        .asString()
        .startsWith("report: ")
        .contains("1000 user properties", "20000 lines");
  }

  @Test
  void lookListsFilesAndEveryProperty() throws IOException {
    files("mnt", 2);
    files("esp", 1);
    properties("tank/root\tcom.example:p\tvalue", "tank\tatime\toff");

    DiskReport report = run(look());

    assertThat(report.files())
        .extracting(DiskReport.FileEntry::path)
        .containsExactly("/boot/file-0", "/file-0", "/file-1");
    assertThat(report.datasets().get(0).properties()).containsExactly(Map.entry("atime", "off"));
    assertThat(report.datasets().get(1).properties())
        .containsExactly(Map.entry("com.example:p", "value"));
    assertThat(report.pool()).containsKeys("health", "com.example:x", "com.example:pool");
  }

  private static GuestProgram look() {
    return GuestProgram.look(
        "tank", List.of(new GuestProgram.Mounted("tank/root", "/", true)), "nonce1");
  }

  private DiskReport run(GuestProgram program) throws IOException {
    for (Map.Entry<String, Bytes> file : program.files().entrySet()) {
      String text = new String(file.getValue().toArray(), StandardCharsets.UTF_8);
      if (file.getKey().endsWith(".sh")) {
        text = text.replace("/run/zdi", folder.toString()).replace("/mnt", folder + "/mnt");
      }
      Files.writeString(folder.resolve(file.getKey()), text);
    }
    Files.writeString(
        folder.resolve("disks.sh"),
        Files.readString(folder.resolve("disks.sh"))
            + "\ndisk_of() { printf '%s' \"$config/$1\"; }\n"
            + "partition_of() { printf '%s-part%s' \"$1\" \"$2\"; }\n"
            + PLAYED);
    Console console = new Console("nonce1");
    console.accept(RealBash.run(folder, "/bin/bash", folder + "/step-check.sh"));
    return console.report().orElseThrow();
  }

  private void disk(String serial, byte[] bytes) throws IOException {
    Files.write(folder.resolve(serial), bytes);
  }

  private void datasets(String... names) throws IOException {
    Files.writeString(folder.resolve("played-datasets"), String.join("\n", names) + "\n");
  }

  private void properties(String... lines) throws IOException {
    Files.writeString(folder.resolve("played-properties"), String.join("\n", lines) + "\n");
  }

  private void files(String where, int count) throws IOException {
    for (int number = 0; number < count; number++) {
      Files.createFile(folder.resolve(where).resolve("file-" + number));
    }
  }
}
