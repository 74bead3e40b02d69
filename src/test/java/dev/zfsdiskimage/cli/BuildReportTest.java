package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Stage;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.manifest.ImageManifest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BuildReportTest {
  private static final Path LOG = Path.of("/home/me/out/failed-build.log");

  private static final String MANIFEST =
      """
      {
        "name": "web",
        "revision": "e93a8605e2",
        "images": {
          "boot": {
            "file": "nixos.boot.img",
            "format": "raw",
            "virtualBytes": 1073741824,
            "fileBytes": 1073741824,
            "allocatedBytes": 47185920,
            "sha256": "abababababababababababababababababababababababababababababababab"
          },
          "root": {
            "file": "nixos.root.img",
            "format": "raw",
            "virtualBytes": 2147483648,
            "fileBytes": 2147483648,
            "allocatedBytes": 188743680,
            "sha256": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
          }
        },
        "pool": {"name": "tank", "guid": "1234567890", "bytes": 2080374784},
        "versions": {"zfs": "2.3.9"}
      }
      """;

  private static final Status FAILED =
      new Status(
          Phase.FAILED,
          1,
          List.of(),
          List.of(),
          Optional.of(
              new Failure(
                  1,
                  Stage.BUILD,
                  1,
                  Reason.SCRIPT_FAILED,
                  "the script ended with 7",
                  Instant.EPOCH,
                  Optional.of("install"),
                  Set.of(),
                  List.of("copying", "no such \u001b[31mfile"))));

  private final Screens out = new Screens();
  private final Screens err = new Screens();
  private final BuildReport text =
      new BuildReport.Text(out.terminal(80, true), err.terminal(80, true), Path.of("out"));
  private final BuildReport json =
      new BuildReport.Json(new JsonLines(out.terminal(80, true).out()));

  private static ImageManifest published() throws JsonProcessingException {
    return new ObjectMapper().readValue(MANIFEST, ImageManifest.class);
  }

  @Test
  void endsAGoodBuildWithItsImagesAndWhatToTryNext() throws JsonProcessingException {
    text.ready(published(), Duration.ofSeconds(161));

    assertThat(out.written().lines())
        .containsExactly(
            "Ready in 2:41: web, revision e93a8605e2",
            "",
            "image               format   disk  on disk  sha256",
            "out/nixos.boot.img  raw     1 GiB   45 MiB  abababababab…",
            "out/nixos.root.img  raw     2 GiB  180 MiB  cdcdcdcdcdcd…",
            "",
            "pool tank, 1.94 GiB, guid 1234567890, ZFS 2.3.9",
            "",
            "next  ./zdi inspect out   see what is on them",
            "      ./zdi boot out      boot them in this terminal");
    assertThat(err.written()).isEmpty();
  }

  @Test
  void endsAFailedBuildWithStepReasonRemedyConsoleAndLog() {
    text.failed(FAILED, LOG);

    assertThat(err.written().lines())
        .containsExactly(
            "The build failed in step install.",
            "ScriptFailed: the script ended with 7",
            "  → the console's last lines show what your script said",
            "The console's last lines:",
            "  │ copying",
            "  │ no such \\x1b[31mfile",
            "log: /home/me/out/failed-build.log");
    assertThat(out.written()).isEmpty();
  }

  @Test
  void tellsProgramsOfAGoodBuildInOneObject() throws JsonProcessingException {
    json.ready(published(), Duration.ofMillis(1500));

    assertThat(out.written().lines())
        .singleElement()
        .asString()
        .startsWith(
            "{\"event\":\"result\",\"phase\":\"Ready\",\"name\":\"web\","
                + "\"revision\":\"e93a8605e2\",\"seconds\":1.5,")
        .contains(
            "\"boot\":{\"file\":\"nixos.boot.img\",\"format\":\"raw\",",
            "\"root\":{\"file\":\"nixos.root.img\"",
            "\"pool\":{\"name\":\"tank\",\"guid\":\"1234567890\"");
  }

  @Test
  void tellsProgramsWhyABuildFailedInOneObject() {
    json.failed(FAILED, LOG);

    assertThat(out.written().lines())
        .containsExactly(
            "{\"event\":\"result\",\"phase\":\"Failed\",\"log\":\"/home/me/out/failed-build.log\","
                + "\"reason\":\"ScriptFailed\",\"message\":\"the script ended with 7\","
                + "\"remedy\":\"the console's last lines show what your script said\","
                + "\"attempt\":1,\"step\":\"install\","
                + "\"console\":[\"copying\",\"no such \\u001B[31mfile\"]}");
  }

  @Test
  void saysInOneLineWhatAnInterruptionRemoved() {
    text.interrupted(LOG);

    assertThat(err.written().lines())
        .containsExactly(
            "Interrupted: the VM is stopped and the unfinished disks are removed; the log is"
                + " /home/me/out/failed-build.log");
  }
}
