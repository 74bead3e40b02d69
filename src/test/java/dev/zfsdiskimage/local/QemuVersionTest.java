package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QemuVersionTest {
  @Test
  void readsWhatQemuPrints() {
    assertThat(
            QemuVersion.parse(
                "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright (c) 2003-2025"))
        .contains(new QemuVersion(10, 0));
  }

  @Test
  void isEmptyForOtherText() {
    assertThat(QemuVersion.parse("command not found")).isEmpty();
  }
}
