package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuildDisplayTest {
  private static final Duration NEVER = Duration.ofDays(1);

  private final Screens screen = new Screens();

  private static void run(BuildDisplay display) {
    display.note("emulated: no KVM here");
    display.started("pool");
    display.finished("pool", Duration.ofSeconds(1));
    display.started("install");
    display.came("install", 3 << 20);
    display.finished("install", Duration.ofSeconds(65));
    display.started("export");
    display.failed("export", Duration.ofSeconds(2));
    display.close();
  }

  @Test
  void leavesALineForEachStepOnATerminal() {
    run(new LiveDisplay(screen.terminal(80, true)));

    assertThat(screen.visible())
        .containsExactly(
            "emulated: no KVM here",
            "✓ pool               0:01",
            "✓ install            1:05  3 MiB",
            "✗ export             0:02");
  }

  @Test
  void showsTheNewestOfTheStepsThatRunAndComesBackToTheOlder() {
    LiveDisplay display = new LiveDisplay(screen.terminal(80, false));

    display.started("convert");
    display.started("hash");
    assertThat(screen.visible()).last().asString().contains("hash");
    display.finished("hash", Duration.ofSeconds(1));

    assertThat(screen.visible()).last().asString().contains("convert");
    display.close();
  }

  @Test
  void marksWhatStillRunsWhenItEndsAsNotDone() {
    LiveDisplay display = new LiveDisplay(screen.terminal(80, false));
    display.started("install");

    display.close();

    assertThat(screen.visible()).containsExactly("x install            0:00");
  }

  @Test
  void writesLinesWithoutControlCharactersToALog() {
    run(new PlainDisplay(screen.terminal(80, true), NEVER));

    assertThat(screen.written().lines())
        .containsExactly(
            "emulated: no KVM here",
            "pool: started",
            "pool: done in 0:01",
            "install: started",
            "install: done in 1:05, 3 MiB",
            "export: started",
            "export: failed after 0:02");
  }

  @Test
  void saysInALogThatALongStepLives() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          try (BuildDisplay display =
              new PlainDisplay(screen.terminal(80, true), Duration.ofMillis(10))) {
            display.started("install");
            display.came("install", 2048);
            while (!screen.written().contains("install: running for 0:00, 2 KiB")) {
              Thread.onSpinWait();
            }
          }
        });
  }

  @Test
  void writesOneObjectALineForPrograms() {
    run(new JsonDisplay(new JsonLines(screen.terminal(80, true).out())));

    assertThat(screen.written().lines().toList())
        .isEqualTo(
            List.of(
                "{\"event\":\"note\",\"message\":\"emulated: no KVM here\"}",
                "{\"event\":\"step\",\"step\":\"pool\",\"state\":\"started\"}",
                "{\"event\":\"step\",\"step\":\"pool\",\"state\":\"finished\",\"seconds\":1.0}",
                "{\"event\":\"step\",\"step\":\"install\",\"state\":\"started\"}",
                "{\"event\":\"step\",\"step\":\"install\",\"state\":\"running\",\"bytes\":3145728}",
                "{\"event\":\"step\",\"step\":\"install\",\"state\":\"finished\",\"seconds\":65.0}",
                "{\"event\":\"step\",\"step\":\"export\",\"state\":\"started\"}",
                "{\"event\":\"step\",\"step\":\"export\",\"state\":\"failed\",\"seconds\":2.0}"));
  }
}
