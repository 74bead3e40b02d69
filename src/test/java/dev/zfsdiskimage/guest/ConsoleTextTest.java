package dev.zfsdiskimage.guest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTextTest {
  private final ConsoleText text = new ConsoleText();

  @Test
  void findsWordsThatAReadHasCut() {
    byte[] bytes = "Zürich login: ".getBytes(StandardCharsets.UTF_8);
    for (byte each : bytes) {
      text.add(new byte[] {each});
    }

    assertThat(text.contains("Zürich login:")).isTrue();
    assertThat(text.contains("Basel login:")).isFalse();
  }

  @Test
  void findsWordsAfterAFlood() {
    for (int i = 0; i < 1000; i++) {
      text.add("x".repeat(1000).getBytes(StandardCharsets.UTF_8));
    }
    text.add("login:".getBytes(StandardCharsets.UTF_8));

    assertThat(text.contains("login:")).isTrue();
  }

  @Test
  void showsTheLastLinesWithoutColours() {
    text.add(
        "[\u001b[0;32m  OK  \u001b[0m] Started sshd\r\n\r\nweb login: "
            .getBytes(StandardCharsets.UTF_8));

    assertThat(text.tail()).isEqualTo("[  OK  ] Started sshd\nweb login:");
  }

  @Test
  void menuStandsUntilTheSystemPrintsALine() {
    assertThat(text.endsInMenu()).isFalse();

    text.add(
        "BdsDxe: starting Boot0001\r\n\u001b[2J\u001b[5;4H*Debian\u001b[6;4H Advanced"
            .getBytes(US_ASCII));
    assertThat(text.endsInMenu()).isTrue();

    text.add("\u001b[H\u001b[JLoading Linux ...\r\n\r\nweb login: ".getBytes(US_ASCII));
    assertThat(text.endsInMenu()).isFalse();
  }
}
