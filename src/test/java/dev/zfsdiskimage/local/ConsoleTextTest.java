package dev.zfsdiskimage.local;

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
}
