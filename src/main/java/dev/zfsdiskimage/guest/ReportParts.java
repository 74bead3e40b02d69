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
 * or not at all; memory stays bounded.
 */
final class ReportParts {
  private static final String START = "@@ZDI-REPORT ";
  private static final Pattern PART = Pattern.compile("([0-9]{1,5})/([0-9]{1,5})");
  private static final int MAX_PARTS = 10_000;
  private static final int MAX_COMPRESSED_BYTES = 8 * 1024 * 1024;
  private static final int MAX_TEXT_BYTES = 64 * 1024 * 1024;

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
    if (total > MAX_PARTS || number < 1 || number > total) {
      return false;
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
    if (parts[number - 1] != null || collected + data.length > MAX_COMPRESSED_BYTES) {
      return;
    }
    parts[number - 1] = data;
    collected += data.length;
    missing--;
    if (missing == 0) {
      report = text().map(DiskReports::parse);
      startOver(report.isPresent() ? 0 : total);
    }
  }

  private void startOver(int total) {
    parts = new byte[total][];
    missing = total;
    collected = 0;
  }

  private Optional<String> text() {
    ByteArrayOutputStream joined = new ByteArrayOutputStream(collected);
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(joined.toByteArray()))) {
      byte[] text = in.readNBytes(MAX_TEXT_BYTES);
      return in.read() < 0
          ? Optional.of(new String(text, StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (IOException notGzip) {
      return Optional.empty();
    }
  }
}
