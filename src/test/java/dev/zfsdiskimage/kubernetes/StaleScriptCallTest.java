package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Jobs' scripts, called by somebody who has missed that their arguments changed. */
class StaleScriptCallTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      textBlock =
          """
          hash.sh,    /out/x /out/y,                       format /out/x is not one of raw qcow2 vdi vpc
          hash.sh,    raw /out/x,                          "2 arguments are given, not 3 or 7"
          hash.sh,    raw /out/x /out/y /out {},           "5 arguments are given, not 3 or 7"
          convert.sh, /out web vhd /disks/x /disks/y,      "5 arguments are given, not at least 7"
          convert.sh, /out web vhd /disks/x /disks/y -c x, argument 6 is -c and not -O
          convert.sh, /out web vhd /disks/x /disks/y -O vhd, format vhd is not one of raw qcow2 vdi vpc
          prepare.sh, "",                                  "no arguments are given, but FOLDER BYTES ..."
          prepare.sh, /disks/boot,                         size of /disks/boot is not a number of bytes:
          prepare.sh, 4096 /disks/boot,                    size of 4096 is not a number of bytes: /disks/boot
          """)
  void isToldWhatIsWrong(String script, String arguments, String complaint) throws Exception {
    assertThat(call(script, arguments.isEmpty() ? new String[0] : arguments.split(" ")))
        .isEqualTo("2 " + script + ": " + complaint);
  }

  /** The status, and what was said. */
  private String call(String script, String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("bash", "-c", read(script), script.replace(".sh", "")));
    command.addAll(List.of(arguments));
    Path log = folder.resolve("log");
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    return status + " " + Files.readString(log).strip();
  }

  private static String read(String script) throws IOException {
    return new String(
        StaleScriptCallTest.class.getResourceAsStream("/kubernetes/" + script).readAllBytes(),
        StandardCharsets.UTF_8);
  }
}
