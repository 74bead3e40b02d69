package dev.zfsdiskimage.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zfsdiskimage.images.SoftwarePackage.Debian;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the {@code manifest.json} of a builder appliance. */
public final class ApplianceManifest {
  private ApplianceManifest() {}

  /** The Debian packages that it was made of, its kernel and ZFS's modules among them. */
  public static List<SoftwarePackage> packages(Path manifest) throws IOException {
    JsonNode facts = new ObjectMapper().readTree(manifest.toFile());
    String architecture = facts.path("architecture").asText();
    String kernel = facts.path("kernel").asText();
    List<SoftwarePackage> packages = new ArrayList<>();
    packages.add(new Debian("linux-image-" + kernel, kernel, architecture));
    packages.add(new Debian("zfs-modules-" + kernel, facts.path("zfs").asText(), architecture));
    facts
        .path("packages")
        .properties()
        .forEach(
            entry ->
                packages.add(new Debian(entry.getKey(), entry.getValue().asText(), architecture)));
    return List.copyOf(packages);
  }
}
