package dev.zfsdiskimage.ship;

import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the chart ships of files that lie elsewhere. Helm reads nothing outside of a chart, and Flux
 * leaves links out of what it fetches: so these are copies.
 */
final class ChartFiles {
  static final Path FOLDER = Path.of("helm/zfs-disk-image-operator/files");

  /** Originals by the name of the copy. */
  static final Map<String, Path> ORIGINALS =
      Map.of(
          "crd.yaml", Path.of(ResourceSchema.CRD),
          "role.yaml", Path.of("operator/kustomize/base/role.yaml"),
          "lease-role.yaml", Path.of("operator/kustomize/base/lease-role.yaml"),
          "alerts.yaml", Path.of("operator/monitoring/alerts.yaml"),
          "dashboard.json", Path.of("operator/monitoring/dashboard.json"));

  private ChartFiles() {}

  /** Makes them anew with -Dgolden.update=true, before anything is rendered with them. */
  static void refreshIfAsked() {
    if (!Boolean.getBoolean("golden.update")) {
      return;
    }
    ORIGINALS.forEach(
        (copy, original) -> {
          try {
            Files.writeString(FOLDER.resolve(copy), Files.readString(original));
          } catch (IOException e) {
            throw new UncheckedIOException("can't copy " + original, e);
          }
        });
  }
}
