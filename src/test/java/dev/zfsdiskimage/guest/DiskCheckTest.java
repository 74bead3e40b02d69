package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import dev.zfsdiskimage.recipe.Recipe.Pool;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DiskCheckTest {
  private static final Recipe RECIPE =
      SampleRecipes.layout(
          new Pool(
              "tank",
              SampleRecipes.map("ashift", "12", "autoexpand", "on", "cachefile", "none"),
              SampleRecipes.map(
                  "mountpoint", "legacy", "compression", "on", "acltype", "posixacl")),
          List.of(
              new Dataset(
                  "tank/root",
                  SampleRecipes.map(
                      "quota",
                      "1G",
                      "com.example:x",
                      "a\nb ü",
                      "utf8only",
                      "on",
                      "refquota",
                      "none"),
                  Optional.of("/"),
                  true)));

  private static final String GOOD =
      """
      boot\tbytes\t1073741824
      boot\tformat\traw
      boot\tgpt\tok
      boot-partition\t1\t2048%204095%2021686148-6449-6E6F-744E-656564454649%20bios-boot
      boot-partition\t2\t4096%202095103%20C12A7328-F81F-11D2-BA4B-00A0C93EC93B%20ESP
      root\tbytes\t2147483648
      root\tformat\traw
      root\tgpt\tok
      root-partition\t1\t2048%204175871%206A898CC3-1DD2-11B2-99A6-080020736631%20zfs-1
      root-partition\t9\t4175872%204192255%206A945A3B-1DD2-11B2-99A6-080020736631%20
      esp\tfsck\tclean
      esp\tlabel\tESP
      label\tstate\texported
      label\tname\ttank
      label\tguid\t123
      label\twhole_disk\t1
      pool\thealth\tONLINE
      pool\tashift\t12
      pool\tautoexpand\ton
      dataset\ttank\texists
      property\ttank/mountpoint\tlegacy
      property\ttank/compression\ton
      property\ttank/acltype\tposix
      dataset\ttank/root\texists
      property\ttank/root/quota\t1073741824
      property\ttank/root/com.example:x\ta%0Ab%20%C3%BC
      dataset\ttank/extra\texists
      """;

  @Test
  void disksAsAskedForHaveNoDifference() {
    assertThat(differences(GOOD)).isEmpty();
  }

  @Test
  void guidIsComparedOnlyWhenTheGuestToldIt() {
    assertThat(DiskCheck.differences(RECIPE, DiskReports.parse(GOOD), Optional.empty())).isEmpty();
    assertThat(DiskCheck.differences(RECIPE, DiskReports.parse(GOOD), Optional.of("124")))
        .containsExactly("pool: guid is \"123\", must be \"124\"");
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        change(
            "boot\tbytes\t1073741824",
            "boot\tbytes\t1073741825",
            "boot disk: has 1073741825 bytes"),
        change("boot\tbytes\t1073741824", "", "boot disk: its size is not in the report"),
        change("root\tbytes\t2147483648", "root\tbytes\t1", "root disk: has 1 bytes"),
        change(
            "boot\tgpt\tok",
            "boot\tgpt\tProblem%3A%20CRC",
            "boot disk: partition table is \"Problem: CRC\""),
        change("root\tgpt\tok", "", "root disk: partition table is not in the report"),
        change(
            "boot\tformat\traw",
            "boot\tformat\tqcow2",
            "boot disk: format that a guessing tool sees is \"qcow2\""),
        change(
            "root\tformat\traw",
            "root\tformat\tvpc",
            "root disk: format that a guessing tool sees is \"vpc\""),
        change(
            "root\tformat\traw",
            "",
            "root disk: format that a guessing tool sees is not in the report"),
        change(
            "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
            "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
            "boot disk: partition types are"),
        change("boot-partition\t1", "boot-partition\t3", "boot disk: partition types are"),
        change(
            "6A898CC3-1DD2-11B2-99A6-080020736631",
            "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
            "root disk: its first partition is 0FC63DAF"),
        change("esp\tfsck\tclean", "esp\tfsck\tdirty%20bit", "ESP: fsck is \"dirty bit\""),
        change("esp\tlabel\tESP", "esp\tlabel\tNO", "ESP: label is \"NO\""),
        change(
            "label\tstate\texported", "label\tstate\tactive", "pool: label's state is \"active\""),
        change("label\tname\ttank", "label\tname\trpool", "pool: name is \"rpool\""),
        change("label\tguid\t123", "label\tguid\t9", "pool: guid is \"9\""),
        change("label\twhole_disk\t1", "label\twhole_disk\t0", "pool: whole_disk is \"0\""),
        change("pool\thealth\tONLINE", "pool\thealth\tDEGRADED", "pool: health is \"DEGRADED\""),
        change(
            "pool\tashift\t12",
            "pool\tashift\t9",
            "pool property ashift is \"9\"; asked for was \"12\""),
        change("pool\tautoexpand\ton", "", "pool property autoexpand is not set"),
        change(
            "tank/compression\ton",
            "tank/compression\tlz4",
            "dataset tank: property compression is \"lz4\""),
        change(
            "tank/acltype\tposix",
            "tank/acltype\tnfsv4",
            "dataset tank: property acltype is \"nfsv4\""),
        change("dataset\ttank/root\texists", "", "dataset tank/root: is missing"),
        change(
            "quota\t1073741824",
            "quota\t1073741823",
            "dataset tank/root: property quota is \"1073741823\""),
        change(
            "a%0Ab%20%C3%BC",
            "a%0Ab%20u", "dataset tank/root: property com.example:x is \"a\nb u\""));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("changes")
  void everyDifferenceIsToldAlone(String good, String bad, String difference) {
    assertThat(GOOD).contains(good);

    assertThat(differences(GOOD.replace(good, bad)))
        .singleElement()
        .asString()
        .startsWith(difference);
  }

  @Test
  void emptyReportIsNotGood() {
    assertThat(differences("")).hasSizeGreaterThan(10);
  }

  @ParameterizedTest(name = "{0}: {1} is seen as {2}")
  @CsvSource({
    "quota, 1G, 1073741824",
    "quota, 1.5G, 1610612736",
    "quota, 512m, 536870912",
    "quota, none, 0",
    "recordsize, 128K, 131072",
    "recordsize, 1MiB, 1048576",
    "filesystem_limit, none, 18446744073709551615",
    "compression, on, on",
    "compression, gzip-6, gzip",
    "compression, zstd-3, zstd",
    "acltype, posixacl, posix",
    "acltype, noacl, off",
    "xattr, on, sa",
    "mountpoint, /, /mnt",
    "mountpoint, /nix, /mnt/nix",
    "mountpoint, legacy, legacy",
    "feature@async_destroy, enabled, active",
    "com.example:quota, 1G, 1G"
  })
  void spellingsOfOneValueAreTheSame(String property, String asked, String seen) {
    assertThat(PropertyValue.same(property, asked, seen)).isTrue();
  }

  @ParameterizedTest(name = "{0}: {1} is not {2}")
  @CsvSource({
    "quota, 1G, 1000000000",
    "quota, 1X, 1",
    "compression, on, lz4",
    "compression, gzip-9, gzip",
    "acltype, posix, off",
    "mountpoint, /nix, /mnt",
    "feature@async_destroy, disabled, active",
    "com.example:quota, 1G, 1073741824"
  })
  void differentValuesAreDifferent(String property, String asked, String seen) {
    assertThat(PropertyValue.same(property, asked, seen)).isFalse();
  }

  private static Iterable<String> differences(String text) {
    return DiskCheck.differences(RECIPE, DiskReports.parse(text), Optional.of("123"));
  }

  private static Arguments change(String good, String bad, String difference) {
    return Arguments.of(good, bad, difference);
  }
}
