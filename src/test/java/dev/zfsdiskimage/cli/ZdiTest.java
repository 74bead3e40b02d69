package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.local.LocalHost;
import dev.zfsdiskimage.local.SearchPath;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZdiTest {
  private final Screens out = new Screens();
  private final Screens err = new Screens();

  @TempDir private Path cache;

  private int zdi(String... arguments) {
    Surroundings surroundings =
        new Surroundings(
            new ByteArrayInputStream(new byte[0]),
            out.terminal(80, true),
            err.terminal(80, true),
            new LocalHost(new SearchPath(List.of()), cache, Optional.empty()));
    return Zdi.commandLine(surroundings).execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "nonsense", "doctor --nonsense", "appliance nonsense", "doctor --output xml"})
  void endsWith2AndNamesTheHelpWhenTheCommandLineIsWrong(String line) {
    int status = zdi(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(status).isEqualTo(2);
    assertThat(err.written()).contains("Usage: zdi", "--help");
    assertThat(out.written()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "doctor --help", "appliance --help"})
  void helpsOnStdoutAndEndsWith0(String line) {
    assertThat(zdi(line.split(" "))).isZero();
    assertThat(out.written()).startsWith("Usage: zdi");
    assertThat(out.written().lines()).allMatch(each -> each.length() <= 80);
  }

  @Test
  void namesItsRelease() {
    assertThat(zdi("--version")).isZero();
    assertThat(out.written()).startsWith("zdi ");
  }

  @Test
  void endsWith1AndTellsTheReasonAndTheRemedyWhenTheMachineCannot() {
    int status = zdi("appliance", "path");

    assertThat(status).isEqualTo(1);
    assertThat(err.written()).contains("ReferenceNotFound: ", "→ ");
  }
}
