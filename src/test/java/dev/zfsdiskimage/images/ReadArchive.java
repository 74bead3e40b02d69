package dev.zfsdiskimage.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** An OCI archive as another program would read it. */
record ReadArchive(Map<String, byte[]> files) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static ReadArchive of(Path archive) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(archive))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        files.put(entry.getName(), tar.readAllBytes());
      }
    }
    return new ReadArchive(files);
  }

  /** The index's one entry. */
  JsonNode entry() throws IOException {
    return JSON.readTree(files.get("index.json")).path("manifests").path(0);
  }

  JsonNode manifest() throws IOException {
    return JSON.readTree(blob(entry()));
  }

  JsonNode config() throws IOException {
    return JSON.readTree(blob(manifest().path("config")));
  }

  /** Every file of every layer as {@code owner:group mode path}. */
  List<String> listing() throws IOException {
    List<String> listing = new ArrayList<>();
    for (JsonNode layer : manifest().path("layers")) {
      try (InputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(blob(layer)));
          TarArchiveInputStream tar = new TarArchiveInputStream(unpacked)) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          if (entry.isFile()) {
            listing.add(
                "%d:%d %o /%s"
                    .formatted(
                        entry.getLongUserId(),
                        entry.getLongGroupId(),
                        entry.getMode() & 0777,
                        entry.getName()));
          }
        }
      }
    }
    return listing;
  }

  private byte[] blob(JsonNode descriptor) {
    return files.get("blobs/sha256/" + descriptor.path("digest").asText().substring(7));
  }
}
