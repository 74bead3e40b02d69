package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class QmpMessageTest {
  @Test
  void tellsAFullHostDiskFromOtherFailures() {
    assertThat(
            event(
                "{\"timestamp\":{},\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"device\":\"\",\"nospace\":true,"
                    + "\"node-name\":\"disk2\",\"reason\":\"No space left on device\",\"operation\":\"write\",\"action\":\"stop\"}}"))
        .contains(new VmEvent.DiskFailed("disk2", true, "write: No space left on device"));
    assertThat(
            event(
                "{\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"node-name\":\"disk2\",\"nospace\":false,"
                    + "\"reason\":\"Input/output error\",\"operation\":\"write\",\"action\":\"stop\"}}"))
        .contains(new VmEvent.DiskFailed("disk2", false, "write: Input/output error"));
  }

  @Test
  void leavesAnErrorThatTheGuestIsToldOfToTheGuest() {
    assertThat(
            event(
                "{\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"node-name\":\"disk2\",\"action\":\"report\"}}"))
        .isEmpty();
  }

  @Test
  void tellsWhoShutTheVmDown() {
    assertThat(
            event(
                "{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":true,\"reason\":\"guest-shutdown\"}}"))
        .contains(new VmEvent.ShuttingDown(true, "guest-shutdown"));
    assertThat(
            event("{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":false,\"reason\":\"host-signal\"}}"))
        .contains(new VmEvent.ShuttingDown(false, "host-signal"));
  }

  @Test
  void hearsAPanic() {
    assertThat(event("{\"event\":\"GUEST_PANICKED\",\"data\":{\"action\":\"pause\"}}"))
        .contains(new VmEvent.GuestPanicked());
  }

  @Test
  void knowsGreetingAnswerAndRefusal() {
    assertThat(QmpMessage.parse("{\"QMP\":{\"version\":{},\"capabilities\":[\"oob\"]}}"))
        .isInstanceOf(QmpMessage.Greeting.class);
    assertThat(QmpMessage.parse("{\"return\":{}}")).isInstanceOf(QmpMessage.Returned.class);
    assertThat(QmpMessage.parse("{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"no such\"}}"))
        .isEqualTo(new QmpMessage.Refused("CommandNotFound", "no such"));
  }

  @Test
  void skipsWhatIsNoMessage() {
    assertThat(QmpMessage.parse("{\"half\":")).isInstanceOf(QmpMessage.Other.class);
    assertThat(QmpMessage.parse("")).isInstanceOf(QmpMessage.Other.class);
  }

  private static Optional<VmEvent> event(String line) {
    return ((QmpMessage.Event) QmpMessage.parse(line)).asVmEvent();
  }
}
