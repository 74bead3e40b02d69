package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZfsNamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"tank", "T", "r-p_o.o:l 1", "c0t0", "logs", "my mirror"})
  void poolNameThatZfsTakesIsTaken(String name) {
    var problems = new Problems();

    ZfsNames.checkPool("field", name, problems);

    assertThat(problems.found()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "log, reserved",
    "mirror, reserved",
    "mirrors, reserved",
    "raidz1, reserved",
    "draid, reserved",
    "spare-pool, reserved",
    "1tank, begin with a letter",
    "_tank, begin with a letter",
    "ätank, begin with a letter",
    "'', begin with a letter",
    "tank/root, does not allow",
    "tank@1, does not allow",
    "tank%, does not allow",
    "tänk, does not allow"
  })
  void poolNameThatZfsRefusesIsRefused(String name, String says) {
    var problems = new Problems();

    ZfsNames.checkPool("field", name, problems);

    assertThat(problems.found())
        .singleElement()
        .satisfies(problem -> assertThat(problem.describe()).contains(says));
  }

  @Test
  void poolNameMayHave239Characters() {
    var problems = new Problems();

    ZfsNames.checkPool("field", "a".repeat(239), problems);
    assertThat(problems.none()).isTrue();

    ZfsNames.checkPool("field", "a".repeat(240), problems);
    assertThat(problems.none()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tank", "tank/root", "tank/a b/c", "tank/-x", "tank/1", "tank/a:b_c.d"})
  void datasetNameThatZfsTakesIsTaken(String name) {
    assertThat(ZfsNames.faultOfDataset(name, "tank")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "tank/, empty part",
    "tank//a, empty part",
    "tank/., part .",
    "tank/a/../b, part ..",
    "tank/a@b, does not allow",
    "tank/a#b, does not allow",
    "tank/a%b, does not allow",
    "tank/é, does not allow",
    "other/a, not in the pool",
    "/tank/a, not in the pool"
  })
  void datasetNameThatZfsRefusesIsRefused(String name, String says) {
    assertThat(ZfsNames.faultOfDataset(name, "tank").orElseThrow().get(0)).contains(says);
  }

  @Test
  void datasetNameMayHave255CharactersAnd50Levels() {
    assertThat(ZfsNames.faultOfDataset("tank/" + "a".repeat(250), "tank")).isEmpty();
    assertThat(ZfsNames.faultOfDataset("tank/" + "a".repeat(251), "tank")).isPresent();
    assertThat(ZfsNames.faultOfDataset("tank" + "/a".repeat(49), "tank")).isEmpty();
    assertThat(ZfsNames.faultOfDataset("tank" + "/a".repeat(50), "tank")).isPresent();
  }
}
