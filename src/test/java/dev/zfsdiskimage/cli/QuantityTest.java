package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1 KiB",
    "1536, 1.5 KiB",
    "1048576000, 1000 MiB",
    "1073741824, 1 GiB",
    "2138046464, 1.99 GiB",
    "2147483647, 2 GiB",
    "1047527425, 999 MiB",
    "9223372036854775807, 8 EiB"
  })
  void saysBytesInTheUnitThatPeopleWouldUse(long bytes, String said) {
    assertThat(Quantity.bytes(bytes)).isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource({"0, 0:00", "7, 0:07", "754, 12:34", "3723, 1:02:03", "-5, 0:00"})
  void saysTimeAsAClockDoes(long seconds, String said) {
    assertThat(Quantity.elapsed(Duration.ofSeconds(seconds))).isEqualTo(said);
  }
}
