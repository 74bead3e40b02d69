package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.schema.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetTreeTest {
  @Test
  void parentsComeFirstWhateverTheOrderAndMissingOnesAreFilledIn() {
    List<Recipe.Dataset> datasets =
        datasets(
            "",
            """
            - {name: tank/a/b/c, mount: /c}
            - {name: tank/root, mount: /}
            - {name: tank/a, properties: {atime: "on"}}
            """);

    assertThat(datasets)
        .extracting(Recipe.Dataset::name)
        .containsExactly("tank/a", "tank/a/b", "tank/a/b/c", "tank/root");
    assertThat(datasets.get(0).properties()).isEqualTo(Map.of("atime", "on"));
    assertThat(datasets.get(1).properties()).isEmpty();
  }

  @Test
  void poolsOwnRootIsListedWhenTheResourceNamesIt() {
    List<Recipe.Dataset> datasets =
        datasets("", "[{name: tank/root, mount: /}, {name: tank, properties: {atime: 'on'}}]");

    assertThat(datasets.get(0).name()).isEqualTo("tank");
    assertThat(datasets.get(0).properties()).isEqualTo(Map.of("atime", "on"));
    assertThat(datasets.get(0).mount()).isEmpty();
  }

  /** Pool's properties, datasets, and then each dataset as name@mount, L for legacy. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // legacy is inherited
        "mountpoint: legacy | [{name: tank/r, mount: /}, {name: tank/r/a, mount: /x}] | tank/r@/L tank/r/a@/xL",
        // a path is inherited with the child's name behind it
        "mountpoint: legacy | [{name: tank/r, mount: /}, {name: tank/d, properties: {mountpoint: /d}}, {name: tank/d/e}] | tank/d@/d tank/d/e@/d/e tank/r@/L",
        "mountpoint: none | [{name: tank/r, mount: /, properties: {mountpoint: /}}, {name: tank/r/a}] | tank/r@/ tank/r/a@/a",
        // none is inherited, and nothing is mounted
        "mountpoint: none | [{name: tank/r, properties: {mountpoint: /}}, {name: tank/x/y}] | tank/r@/ tank/x@ tank/x/y@",
        // a filled-in parent takes part
        "mountpoint: /p | [{name: tank/r, properties: {mountpoint: /}}, {name: tank/x/y}] | tank@/p tank/r@/ tank/x@/p/x tank/x/y@/p/x/y",
        // canmount is not inherited
        "mountpoint: none | [{name: tank/r, properties: {mountpoint: /}}, {name: tank/d, properties: {mountpoint: /d, canmount: 'off'}}, {name: tank/d/e}] | tank/d@ tank/d/e@/d/e tank/r@/",
        // noauto: only where the resource says so
        "mountpoint: none | [{name: tank/r, mount: /, properties: {mountpoint: /, canmount: noauto}}, {name: tank/b, properties: {mountpoint: /b, canmount: noauto}}] | tank/b@ tank/r@/",
        "'mountpoint: /, canmount: \"off\"' | [{name: tank/r, mount: /, properties: {mountpoint: legacy}}, {name: tank/home}] | tank/home@/home tank/r@/L",
        // the pool's root dataset may be the system's root
        "mountpoint: / | [{name: tank/home}] | tank@/ tank/home@/home",
        // set on the pool's root dataset afterwards
        "mountpoint: legacy | [{name: tank, mount: /, properties: {mountpoint: /}}, {name: tank/home}] | tank@/ tank/home@/home",
        // ZFS's own default
        "atime: 'off' | [{name: tank/r, mount: /, properties: {mountpoint: /}}] | tank@/tank tank/r@/",
      })
  void mountsFollowTheRulesOfInheritance(String pool, String datasets, String expected) {
    assertThat(
            datasets(pool, datasets).stream()
                .map(
                    each ->
                        each.name() + "@" + each.mount().orElse("") + (each.legacy() ? "L" : "")))
        .containsExactly(expected.split(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mountpoint: legacy | [{name: tank/a, mount: /a}] | spec.root.datasets | no dataset is mounted at /",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: /}] | spec.root.datasets[1].mount | is where tank/a is mounted already",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: /x}, {name: tank/c, properties: {mountpoint: /x}}] | spec.root.datasets[2].mount | is where tank/b is mounted already",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: /b/}] | spec.root.datasets[1].mount | write /b",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: b}] | spec.root.datasets[1].mount | write /b",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: /../b}] | spec.root.datasets[1].mount | has . or .. in it",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: /boot}] | spec.root.datasets[1].mount | EFI system partition",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, properties: {mountpoint: /boot/x}}] | spec.root.datasets[1].properties.mountpoint | EFI system partition",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: /sys/x}] | spec.root.datasets[1].mount | belong to the kernel",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: /b, properties: {mountpoint: /c}}] | spec.root.datasets[1].mount | which is /c",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: /b, properties: {mountpoint: none}}] | spec.root.datasets[1].mount | remove mount",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/b, mount: /b, properties: {canmount: 'off'}}] | spec.root.datasets[1].mount | canmount is off",
        "mountpoint: legacy | [{name: tank/a, mount: /, properties: {readonly: 'on'}}] | spec.root.datasets[0] | read-only",
        "mountpoint: /p | [{name: tank/a, mount: /}] | spec.root.datasets[0].mount | which is /p/a, inherited from tank",
        "atime: 'off' | [{name: tank/a, mount: /}] | spec.root.datasets[0].mount | because no mountpoint is set",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tank/a}] | spec.root.datasets[1].name | is there twice",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {mount: /b}] | spec.root.datasets[1].name | is missing",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: tanker/b}] | spec.root.datasets[1].name | is not in the pool tank",
        "mountpoint: legacy | [{name: tank/a, mount: /}, {name: b}] | spec.root.datasets[1].name | full names only",
        "mountpoint: legacy | [{name: tank/a, mount: /, properties: {mountpoint: here}}] | spec.root.datasets[0].properties.mountpoint | legacy, none or an absolute path",
      })
  void contradictionsAreNamed(String pool, String datasets, String field, String says) {
    assertThat(Resources.problems(spec(pool, datasets)))
        .filteredOn(problem -> problem.field().equals(field))
        .extracting(Problem::describe)
        .singleElement()
        .asString()
        .contains(says);
  }

  private static List<Recipe.Dataset> datasets(String pool, String datasets) {
    return Resources.recipe(spec(pool, datasets)).datasets();
  }

  private static String spec(String pool, String datasets) {
    String filesystemProperties =
        pool.isEmpty() ? "" : "  pool: {filesystemProperties: {" + pool + "}}\n";
    return "root:\n" + filesystemProperties + "  datasets:\n" + datasets.strip().indent(4);
  }
}
