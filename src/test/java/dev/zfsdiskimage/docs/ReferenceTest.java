package dev.zfsdiskimage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReferenceTest {
  private static final Path COMMITTED = Path.of("docs/reference.md");

  @Test
  void committedReferenceIsTheOneThatTheCrdMakes() throws IOException {
    String generated = ReferencePage.text();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(COMMITTED, generated);
    }

    assertThat(Files.exists(COMMITTED) ? Files.readString(COMMITTED) : "")
        .as(
            COMMITTED
                + " is stale; regenerate it with: ./mvnw test -Dtest=ReferenceTest -Dgolden.update=true")
        .isEqualTo(generated);
  }
}
