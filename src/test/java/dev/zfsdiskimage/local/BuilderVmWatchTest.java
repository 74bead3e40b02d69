package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.recipe.Bytes;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class BuilderVmWatchTest {
  private final BuilderVmWatch watch =
      new BuilderVmWatch("abc", Path.of("/tmp"), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

  @Test
  void runsUntilQemuHasEnded() {
    watch.accept(new VmEvent.ConsoleOutput(Bytes.of("Linux version 6.12\n")));

    assertThat(watch.vm()).isInstanceOf(Vm.Running.class);
  }

  @Test
  void tellsAGuestsPowerOffFromASignal() {
    assertThat(end(new VmEvent.ShuttingDown(true, "guest-shutdown"), exited(0)))
        .isEqualTo(Vm.End.POWERED_OFF);
  }

  @Test
  void takesAnEndThatTheGuestDidNotAskForAsAKill() {
    assertThat(end(new VmEvent.ShuttingDown(false, "host-signal"), exited(0)))
        .isEqualTo(Vm.End.KILLED);
  }

  @Test
  void takesASignalsStatusAsAKill() {
    assertThat(end(exited(137))).isEqualTo(Vm.End.KILLED);
  }

  @Test
  void takesQemusOwnErrorAsARefusal() {
    watch.accept(new VmEvent.Exited(1, "could not open disk"));

    assertThat(watch.vm())
        .isInstanceOfSatisfying(
            Vm.Stopped.class,
            stopped -> {
              assertThat(stopped.end()).isEqualTo(Vm.End.START_FAILED);
              assertThat(stopped.message()).isEqualTo("could not open disk");
            });
  }

  @Test
  void remembersAPanicThoughQemuEndsWell() {
    assertThat(
            end(
                new VmEvent.GuestPanicked(),
                new VmEvent.ShuttingDown(true, "guest-panic"),
                exited(0)))
        .isEqualTo(Vm.End.PANICKED);
  }

  @Test
  void remembersWhyADiskFailed() {
    watch.accept(new VmEvent.DiskFailed("disk2", true, "write: No space left on device"));
    assertThat(watch.standsStill()).isTrue();

    assertThat(end(exited(137))).isEqualTo(Vm.End.HOST_DISK_FULL);
    assertThat(((Vm.Stopped) watch.vm()).message()).contains("/tmp", "MiB free");
  }

  @Test
  void knowsThatItWasToldToStop() {
    watch.toldToStop();
    assertThat(watch.vm()).isInstanceOf(Vm.Stopping.class);

    assertThat(end(new VmEvent.ShuttingDown(true, "guest-shutdown"), exited(0)))
        .isEqualTo(Vm.End.STOPPED);
  }

  private Vm.End end(VmEvent... events) {
    for (VmEvent event : events) {
      watch.accept(event);
    }
    return ((Vm.Stopped) watch.vm()).end();
  }

  private static VmEvent exited(int status) {
    return new VmEvent.Exited(status, "");
  }
}
