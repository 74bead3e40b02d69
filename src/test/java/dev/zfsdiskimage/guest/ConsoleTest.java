package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.guest.Progress.Outcome;
import dev.zfsdiskimage.guest.Progress.PoolSeen;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleTest {
  private final Console console = new Console(Lines.NONCE);

  @Test
  void nothingReadIsNoProgress() {
    assertThat(console.progress()).isEqualTo(Progress.NONE);
  }

  @Test
  void wholeBuildIsToldStepByStep() {
    Lines.goodBuild().forEach(console::acceptLine);

    Progress progress = console.progress();

    assertThat(progress.messages()).isEqualTo(12);
    assertThat(progress.lost()).isZero();
    assertThat(progress.outcome()).isEqualTo(new Outcome.Finished());
    assertThat(progress.done())
        .containsExactlyInAnyOrder(
            ConditionType.PARTITIONED,
            ConditionType.POOL_CREATED,
            ConditionType.INSTALLED,
            ConditionType.EXPORTED);
    assertThat(progress.pool()).contains(new PoolSeen("123", 2000, "2.3.9"));
    assertThat(progress.bytes()).isEqualTo(OptionalLong.of(2000));
    assertThat(progress.steps())
        .containsExactly(
            step("partition", 5_000, 6_500),
            step("pool", 6_600, 8_000),
            step("install", 8_100, 30_000),
            step("export", 30_100, 31_000));
    assertThat(progress.tail())
        .containsExactly("[    0.000000] Linux version 6.12.107", "+ sgdisk --clear /dev/vdb");
  }

  @Test
  void signOfLifeSaysWhatIsBeingDoneUntilTheStepEnds() {
    String state = "done=Partitioned,PoolCreated t=18.1 rc=0";
    console.acceptLine(Lines.message(1, "install", "run", state + " msg=nix%3A%20fetching"));

    assertThat(console.progress().doing()).contains("nix: fetching");

    console.acceptLine(Lines.message(2, "install", "done", state));

    assertThat(console.progress().doing()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 100_000})
  void sizeOfPortionsMakesNoDifference(int size) {
    Lines.goodBuild().forEach(console::acceptLine);
    byte[] all = (String.join("\r\n", Lines.goodBuild()) + "\r\n").getBytes(StandardCharsets.UTF_8);

    Console other = new Console(Lines.NONCE);
    for (int at = 0; at < all.length; at += size) {
      other.accept(all, at, Math.min(size, all.length - at));
    }

    assertThat(other.progress()).isEqualTo(console.progress());
  }

  @Test
  void anyOneOfTheLastMessagesTellsThatAllIsDone() {
    console.acceptLine(Lines.goodBuild().get(12));

    Progress progress = console.progress();

    assertThat(progress.outcome()).isEqualTo(new Outcome.Finished());
    assertThat(progress.done()).hasSize(4);
    assertThat(progress.pool()).isPresent();
    assertThat(progress.lost()).isEqualTo(10);
  }

  @Test
  void lostEndOfAStepIsTheBeginningOfTheNext() {
    List<String> lines = new ArrayList<>(Lines.goodBuild());
    lines.remove(3);
    lines.forEach(console::acceptLine);

    Progress progress = console.progress();

    assertThat(progress.steps()).contains(step("partition", 5_000, 6_600));
    assertThat(progress.lost()).isEqualTo(1);
  }

  @Test
  void orderAndRepetitionMakeNoDifference() {
    Lines.goodBuild().forEach(console::acceptLine);
    List<String> mixed = new ArrayList<>();
    Lines.goodBuild().stream().filter(line -> line.startsWith("@@")).forEach(mixed::add);
    mixed.addAll(mixed.subList(0, 6));
    Collections.shuffle(mixed, new Random(1));

    Console other = new Console(Lines.NONCE);
    mixed.forEach(other::acceptLine);

    Progress progress = other.progress();
    assertThat(progress.steps()).isEqualTo(console.progress().steps());
    assertThat(progress.outcome()).isEqualTo(console.progress().outcome());
    assertThat(progress.step()).contains("export");
    assertThat(progress.bytes()).isEqualTo(OptionalLong.of(2000));
    assertThat(progress.lost()).isZero();
  }

  @Test
  void lateRunMessageDoesNotTakeBackTheStep() {
    console.acceptLine(Lines.message(9, "export", "start", "done=none t=30.1 rc=0"));
    console.acceptLine(Lines.message(6, "install", "run", "done=none t=18.1 rc=0 bytes=1000"));

    assertThat(console.progress().step()).contains("export");
  }

  @Test
  void failureIsToldWithStepReasonStatusAndText() {
    console.acceptLine(
        Lines.message(
            5,
            "install",
            "failed",
            "done=Partitioned t=9.0 rc=7 reason=ScriptFailed msg=the%20disk%0Ais%20%1B%5B31mfull"));

    assertThat(console.progress().outcome())
        .isEqualTo(new Outcome.Failed("install", Reason.SCRIPT_FAILED, 7, "the disk is full"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"reason=Succeeded", "reason=InvalidSpec", "reason=Evicted", "x=y"})
  void guestCannotSpeakOfWhatIsNotItsOwn(String reason) {
    console.acceptLine(Lines.message(5, "pool", "failed", "done=none t=9.0 rc=1 " + reason));

    assertThat(console.progress().outcome())
        .isEqualTo(new Outcome.Failed("pool", Reason.STEP_FAILED, 1, ""));
  }

  @Test
  void finishedIsNotTakenBackByAnOlderFailure() {
    console.acceptLine(Lines.goodBuild().get(12));
    console.acceptLine(Lines.message(5, "pool", "failed", "done=none t=9.0 rc=1"));

    assertThat(console.progress().outcome()).isEqualTo(new Outcome.Finished());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@@ZDI v=1 build=n0nce seq=1 step=export state=finished done=Exported t=1.0 rc=0",
        "@@ZDI v=1 build=n0nce seq=1 step=export state=finished done=Exported t=1.0 rc=0 crc=1",
        "@@ZDI v=1 build=n0nce seq=1 step=export state=finished done=Exported t=1.0 rc=0 crc=",
        "@@ZDI crc=99999999999999999999999999",
        "@@ZDI",
        "@@ZDI-REPORT v=1 build=n0nce part=1/1 data= crc=0"
      })
  void lineWithAWrongChecksumIsText(String line) {
    console.acceptLine(line);

    assertThat(console.progress().messages()).isZero();
    assertThat(console.progress().tail()).containsExactly(line);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v=1 build=other seq=1 step=export state=finished done=none t=1 rc=0",
        "v=2 build=n0nce seq=1 step=export state=finished done=none t=1 rc=0",
        "v=1 build=n0nce seq=-1 step=export state=finished done=none t=1 rc=0",
        "v=1 build=n0nce seq=9999999 step=export state=finished done=none t=1 rc=0",
        "v=1 build=n0nce seq=1 step=a/b state=finished done=none t=1 rc=0",
        "v=1 build=n0nce seq=1 step=export state=ready done=none t=1 rc=0",
        "v=1 build=n0nce seq=1 step=export state=finished done=none t=NaN rc=0",
        "v=1 build=n0nce seq=1 step=export state=finished done=none t=1 rc=256",
        "v=1 build=n0nce seq=1 step=export state=finished t=1 rc=0",
        "v=1 build=n0nce seq=1 seq=2 step=export state=finished done=none t=1 rc=0",
        "v=1  build=n0nce seq=1 step=export state=finished done=none t=1 rc=0",
        ""
      })
  void lineThatIsNotOfThisBootOrFormIsTextEvenWithARightChecksum(String fields) {
    console.acceptLine(Lines.signed("@@ZDI " + fields));

    assertThat(console.progress().messages()).isZero();
    assertThat(console.progress().outcome()).isEqualTo(new Outcome.Unknown());
  }

  @Test
  void messageInTheMiddleOfALineIsText() {
    console.acceptLine("[   12.3] usb: " + Lines.goodBuild().get(12));

    assertThat(console.progress().messages()).isZero();
  }

  @Test
  void messageTornByAnotherLineIsTextAndTheNextOneCounts() {
    String message = Lines.goodBuild().get(12);
    console.acceptLine(message.substring(0, 40) + "[   12.3] kernel says hello");
    console.acceptLine(message.substring(40));
    assertThat(console.progress().messages()).isZero();

    console.acceptLine(message);

    assertThat(console.progress().messages()).isEqualTo(1);
  }

  @Test
  void tailHoldsTheLastFortyPrintableLines() {
    for (int i = 0; i < 1000; i++) {
      console.acceptLine("line " + i);
      console.acceptLine("  \u001b[0m ");
    }

    assertThat(console.progress().tail()).hasSize(40).first().isEqualTo("line 960");
    assertThat(console.progress().tail()).last().isEqualTo("line 999");
  }

  @Test
  void tailIsFreeOfEscapesAndControls() {
    console.accept(
        "\u001b[1;31mred\u001b[0m \u001b]0;title\u0007x\u0000\b\u202ey\tz\r\n"
            .getBytes(StandardCharsets.UTF_8));
    console.accept(new byte[] {(byte) 0xFF, (byte) 0xC3, 'a', '\n'});

    assertThat(console.progress().tail()).containsExactly("red xy z", "\uFFFD\uFFFDa");
  }

  @Test
  void textWrittenOverOnItsLineLeavesOnlyTheLastVersion() {
    console.accept("10%\r20%\r100%\r\nnext\r\r\nopen".getBytes(StandardCharsets.UTF_8));

    assertThat(console.progress().tail()).containsExactly("100%", "next", "open");
  }

  @Test
  void memoryStaysBoundedUnderAFlood() {
    byte[] flood = new byte[1 << 20];
    new Random(5).nextBytes(flood);
    for (int i = 0; i < 4; i++) {
      console.accept(flood);
    }
    byte[] line = new byte[1 << 20];
    Arrays.fill(line, (byte) 'x');
    for (int i = 0; i < 4; i++) {
      console.accept(line);
    }
    for (int i = 0; i < 5000; i++) {
      console.acceptLine(Lines.message(i, "s" + i, "start", "done=none t=1.0 rc=0"));
    }
    console.accept(new byte[] {'\n'});
    Lines.goodBuild().forEach(console::acceptLine);

    Progress progress = console.progress();

    assertThat(progress.tail()).hasSizeLessThanOrEqualTo(40);
    assertThat(progress.tail()).allMatch(text -> text.length() <= 500);
    assertThat(progress.steps()).hasSizeLessThanOrEqualTo(40);
    assertThat(progress.outcome()).isEqualTo(new Outcome.Finished());
  }

  @Test
  void messageLongerThanAnyRealOneIsIgnored() {
    console.acceptLine(
        Lines.message(1, "export", "finished", "done=none t=1.0 rc=0 msg=" + "a".repeat(100_000)));

    assertThat(console.progress().messages()).isZero();
  }

  @Test
  void panicIsSeenBehindAKernelTimestamp() {
    console.acceptLine("[    3.141592] Kernel panic - not syncing: VFS: Unable to mount root fs");

    assertThat(console.progress().outcome())
        .isEqualTo(
            new Outcome.Panicked("Kernel panic - not syncing: VFS: Unable to mount root fs"));
  }

  @Test
  void guestThatTalksOnHasNotPanicked() {
    console.acceptLine("+ echo Kernel panic - not syncing");
    console.acceptLine(Lines.message(1, "install", "run", "done=none t=1.0 rc=0"));

    assertThat(console.progress().outcome()).isEqualTo(new Outcome.Unknown());
  }

  @Test
  void panicAfterTheLastWordDoesNotTakeItBack() {
    Lines.goodBuild().forEach(console::acceptLine);
    console.acceptLine("[   50.0] Kernel panic - not syncing: power-off failed");

    assertThat(console.progress().outcome()).isEqualTo(new Outcome.Finished());
  }

  @Test
  void checksumsAreThoseOfPosix() {
    assertThat(cksum("")).isEqualTo(4294967295L);
    assertThat(cksum("123456789")).isEqualTo(930766865L);
    assertThat(cksum("@@ZDI v=1")).isEqualTo(206063929L);
  }

  private static long cksum(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Cksum.of(bytes, 0, bytes.length);
  }

  private static Progress.Step step(String name, long startMillis, long endMillis) {
    return new Progress.Step(
        name, Duration.ofMillis(startMillis), Optional.of(Duration.ofMillis(endMillis)));
  }
}
