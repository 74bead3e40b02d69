package dev.zfsdiskimage.guest;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * Collects the {@code @@ZDI-REPORT} lines of a check. Parts may come in any order, more than once
 * or not at all; memory stays bounded. A report that is larger than any that an honest guest sends
 * is refused, once and for all.
 */
final class ReportParts {
  private static final String START = "@@ZDI-REPORT ";
  private static final Pattern PART = Pattern.compile("([0-9]{1,5})/([0-9]{1,5})");
  private static final int MAX_PARTS = 10_000;

  /** Percent-encoded text of the largest size always becomes less. */
  private static final int MAX_COMPRESSED_BYTES = DiskReports.MAX_BYTES;

  private final String nonce;
  private byte[][] parts = {};
  private int missing;
  private int collected;
  private Optional<DiskReport> report = Optional.empty();

  ReportParts(String nonce) {
    this.nonce = nonce;
  }

  /** Whether the line is a valid part of this boot's report; its content is kept. */
  boolean accept(byte[] line, int length) {
    Optional<Map<String, String>> fields = Message.checkedFields(line, length, START);
    if (fields.isEmpty()
        || !"1".equals(fields.get().get("v"))
        || !nonce.equals(fields.get().get("build"))) {
      return false;
    }
    Matcher part = PART.matcher(fields.get().getOrDefault("part", ""));
    if (!part.matches()) {
      return false;
    }
    int number = Integer.parseInt(part.group(1));
    int total = Integer.parseInt(part.group(2));
    if (number < 1 || number > total) {
      return false;
    }
    if (total > MAX_PARTS) {
      refuse("it has %d parts; at most %d are taken".formatted(total, MAX_PARTS));
      return true;
    }
    try {
      keep(number, total, Base64.getDecoder().decode(fields.get().getOrDefault("data", "")));
      return true;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  Optional<DiskReport> report() {
    return report;
  }

  private void keep(int number, int total, byte[] data) {
    if (report.isPresent()) {
      return;
    }
    if (parts.length != total) {
      startOver(total);
    }
    if (parts[number - 1] != null) {
      return;
    }
    if (collected + data.length > MAX_COMPRESSED_BYTES) {
      refuse("it has more than " + MAX_COMPRESSED_BYTES + " compressed bytes");
      return;
    }
    parts[number - 1] = data;
    collected += data.length;
    missing--;
    if (missing == 0) {
      report = read();
      startOver(report.isPresent() ? 0 : total);
    }
  }

  private void refuse(String why) {
    if (report.isEmpty()) {
      report = Optional.of(DiskReport.refused(why));
      startOver(0);
    }
  }

  private void startOver(int total) {
    parts = new byte[total][];
    missing = total;
    collected = 0;
  }

  /** Unpacks no more than a report may have: a few bytes may stand for gigabytes. */
  private Optional<DiskReport> read() {
    ByteArrayOutputStream joined = new ByteArrayOutputStream(collected);
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(joined.toByteArray()))) {
      byte[] text = in.readNBytes(DiskReports.MAX_BYTES);
      return Optional.of(
          in.read() < 0
              ? DiskReports.parse(new String(text, StandardCharsets.UTF_8))
              : DiskReport.refused("it has more than " + DiskReports.MAX_BYTES + " bytes"));
    } catch (IOException notGzip) {
      return Optional.empty();
    }
  }
}
