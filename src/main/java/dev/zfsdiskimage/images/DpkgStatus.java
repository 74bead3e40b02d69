package dev.zfsdiskimage.images;

import dev.zfsdiskimage.images.SoftwarePackage.Debian;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads dpkg's status file: stanzas of {@code Field: value}, separated by blank lines. */
public final class DpkgStatus {
  private DpkgStatus() {}

  /** The installed packages, in the file's order. */
  public static List<SoftwarePackage> installed(String status) {
    List<SoftwarePackage> packages = new ArrayList<>();
    for (String stanza : status.split("\n{2,}")) {
      Map<String, String> fields = fields(stanza);
      if (fields.getOrDefault("Status", "").endsWith(" installed")) {
        packages.add(
            new Debian(fields.get("Package"), fields.get("Version"), fields.get("Architecture")));
      }
    }
    return List.copyOf(packages);
  }

  private static Map<String, String> fields(String stanza) {
    Map<String, String> fields = new HashMap<>();
    for (String line : stanza.split("\n")) {
      int colon = line.indexOf(": ");
      if (colon > 0 && !Character.isWhitespace(line.charAt(0))) {
        fields.put(line.substring(0, colon), line.substring(colon + 2).strip());
      }
    }
    return fields;
  }
}
