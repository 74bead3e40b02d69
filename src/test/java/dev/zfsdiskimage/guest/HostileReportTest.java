package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** One guest's report must not end the operator, which reads those of all others too. */
class HostileReportTest {
  private static final int PART_BYTES = 675;

  private final Console console = new Console(Lines.NONCE);

  @Test
  void reportOf100000UserPropertiesIsRefused() {
    StringBuilder text = new StringBuilder("dataset\ttank\texists\n");
    for (int number = 0; number < 100_000; number++) {
      text.append("property\ttank/com.example:p%d\tv\n".formatted(number));
    }

    Lines.report(text.toString(), 900).forEach(console::acceptLine);

    assertRefused("more than 25000 lines");
  }

  @Test
  void gzipBombOf1GibibyteIsRefused() throws IOException {
    byte[] zeros = new byte[1 << 20];

    send(
        out -> {
          for (int mebibyte = 0; mebibyte < 1024; mebibyte++) {
            out.write(zeros);
          }
        });

    assertRefused("more than 4194304 bytes");
  }

  @Test
  void valueThatIsTooLongIsRefused() {
    String text = "esp\tfsck\t" + "x".repeat(100_000) + "\n";

    Lines.report(text, 900).forEach(console::acceptLine);

    assertRefused("a line of more than 32768 characters");
  }

  @Test
  void moreCompressedBytesThanAReportHasAreRefused() throws IOException {
    Random random = new Random(5);
    byte[] noise = new byte[5 << 20];
    random.nextBytes(noise);

    send(out -> out.write(noise));

    assertRefused("more than 4194304 compressed bytes");
  }

  @Test
  void morePartsThanAReportHasAreRefused() {
    console.acceptLine(
        Lines.signed("@@ZDI-REPORT v=1 build=" + Lines.NONCE + " part=1/99999 data=AAAA"));

    assertRefused("99999 parts");
  }

  @Test
  void differenceInALongValueStaysReadable() {
    String text = "dataset\ttank\texists\nproperty\ttank/com.example:x\t" + "x".repeat(8000) + "\n";
    DiskReport report = DiskReports.parse(text);

    List<String> differences =
        DiskCheck.differences(
            SampleRecipes.layout(
                new dev.zfsdiskimage.recipe.Recipe.Pool(
                    "tank",
                    java.util.Map.of(),
                    SampleRecipes.map("com.example:x", "y".repeat(8000))),
                List.of()),
            report,
            Optional.empty());

    assertThat(differences)
        .filteredOn(difference -> difference.contains("com.example:x"))
        .singleElement()
        .asString()
        .contains("xxx", "yyy")
        .hasSizeLessThan(1000);
  }

  private void assertRefused(String why) {
    assertThat(console.report()).isPresent();
    DiskReport report = console.report().get();
    assertThat(report.datasets()).isEmpty();
    assertThat(report.files()).isEmpty();
    assertThat(DiskCheck.differences(SampleRecipes.minimal(), report, Optional.empty()))
        .singleElement()
        .asString()
        .startsWith("report: is not valid: ")
        .contains(why);
  }

  /** Sends what {@code content} writes, compressed, in parts as the guest does. */
  private void send(Content content) throws IOException {
    java.nio.file.Path file = java.nio.file.Files.createTempFile("report", ".gz");
    try {
      try (OutputStream gzip = new GZIPOutputStream(java.nio.file.Files.newOutputStream(file))) {
        content.write(gzip);
      }
      long parts = (java.nio.file.Files.size(file) + PART_BYTES - 1) / PART_BYTES;
      try (InputStream in = java.nio.file.Files.newInputStream(file)) {
        for (int part = 1; part <= parts; part++) {
          String data = Base64.getEncoder().encodeToString(in.readNBytes(PART_BYTES));
          console.acceptLine(
              Lines.signed(
                  "@@ZDI-REPORT v=1 build=%s part=%d/%d data=%s"
                      .formatted(Lines.NONCE, part, parts, data)));
        }
      }
    } finally {
      java.nio.file.Files.delete(file);
    }
  }

  private interface Content {
    void write(OutputStream out) throws IOException;
  }
}
