package dev.zfsdiskimage.images;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * An OCI image layout in a tar. Jib leaves {@code docker.io/library} out of names, and containerd
 * takes a name as it stands: a kubelet would then not find the image that was imported.
 */
final class OciArchive {
  private static final String INDEX = "index.json";

  private OciArchive() {}

  /** Copies an archive of one image, whose name becomes {@code reference}. */
  static void copy(Path from, Path to, String reference) throws IOException {
    try (TarArchiveInputStream in =
            new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(from)));
        TarArchiveOutputStream out =
            new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(to)))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (entry.getName().equals(INDEX)) {
          byte[] index = named(in, reference);
          entry.setSize(index.length);
          out.putArchiveEntry(entry);
          out.write(index);
        } else {
          out.putArchiveEntry(entry);
          in.transferTo(out);
        }
        out.closeArchiveEntry();
      }
    }
  }

  private static byte[] named(InputStream index, String reference) throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode tree = (ObjectNode) json.readTree(index.readAllBytes());
    ObjectNode annotations =
        ((ObjectNode) tree.withArray("manifests").get(0)).putObject("annotations");
    annotations.put("io.containerd.image.name", reference);
    annotations.put("org.opencontainers.image.ref.name", reference);
    return json.writeValueAsBytes(tree);
  }
}
