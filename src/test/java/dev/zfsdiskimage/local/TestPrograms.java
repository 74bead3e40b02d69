package dev.zfsdiskimage.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** Programs that stand on a search path before the machine's own. */
final class TestPrograms {
  private TestPrograms() {}

  static SearchPath machine() {
    return SearchPath.of(System.getenv("PATH"));
  }

  static SearchPath with(Path folder) {
    return new SearchPath(Stream.concat(Stream.of(folder), machine().folders().stream()).toList());
  }

  static Path script(Path folder, String name, String... lines) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, "#!/bin/bash\n" + String.join("\n", List.of(lines)) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }
}
