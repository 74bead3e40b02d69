package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KvmVerdictTest {
  @TempDir Path cache;

  @Test
  void isRememberedForAnHour() {
    KvmVerdict verdict = new KvmVerdict(cache.resolve("new"), new QemuVersion(7, 2));
    assertThat(verdict.isKnownBad(Instant.now())).isFalse();

    verdict.rememberBad();

    assertThat(verdict.isKnownBad(Instant.now())).isTrue();
    assertThat(verdict.isKnownBad(Instant.now().plus(Duration.ofMinutes(61)))).isFalse();
  }

  @Test
  void doesNotHoldForAnotherQemu() {
    new KvmVerdict(cache, new QemuVersion(7, 2)).rememberBad();

    assertThat(new KvmVerdict(cache, new QemuVersion(10, 0)).isKnownBad(Instant.now())).isFalse();
  }
}
