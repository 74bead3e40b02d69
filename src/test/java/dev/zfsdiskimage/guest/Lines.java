package dev.zfsdiskimage.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Makes console lines as the guest program does. */
final class Lines {
  static final String NONCE = "n0nce";

  private Lines() {}

  /** A valid message; {@code rest} is what stands behind {@code state=}. */
  static String message(int seq, String step, String state, String rest) {
    return signed(
        "@@ZDI v=1 build="
            + NONCE
            + " seq="
            + seq
            + " step="
            + step
            + " state="
            + state
            + " "
            + rest);
  }

  static String signed(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    return line + " crc=" + Cksum.of(bytes, 0, bytes.length);
  }

  /** A whole good build, line by line. */
  static List<String> goodBuild() {
    return List.of(
        "[    0.000000] Linux version 6.12.107",
        message(1, "partition", "start", "done=none t=5.0 rc=0"),
        "+ sgdisk --clear /dev/vdb",
        message(2, "partition", "done", "done=Partitioned t=6.5 rc=0"),
        message(3, "pool", "start", "done=Partitioned t=6.6 rc=0"),
        message(4, "pool", "done", "done=Partitioned t=8.0 rc=0 guid=123 size=2000 zfs=2.3.9"),
        message(5, "install", "start", "done=Partitioned,PoolCreated t=8.1 rc=0"),
        message(6, "install", "run", "done=Partitioned,PoolCreated t=18.1 rc=0 bytes=1000"),
        message(7, "install", "run", "done=Partitioned,PoolCreated t=28.1 rc=0 bytes=2000"),
        message(8, "install", "done", "done=Partitioned,PoolCreated,Installed t=30.0 rc=0"),
        message(9, "export", "start", "done=Partitioned,PoolCreated,Installed t=30.1 rc=0"),
        last(10),
        last(11),
        last(12));
  }

  private static String last(int seq) {
    return message(
        seq,
        "export",
        "finished",
        "done=Partitioned,PoolCreated,Installed,Exported t=31.0 rc=0 guid=123 size=2000 zfs=2.3.9");
  }

  /** The lines of one copy of a report. */
  static List<String> report(String text, int partChars) {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    String data = Base64.getEncoder().encodeToString(gzip.toByteArray());
    int parts = (data.length() + partChars - 1) / partChars;
    List<String> lines = new ArrayList<>();
    for (int part = 1; part <= parts; part++) {
      String portion =
          data.substring((part - 1) * partChars, Math.min(data.length(), part * partChars));
      lines.add(
          signed(
              "@@ZDI-REPORT v=1 build="
                  + NONCE
                  + " part="
                  + part
                  + "/"
                  + parts
                  + " data="
                  + portion));
    }
    return lines;
  }
}
