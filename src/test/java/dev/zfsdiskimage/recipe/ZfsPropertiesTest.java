package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.recipe.ZfsProperties.Target;
import dev.zfsdiskimage.schema.FieldPath;
import dev.zfsdiskimage.schema.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZfsPropertiesTest {
  @ParameterizedTest
  @CsvSource({
    "POOL, ashift, 12",
    "POOL, ashift, 0",
    "POOL, autotrim, on",
    "POOL, feature@large_dnode, disabled",
    "POOL, org.example:note, x",
    "POOL, compatibility, grub2",
    "FILESYSTEM, compression, zstd-19",
    "FILESYSTEM, encryption, off",
    "FILESYSTEM, utf8only, on",
    "FILESYSTEM, userquota@joe, 1G",
    "FILESYSTEM, com.sun:auto-snapshot, false",
    "FILESYSTEM, compression, off"
  })
  void propertyThatCanBeSetIsTaken(Target target, String name, String value) {
    assertThat(problems(target, name, value)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "'quoted' \"twice\"", "$HOME `id`", "two\nlines\n", "", "é", "-x"})
  void valueIsFreeText(String value) {
    assertThat(problems(Target.FILESYSTEM, "org.example:text", value)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "POOL, size, 1, is read-only",
    "POOL, health, x, is read-only",
    "POOL, ashift, 8, no sector size exponent",
    "POOL, ashift, 17, no sector size exponent",
    "POOL, autoexpnad, on, did you mean autoexpand?",
    "POOL, compression, on, move it to spec.root.pool.filesystemProperties",
    "POOL, altroot, /a, remove it",
    "POOL, cachefile, none, in the installed system",
    "POOL, bootfs, tank/root, does not exist yet",
    "POOL, multihost, on, no host id",
    "POOL, feature@large_dnode, active, enabled or disabled",
    "FILESYSTEM, used, 1, is read-only",
    "FILESYSTEM, userused@joe, 1, is read-only",
    "FILESYSTEM, written@a, 1, is read-only",
    "FILESYSTEM, compresion, on, did you mean compression?",
    "FILESYSTEM, autoexpand, on, move it to spec.root.pool.properties",
    "FILESYSTEM, volsize, 1G, property of volumes",
    "FILESYSTEM, encryption, on, no field that hands one",
    "FILESYSTEM, keyformat, passphrase, no field that hands one",
    "FILESYSTEM, canmount, yes, 'on, off or noauto'",
    "FILESYSTEM, nonsense, x, has a colon in its name",
    "FILESYSTEM, Org.Example:x, y, lower-case",
    "FILESYSTEM, -org:x, y, no '-' at the beginning"
  })
  void propertyThatCannotBeSetIsRefused(Target target, String name, String value, String says) {
    assertThat(problems(target, name, value))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.describe()).contains(says);
              assertThat(problem.remedy()).isNotBlank();
            });
  }

  @Test
  void unknownPropertyIsLeftToABuilderOfOnesOwn() {
    var problems = new Problems();

    new ZfsProperties(false, problems)
        .check(FieldPath.ROOT, Target.FILESYSTEM, Map.of("somethingbrandnew", "on"));

    assertThat(problems.found()).isEmpty();
  }

  @Test
  void namesAndValuesHaveALength() {
    assertThat(problems(Target.FILESYSTEM, "a:" + "x".repeat(253), "v")).isEmpty();
    assertThat(problems(Target.FILESYSTEM, "a:" + "x".repeat(254), "v")).hasSize(1);
    assertThat(problems(Target.FILESYSTEM, "a:b", "x".repeat(8191))).isEmpty();
    assertThat(problems(Target.FILESYSTEM, "a:b", "é".repeat(4096))).hasSize(1);
  }

  @Test
  void valueWithNulIsRefused() {
    assertThat(problems(Target.FILESYSTEM, "a:b", "x\0y")).hasSize(1);
  }

  private static List<Problem> problems(Target target, String name, String value) {
    var problems = new Problems();
    new ZfsProperties(true, problems).check(FieldPath.ROOT, target, Map.of(name, value));
    return problems.found();
  }
}
