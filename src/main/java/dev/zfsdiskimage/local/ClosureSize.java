package dev.zfsdiskimage.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How many bytes a closure unpacks to, told from the outside: of a folder of a binary cache (the
 * {@code NarSize} of what the system refers to), of a store tree's registration, and of a file of
 * {@code nix-store --export}, which is about as large as what it holds.
 */
final class ClosureSize {
  /** The number 1, then the magic string of a NAR behind its length; numbers have 64 bits. */
  private static final byte[] EXPORT_START =
      ByteBuffer.allocate(29)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(1)
          .putLong(13)
          .put("nix-archive-1".getBytes(StandardCharsets.US_ASCII))
          .array();

  private static final List<String> REGISTRATIONS =
      List.of("registration", "nix-path-registration");

  private ClosureSize() {}

  /**
   * Bytes of the closure at {@code path}; empty when that can't be told without unpacking it.
   *
   * @param system the store path whose closure is wanted
   */
  static OptionalLong of(Path path, String system) throws IOException {
    if (Files.isRegularFile(path)) {
      return isExport(path) ? OptionalLong.of(Files.size(path)) : OptionalLong.empty();
    }
    if (Files.exists(path.resolve("nix-cache-info"))) {
      return ofCache(path, hashPart(Path.of(system).getFileName().toString()));
    }
    for (String name : REGISTRATIONS) {
      if (Files.isRegularFile(path.resolve(name))) {
        return ofRegistration(path.resolve(name));
      }
    }
    return OptionalLong.empty();
  }

  private static boolean isExport(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return java.util.Arrays.equals(in.readNBytes(EXPORT_START.length), EXPORT_START);
    }
  }

  /** What one narinfo says. */
  private record NarInfo(long bytes, List<String> references) {}

  private static OptionalLong ofCache(Path cache, String system) throws IOException {
    Map<String, NarInfo> known = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(cache, "*.narinfo")) {
      for (Path file : files) {
        known.put(file.getFileName().toString().replace(".narinfo", ""), narInfo(file));
      }
    }
    Set<String> reached = new HashSet<>();
    Deque<String> ahead = new ArrayDeque<>(List.of(system));
    long bytes = 0;
    while (!ahead.isEmpty()) {
      String next = ahead.pop();
      NarInfo info = known.get(next);
      if (reached.add(next) && info != null) {
        bytes += info.bytes();
        info.references().forEach(name -> ahead.push(hashPart(name)));
      }
    }
    return OptionalLong.of(bytes);
  }

  private static NarInfo narInfo(Path file) throws IOException {
    long bytes = 0;
    List<String> references = List.of();
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("NarSize: ")) {
        bytes = number(line.substring(9));
      } else if (line.startsWith("References: ")) {
        references = List.of(line.substring(12).strip().split(" "));
      }
    }
    return new NarInfo(bytes, references);
  }

  /** Records of path, hash, size, deriver, number of references and the references, a line each. */
  private static OptionalLong ofRegistration(Path file) throws IOException {
    long bytes = 0;
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      while (lines.readLine() != null) {
        lines.readLine();
        bytes += number(lines.readLine());
        lines.readLine();
        for (long references = number(lines.readLine()); references > 0; references--) {
          lines.readLine();
        }
      }
    }
    return OptionalLong.of(bytes);
  }

  private static long number(String text) throws IOException {
    if (text == null || !text.strip().matches("[0-9]{1,18}")) {
      throw new IOException("\"" + text + "\" stands where the size of a store path should");
    }
    return Long.parseLong(text.strip());
  }

  /** {@code abc…} of {@code abc…-name}. */
  private static String hashPart(String name) {
    int dash = name.indexOf('-');
    return dash < 0 ? name : name.substring(0, dash);
  }
}
