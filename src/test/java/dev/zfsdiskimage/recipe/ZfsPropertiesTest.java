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
    "NEW_FILESYSTEM, compression, zstd-19",
    "NEW_FILESYSTEM, encryption, off",
    "NEW_FILESYSTEM, utf8only, on",
    "NEW_FILESYSTEM, userquota@joe, 1G",
    "NEW_FILESYSTEM, com.sun:auto-snapshot, false",
    "EXISTING_FILESYSTEM, compression, off"
  })
  void propertyThatCanBeSetIsTaken(Target target, String name, String value) {
    assertThat(problems(target, name, value)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "'quoted' \"twice\"", "$HOME `id`", "two\nlines\n", "", "é", "-x"})
  void valueIsFreeText(String value) {
    assertThat(problems(Target.NEW_FILESYSTEM, "org.example:text", value)).isEmpty();
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
    "NEW_FILESYSTEM, used, 1, is read-only",
    "NEW_FILESYSTEM, userused@joe, 1, is read-only",
    "NEW_FILESYSTEM, written@a, 1, is read-only",
    "NEW_FILESYSTEM, compresion, on, did you mean compression?",
    "NEW_FILESYSTEM, autoexpand, on, move it to spec.root.pool.properties",
    "NEW_FILESYSTEM, volsize, 1G, property of volumes",
    "NEW_FILESYSTEM, encryption, on, no field that hands one",
    "NEW_FILESYSTEM, keyformat, passphrase, no field that hands one",
    "NEW_FILESYSTEM, canmount, yes, 'on, off or noauto'",
    "NEW_FILESYSTEM, nonsense, x, has a colon in its name",
    "NEW_FILESYSTEM, Org.Example:x, y, lower-case",
    "NEW_FILESYSTEM, -org:x, y, no '-' at the beginning",
    "EXISTING_FILESYSTEM, utf8only, on, only be set when the pool is created"
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
        .check(FieldPath.ROOT, Target.NEW_FILESYSTEM, Map.of("somethingbrandnew", "on"));

    assertThat(problems.found()).isEmpty();
  }

  @Test
  void namesAndValuesHaveALength() {
    assertThat(problems(Target.NEW_FILESYSTEM, "a:" + "x".repeat(253), "v")).isEmpty();
    assertThat(problems(Target.NEW_FILESYSTEM, "a:" + "x".repeat(254), "v")).hasSize(1);
    assertThat(problems(Target.NEW_FILESYSTEM, "a:b", "x".repeat(8191))).isEmpty();
    assertThat(problems(Target.NEW_FILESYSTEM, "a:b", "é".repeat(4096))).hasSize(1);
  }

  @Test
  void valueWithNulIsRefused() {
    assertThat(problems(Target.NEW_FILESYSTEM, "a:b", "x\0y")).hasSize(1);
  }

  private static List<Problem> problems(Target target, String name, String value) {
    var problems = new Problems();
    new ZfsProperties(true, problems).check(FieldPath.ROOT, target, Map.of(name, value));
    return problems.found();
  }
}
