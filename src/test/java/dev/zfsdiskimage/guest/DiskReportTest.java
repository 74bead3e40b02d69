package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Firmware;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiskReportTest {
  private static final String TEXT =
      """
      boot\tbytes\t1073741824
      boot\tgpt\tok
      boot-partition\t2\t4096%202095103%20C12A7328-F81F-11D2-BA4B-00A0C93EC93B%20ESP
      boot-partition\t1\t2048%204095%2021686148-6449-6e6f-744e-656564454649%20bios-boot
      boot-mode\tbios\tno
      boot-mode\tuefi\tyes
      root\tbytes\t2147483648
      root\tgpt\tok
      root-partition\t1\t2048%204175871%206A898CC3-1DD2-11B2-99A6-080020736631%20zfs-1%20a
      esp\tfsck\tclean
      esp\tlabel\tESP
      esp\tsize\t1000
      esp\tused\t10
      label\tstate\texported
      label\tname\ttank
      label\tguid\t18446744073709551615
      label\twhole_disk\t1
      label\thostname\tbuilder
      pool\thealth\tONLINE
      pool\tashift\t12
      dataset\ttank\texists
      dataset\ttank/my%20root\texists
      property\ttank/my%20root/com.example:x\tline%201%0Aline%202%C3%BC
      usage\ttank/my%20root\t98304
      file\t/etc/a%09b%0A\tf%20644%200%200%2012
      nonsense
      boot-partition\tx\t1%202%20GUID%20name
      file\t/broken\tf%20644
      """;

  @Test
  void reportIsTyped() {
    DiskReport report = DiskReports.parse(TEXT);

    assertThat(report.boot().bytes()).isEqualTo(OptionalLong.of(1L << 30));
    assertThat(report.boot().gpt()).contains("ok");
    assertThat(report.boot().partitions())
        .containsExactly(
            new DiskReport.Partition(
                1, 2048, 4095, "21686148-6449-6E6F-744E-656564454649", "bios-boot"),
            new DiskReport.Partition(
                2, 4096, 2_095_103, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "ESP"));
    assertThat(report.root().partitions())
        .extracting(DiskReport.Partition::name)
        .containsExactly("zfs-1 a");
    assertThat(report.bootModes()).containsExactly(Firmware.UEFI);
    assertThat(report.esp())
        .isEqualTo(
            new DiskReport.Esp(
                Optional.of("clean"),
                Optional.of("ESP"),
                OptionalLong.of(1000),
                OptionalLong.of(10)));
    assertThat(report.label())
        .isEqualTo(
            new DiskReport.Label(
                Optional.of("exported"),
                Optional.of("tank"),
                Optional.of("18446744073709551615"),
                Optional.of("1"),
                Optional.of("builder")));
    assertThat(report.pool()).containsEntry("ashift", "12").containsEntry("health", "ONLINE");
    assertThat(report.datasets())
        .containsExactly(
            new DiskReport.Dataset("tank", Map.of(), OptionalLong.empty()),
            new DiskReport.Dataset(
                "tank/my root",
                Map.of("com.example:x", "line 1\nline 2ü"),
                OptionalLong.of(98304)));
    assertThat(report.files())
        .containsExactly(new DiskReport.FileEntry("/etc/a\tb\n", "f", "644", "0:0", 12));
  }

  @Test
  void emptyTextIsAReportOfNothing() {
    DiskReport report = DiskReports.parse("");

    assertThat(report.boot().bytes()).isEmpty();
    assertThat(report.datasets()).isEmpty();
  }

  @Test
  void oneWholeCopyIsEnoughWhateverTheOrder() {
    List<String> lines = new ArrayList<>(Lines.report(TEXT, 40));
    Collections.shuffle(lines, new Random(2));
    Console console = new Console(Lines.NONCE);

    lines.subList(1, lines.size()).forEach(console::acceptLine);
    assertThat(console.report()).isEmpty();
    console.acceptLine(lines.get(0));

    assertThat(console.report()).contains(DiskReports.parse(TEXT));
    assertThat(console.progress().tail()).isEmpty();
  }

  @Test
  void partsLostInOneCopyComeFromTheOther() {
    List<String> lines = Lines.report(TEXT, 40);
    Console console = new Console(Lines.NONCE);

    for (int i = 0; i < lines.size(); i++) {
      if (i % 2 == 0) {
        console.acceptLine(lines.get(i));
      }
    }
    assertThat(console.report()).isEmpty();
    for (int i = 0; i < lines.size(); i++) {
      if (i % 3 != 0 || i % 2 == 1) {
        console.acceptLine(lines.get(i));
      }
    }

    assertThat(console.report()).contains(DiskReports.parse(TEXT));
  }

  @Test
  void reportOfAnotherBootIsIgnored() {
    Console console = new Console("another");

    Lines.report(TEXT, 40).forEach(console::acceptLine);

    assertThat(console.report()).isEmpty();
  }

  @Test
  void brokenGzipIsForgottenAndTheNextCopyTaken() {
    Console console = new Console(Lines.NONCE);
    List<String> good = Lines.report(TEXT, 100_000);

    console.acceptLine(
        Lines.signed("@@ZDI-REPORT v=1 build=" + Lines.NONCE + " part=1/1 data=AAAA"));
    assertThat(console.report()).isEmpty();
    good.forEach(console::acceptLine);

    assertThat(console.report()).isPresent();
  }

  @Test
  void hostilePartNumbersAreText() {
    Console console = new Console(Lines.NONCE);

    for (String part : List.of("0/1", "2/1", "1/0", "-1/3", "1", "a/b")) {
      console.acceptLine(
          Lines.signed("@@ZDI-REPORT v=1 build=" + Lines.NONCE + " part=" + part + " data=AAAA"));
    }

    assertThat(console.report()).isEmpty();
    assertThat(console.progress().tail()).hasSize(6);
  }
}
