package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Bootloader;
import dev.zfsdiskimage.recipe.Recipe.Content;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import dev.zfsdiskimage.recipe.Recipe.Pool;
import dev.zfsdiskimage.recipe.Recipe.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GuestProgramTest {
  private static final Path GOLDEN = Path.of("src/test/resources/guest");

  static Stream<Arguments> recipes() {
    return Stream.of(
        Arguments.of("minimal", SampleRecipes.minimal()),
        Arguments.of("hostile", SampleRecipes.hostile()),
        Arguments.of("debian", SampleRecipes.debian()),
        Arguments.of("rootfs-grub", SampleRecipes.rootfs(Bootloader.GRUB)),
        Arguments.of("rootfs-none", SampleRecipes.rootfs(Bootloader.NONE)));
  }

  /** {@code -Dgolden.update=true} writes the golden files anew. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("recipes")
  void configDiskAndCommandsAreAsTheGoldenFileSays(String name, Recipe recipe) throws IOException {
    String picture = picture(recipe);

    Path golden = GOLDEN.resolve(name + ".golden");
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(golden, picture);
    }
    assertThat(picture).isEqualTo(Files.readString(golden));
  }

  @Test
  void fixedFilesAreThoseOfTheSourceTree() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/guest"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(FixedProgram.FILES);
    }
  }

  @Test
  void everyBuildCarriesTheSameFixedProgram() {
    Map<String, Bytes> build = GuestProgram.build(SampleRecipes.debian(), "n1").files();
    Map<String, Bytes> check = GuestProgram.check(SampleRecipes.minimal(), "n2").files();

    for (String name : FixedProgram.FILES) {
      assertThat(build.get(name)).isEqualTo(check.get(name)).isNotNull();
    }
  }

  @Test
  void checkRunsOneStepOnTheSamePoolAndNamesWhatIsCompared() {
    Map<String, Bytes> files = GuestProgram.check(SampleRecipes.minimal(), "n").files();

    assertThat(ArgumentFile.list(files.get("steps.args"))).containsExactly("check");
    assertThat(ArgumentFile.list(files.get("check.args"))).containsExactly("tank");
    assertThat(ArgumentFile.records(files.get("asked.args")))
        .containsExactly(List.of("tank", "mountpoint"), List.of("tank/root"));
    assertThat(files).doesNotContainKeys("pool.args", "mount.args");
  }

  @Test
  void onlyALookWithoutARecipeListsFiles() {
    Map<String, Bytes> files =
        GuestProgram.look("tank", List.of(new GuestProgram.Mounted("tank/root", "/", true)), "n")
            .files();

    assertThat(ArgumentFile.list(files.get("check.args"))).containsExactly("tank");
    assertThat(ArgumentFile.records(files.get("mount.args")))
        .containsExactly(List.of("tank/root", "/", ""));
    assertThat(files).doesNotContainKey("asked.args");
  }

  @Test
  void whatIsMountedOnComesBeforeWhatIsMounted() {
    Recipe recipe =
        SampleRecipes.layout(
            new Pool("p", Map.of(), Map.of("mountpoint", "legacy")),
            List.of(
                legacy("p/a", "/var/log"),
                legacy("p/b", "/var"),
                legacy("p/c", "/var-x"),
                legacy("p/d", "/"),
                legacy("p/e", "/a/b/c")));

    List<List<String>> mounts =
        ArgumentFile.records(GuestProgram.build(recipe, "n").files().get("mount.args"));

    assertThat(mounts)
        .extracting(fields -> fields.get(1))
        .containsExactly("/", "/a/b/c", "/var", "/var/log", "/var-x");
  }

  @Test
  void propertiesOfThePoolsOwnDatasetAreSetAtItsCreationAndWinOverThePools() {
    Recipe recipe =
        SampleRecipes.layout(
            new Pool(
                "p", Map.of(), SampleRecipes.map("mountpoint", "legacy", "compression", "lz4")),
            List.of(
                new Dataset(
                    "p",
                    SampleRecipes.map("compression", "zstd", "utf8only", "on"),
                    Optional.empty(),
                    true),
                legacy("p/root", "/")));

    Map<String, Bytes> files = GuestProgram.build(recipe, "n").files();

    assertThat(ArgumentFile.list(files.get("pool.args")))
        .containsExactly(
            "-R",
            "/mnt",
            "-O",
            "mountpoint=legacy",
            "-O",
            "compression=zstd",
            "-O",
            "utf8only=on",
            "p");
    assertThat(ArgumentFile.records(files.get("datasets.args")))
        .containsExactly(List.of("create", "-u", "p/root"));
  }

  @Test
  void poolDatasetThatMountsItselfIsUnmountedBeforeItHidesTheTarget() {
    Recipe recipe =
        SampleRecipes.layout(
            new Pool("p", Map.of(), Map.of()),
            List.of(new Dataset("p/root", Map.of("mountpoint", "/"), Optional.of("/"), false)));

    Map<String, Bytes> files = GuestProgram.build(recipe, "n").files();

    assertThat(ArgumentFile.records(files.get("datasets.args")))
        .first()
        .isEqualTo(List.of("unmount", "p"));
    assertThat(ArgumentFile.records(files.get("mount.args")))
        .containsExactly(List.of("p/root", "/", "zfsutil"));
  }

  @Test
  void knownPayloadSizeIsPassedOn() {
    Recipe recipe = SampleRecipes.rootfs(Bootloader.NONE);

    Map<String, Bytes> files = GuestProgram.build(recipe, "n", Map.of(1, 123_456L)).files();

    assertThat(ArgumentFile.records(files.get("install.args")))
        .containsExactly(List.of("rootfs", "1", "123456"));
  }

  @Test
  void tooMuchInlineContentIsRefusedWithItsTargetAndARemedy() {
    Recipe recipe =
        SampleRecipes.containing(
            List.of(inline("/srv/small", 10), inline("/srv/large", 1_100_000)));

    assertThatThrownBy(() -> GuestProgram.build(recipe, "n"))
        .isInstanceOf(ConfigDiskFullException.class)
        .hasMessageContaining("contents for /srv/large (1100000 bytes)")
        .hasMessageContaining("holds 1048576")
        .hasMessageContaining("payload");
  }

  @Test
  void stringWithNulIsRefused() {
    Recipe recipe =
        SampleRecipes.layout(
            new Pool("p", Map.of("comment", "a\0b"), Map.of("mountpoint", "legacy")),
            List.of(legacy("p/root", "/")));

    assertThatThrownBy(() -> GuestProgram.build(recipe, "n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("comment=a\\0b");
  }

  @Test
  void nonceThatCouldBreakALineIsRefused() {
    assertThatThrownBy(() -> GuestProgram.build(SampleRecipes.minimal(), "a b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a b");
  }

  private static Dataset legacy(String name, String mount) {
    return new Dataset(name, Map.of(), Optional.of(mount), true);
  }

  private static Content inline(String target, int bytes) {
    return new Content(
        new Source.Inline(Bytes.of(new byte[bytes])), target, Optional.empty(), Optional.empty());
  }

  /** Every generated file in a readable form, then the commands. */
  private static String picture(Recipe recipe) {
    StringBuilder picture = new StringBuilder();
    GuestProgram.build(recipe, "nonce1")
        .files()
        .forEach(
            (name, bytes) -> {
              if (name.endsWith(".args")) {
                picture.append("== ").append(name).append('\n');
                ArgumentFile.list(bytes).forEach(s -> picture.append(escaped(s)).append('\n'));
              } else if (name.startsWith("content-")) {
                picture.append("== ").append(name).append('\n');
                picture.append(
                    new String(bytes.toArray(), StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> escaped(line) + "\n")
                        .reduce("", String::concat));
              }
            });
    picture.append("== commands\n");
    Commands.of(recipe)
        .forEach(line -> picture.append(line.step()).append(": ").append(line.text()).append('\n'));
    return picture.toString();
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder("|");
    for (char next : text.toCharArray()) {
      if (next < ' ') {
        escaped.append(String.format("\\u%04x", (int) next));
      } else {
        escaped.append(next);
      }
    }
    return escaped.append('|').toString();
  }
}
