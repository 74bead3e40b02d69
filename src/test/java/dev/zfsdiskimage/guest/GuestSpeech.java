package dev.zfsdiskimage.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** Speaks as the guest program does, for simulated VMs outside of this package. */
public final class GuestSpeech {
  private static final int PART = 400;

  private final String nonce;
  private int seq;

  /** The guest of the boot that was given {@code nonce}. */
  public GuestSpeech(String nonce) {
    this.nonce = nonce;
  }

  /** One message; {@code rest} is what stands behind {@code state=}. */
  public String message(String step, String state, String rest) {
    seq++;
    return Lines.signed(
        "@@ZDI v=1 build="
            + nonce
            + " seq="
            + seq
            + " step="
            + step
            + " state="
            + state
            + " "
            + rest);
  }

  /** A whole good build, as its console shows it. */
  public List<String> goodBuild() {
    List<String> lines = new ArrayList<>(beginning());
    String done = "done=Partitioned,PoolCreated,Installed";
    lines.add(message("install", "done", done + " t=30.0 rc=0"));
    lines.add(message("export", "start", done + " t=30.1 rc=0"));
    for (int i = 0; i < 3; i++) {
      lines.add(
          message(
              "export",
              "finished",
              done + ",Exported t=31.0 rc=0 guid=" + SampleReports.GUID + " size=2000 zfs=2.3.9"));
    }
    return lines;
  }

  /** The first steps of a build, up to the beginning of the install. */
  public List<String> beginning() {
    return List.of(
        "[    0.000000] Linux version 6.12.107",
        message("partition", "start", "done=none t=5.0 rc=0"),
        message("partition", "done", "done=Partitioned t=6.5 rc=0"),
        message("pool", "start", "done=Partitioned t=6.6 rc=0"),
        message(
            "pool",
            "done",
            "done=Partitioned t=8.0 rc=0 guid=" + SampleReports.GUID + " size=2000 zfs=2.3.9"),
        message("install", "start", "done=Partitioned,PoolCreated t=8.1 rc=0"));
  }

  /** A step that has failed, said three times. */
  public List<String> failure(String step, int exitStatus, String reason) {
    List<String> lines = new ArrayList<>(beginning());
    lines.add("install: no such file: /payload");
    for (int i = 0; i < 3; i++) {
      lines.add(
          message(
              step,
              "failed",
              "done=Partitioned,PoolCreated t=9.0 rc=" + exitStatus + " reason=" + reason));
    }
    return lines;
  }

  /** The whole of a check, report included. */
  public List<String> check(DiskReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(message("check", "start", "done=none t=2.0 rc=0"));
    lines.addAll(report(report));
    lines.addAll(report(report));
    for (int i = 0; i < 3; i++) {
      lines.add(message("check", "finished", "done=none t=3.0 rc=0"));
    }
    return lines;
  }

  private List<String> report(DiskReport report) {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(text(report).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String data = Base64.getEncoder().encodeToString(gzip.toByteArray());
    int parts = (data.length() + PART - 1) / PART;
    List<String> lines = new ArrayList<>();
    for (int part = 1; part <= parts; part++) {
      String portion = data.substring((part - 1) * PART, Math.min(data.length(), part * PART));
      lines.add(
          Lines.signed(
              "@@ZDI-REPORT v=1 build="
                  + nonce
                  + " part="
                  + part
                  + "/"
                  + parts
                  + " data="
                  + portion));
    }
    return lines;
  }

  private static String text(DiskReport report) {
    StringBuilder text = new StringBuilder();
    disk(text, "boot", report.boot());
    disk(text, "root", report.root());
    report.esp().fsck().ifPresent(fsck -> line(text, "esp", "fsck", fsck));
    report.esp().label().ifPresent(label -> line(text, "esp", "label", label));
    label(text, "state", report.label().state());
    label(text, "name", report.label().name());
    label(text, "guid", report.label().guid());
    label(text, "whole_disk", report.label().wholeDisk());
    report.pool().forEach((name, value) -> line(text, "pool", name, value));
    for (DiskReport.Dataset dataset : report.datasets()) {
      line(text, "dataset", dataset.name(), "exists");
      for (Map.Entry<String, String> property : dataset.properties().entrySet()) {
        line(text, "property", dataset.name() + "/" + property.getKey(), property.getValue());
      }
    }
    return text.toString();
  }

  private static void disk(StringBuilder text, String name, DiskReport.Disk disk) {
    disk.bytes().ifPresent(bytes -> line(text, name, "bytes", Long.toString(bytes)));
    disk.format().ifPresent(format -> line(text, name, "format", format));
    disk.gpt().ifPresent(gpt -> line(text, name, "gpt", gpt));
    for (DiskReport.Partition partition : disk.partitions()) {
      line(
          text,
          name + "-partition",
          Integer.toString(partition.number()),
          partition.start()
              + " "
              + partition.end()
              + " "
              + partition.typeGuid()
              + " "
              + partition.name());
    }
  }

  private static void label(StringBuilder text, String key, Optional<String> value) {
    value.ifPresent(known -> line(text, "label", key, known));
  }

  private static void line(StringBuilder text, String section, String key, String value) {
    text.append(section).append('\t').append(encoded(key)).append('\t').append(encoded(value));
    text.append('\n');
  }

  private static String encoded(String value) {
    StringBuilder encoded = new StringBuilder();
    for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xFF);
      if (c < 128 && (Character.isLetterOrDigit(c) || "._-/".indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append(String.format("%%%02X", (int) c));
      }
    }
    return encoded.toString();
  }
}
