package dev.zfsdiskimage.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * UEFI firmware for QEMU, found by the descriptors that distributions install with it (QEMU's
 * docs/interop/firmware.json).
 */
final class Firmwares {
  /** In the order in which QEMU's documentation says they are looked at. */
  private static final List<Path> FOLDERS =
      List.of(Path.of("/etc/qemu/firmware"), Path.of("/usr/share/qemu/firmware"));

  private final List<Path> folders;

  Firmwares(List<Path> folders) {
    this.folders = folders;
  }

  static Firmwares ofThisMachine() {
    return new Firmwares(FOLDERS);
  }

  /**
   * A UEFI firmware.
   *
   * @param code its read-only part
   * @param variables the template of its variables
   */
  record Uefi(Path code, Path variables) {}

  /** A UEFI firmware for q35 that asks for no signatures, or empty when none is installed. */
  Optional<Uefi> uefi() throws IOException {
    for (Path descriptor : descriptors()) {
      Optional<Uefi> uefi = plainUefi(new ObjectMapper().readTree(descriptor.toFile()));
      if (uefi.isPresent()) {
        return uefi;
      }
    }
    return Optional.empty();
  }

  /** A name in an earlier folder hides the same name in a later one; names give the order. */
  private List<Path> descriptors() throws IOException {
    TreeMap<String, Path> byName = new TreeMap<>();
    for (Path folder : folders) {
      if (Files.isDirectory(folder)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
          for (Path file : files) {
            byName.putIfAbsent(file.getFileName().toString(), file);
          }
        }
      }
    }
    return List.copyOf(byName.values());
  }

  private static Optional<Uefi> plainUefi(JsonNode descriptor) {
    List<String> features = texts(descriptor.path("features"));
    boolean wanted =
        texts(descriptor.path("interface-types")).contains("uefi")
            && !features.contains("enrolled-keys")
            && !features.contains("requires-smm")
            && fits(descriptor.path("targets"));
    JsonNode mapping = descriptor.path("mapping");
    if (!wanted || !mapping.path("device").asText().equals("flash")) {
      return Optional.empty();
    }
    Path code = Path.of(mapping.path("executable").path("filename").asText());
    Path variables = Path.of(mapping.path("nvram-template").path("filename").asText());
    return Files.isReadable(code) && Files.isReadable(variables)
        ? Optional.of(new Uefi(code, variables))
        : Optional.empty();
  }

  private static boolean fits(JsonNode targets) {
    for (JsonNode target : targets) {
      if (target.path("architecture").asText().equals("x86_64")
          && texts(target.path("machines")).stream().anyMatch(name -> name.startsWith("pc-q35"))) {
        return true;
      }
    }
    return false;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(node -> texts.add(node.asText()));
    return texts;
  }
}
