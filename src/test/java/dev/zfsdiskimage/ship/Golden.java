package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A committed file that must be what something else makes of it. */
public final class Golden {
  private Golden() {}

  /** Holds {@code file} against {@code text}; writes it instead with -Dgolden.update=true. */
  public static void assertSame(Path file, String text) throws IOException {
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(Files.exists(file) ? Files.readString(file) : "")
        .as(file + " is stale; refresh it by running its test with -Dgolden.update=true")
        .isEqualTo(text);
  }
}
