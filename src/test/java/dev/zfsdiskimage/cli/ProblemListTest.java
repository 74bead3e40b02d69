package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.schema.Problem;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProblemListTest {
  private static final ProblemList PROBLEMS =
      new ProblemList(
          "web.yaml",
          List.of(
              Problem.invalid(
                      "spec.root.datasets[1].mount", "nix", "is no absolute path", "write /nix")
                  .atLine(OptionalInt.of(12)),
              Problem.invalid(
                  "spec.install", "", "is missing", "add one of debian, rootfs, script"),
              Problem.invalid("spec.root.pool.name", "ta\u001b[2Jnk", "is no pool name", "")));

  private final Screens screen = new Screens();

  @Test
  void namesFilePlaceFieldValueAndRemedyOfEveryProblem() {
    assertThat(PROBLEMS.lines(screen.terminal(80, true)))
        .containsExactly(
            "web.yaml: spec.install: is missing",
            "    → add one of debian, rootfs, script",
            "web.yaml: spec.root.pool.name: ta\\x1b[2Jnk: is no pool name",
            "web.yaml:12: spec.root.datasets[1].mount: nix: is no absolute path",
            "    → write /nix",
            "3 problems in web.yaml");
  }

  @Test
  void tellsProgramsTheSameInJson() {
    PROBLEMS.write(new JsonLines(screen.terminal(80, true).out()));

    assertThat(screen.written().lines())
        .hasSize(3)
        .last()
        .isEqualTo(
            "{\"event\":\"problem\",\"file\":\"web.yaml\",\"line\":12,"
                + "\"field\":\"spec.root.datasets[1].mount\",\"value\":\"nix\","
                + "\"complaint\":\"is no absolute path\",\"remedy\":\"write /nix\","
                + "\"reason\":\"InvalidSpec\"}");
  }
}
