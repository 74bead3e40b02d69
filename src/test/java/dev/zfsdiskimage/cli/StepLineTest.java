package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Help.Ansi;

class StepLineTest {
  private static final Duration LONG = Duration.ofSeconds(754);
  private static final OptionalLong MUCH = OptionalLong.of(186L << 20);

  private final StepLine line = new StepLine(new Screens().terminal(80, true));

  @Test
  void showsTurnNameTimeAndBytesOfARunningStep() {
    assertThat(line.running("install", LONG, MUCH, "", 79))
        .isEqualTo("⠸ install           12:34  186 MiB");
  }

  @Test
  void showsAsMuchOfWhatItDoesAsFits() {
    assertThat(line.running("install", LONG, MUCH, "unpacking the payload", 79))
        .endsWith("186 MiB  unpacking the payload");
    assertThat(line.running("install", LONG, MUCH, "unpacking the payload", 50))
        .endsWith("186 MiB  unpacking the ")
        .hasSize(50);
  }

  @Test
  void turnsWhileTimePasses() {
    String first = line.running("install", Duration.ZERO, OptionalLong.empty(), "", 79);
    String second = line.running("install", Duration.ofMillis(130), OptionalLong.empty(), "", 79);

    assertThat(second).isNotEqualTo(first).endsWith(first.substring(1));
  }

  @Test
  void alignsFinishedStepsUnderEachOther() {
    String one = line.finished("pool", Duration.ofSeconds(1), OptionalLong.empty(), 79);
    String two = line.finished("boot-filesystem", LONG, MUCH, 79);
    String three = line.failed("export", Duration.ofSeconds(3661), 79);

    assertThat(one).isEqualTo("✓ pool               0:01");
    assertThat(two).isEqualTo("✓ boot-filesystem   12:34  186 MiB");
    assertThat(three).isEqualTo("✗ export          1:01:01");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 10, 18, 25, 33, 80})
  void fitsWhateverTheWidth(int columns) {
    assertThat(line.running("boot-filesystem", LONG, MUCH, "unpacking", columns).length())
        .isLessThanOrEqualTo(columns);
  }

  @Test
  void keepsToAsciiWhereTheLocaleHasNothingElse() {
    StepLine plain = new StepLine(new Screens().terminal(80, false));

    assertThat(plain.finished("pool", LONG, MUCH, 79)).startsWith("+ pool");
    assertThat(plain.failed("pool", LONG, 79)).startsWith("x pool");
    assertThat(plain.running("pool", Duration.ZERO, MUCH, "", 79)).startsWith("| pool");
  }

  @Test
  void coloursTheMarkOnly() {
    Terminal colourful =
        new Terminal(
            new PrintStream(PrintStream.nullOutputStream()), true, true, Ansi.ON, () -> 80);

    assertThat(
            new StepLine(colourful)
                .finished("pool", Duration.ofSeconds(1), OptionalLong.empty(), 79))
        .matches("\u001b\\[32m✓\u001b\\[39m(\u001b\\[0m)? pool +0:01");
  }
}
