package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Bootloader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What Java writes is what a real bash reads, and the other way round. */
class RealBashTest {
  @TempDir Path folder;

  @BeforeAll
  static void bashExists() {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash to compare with");
  }

  @Test
  void arbitraryStringsReachBashByteForByte() throws IOException {
    List<String> strings = arbitraryStrings(400);
    write("a.args", ArgumentFile.ofList(strings));

    byte[] back =
        RealBash.run(
            folder, "/bin/bash", "-c", "mapfile -d '' -t a <a.args; printf '%s\\0' \"${a[@]}\"");

    assertThat(ArgumentFile.list(Bytes.of(back))).isEqualTo(strings);
  }

  @Test
  void arbitraryRecordsReachAStepFieldByField() throws IOException {
    List<List<String>> records = new ArrayList<>();
    Random random = new Random(7);
    List<String> strings = arbitraryStrings(300);
    for (int at = 0; at < strings.size(); ) {
      int end = Math.min(strings.size(), at + random.nextInt(6));
      records.add(List.copyOf(strings.subList(at, end)));
      at = end;
    }
    write("r.args", ArgumentFile.ofRecords(records));
    write("protocol.sh", FixedProgram.shell("protocol.sh"));

    byte[] back =
        RealBash.run(
            folder,
            "/bin/bash",
            "-c",
            "set -euo pipefail; source ./protocol.sh;"
                + " show() { printf '%s\\0' \"$#\" \"$@\"; }; each_record r.args show");

    assertThat(ArgumentFile.records(Bytes.of(back))).isEqualTo(records);
  }

  @Test
  void wordsAreQuotedAsBashQuotesThem() throws IOException {
    List<String> strings = arbitraryStrings(800);
    write("a.args", ArgumentFile.ofList(strings));

    byte[] back =
        RealBash.run(
            folder, "/bin/bash", "-c", "mapfile -d '' -t a <a.args; printf '%q\\0' \"${a[@]}\"");

    assertThat(ArgumentFile.list(Bytes.of(back)))
        .isEqualTo(strings.stream().map(ShellWord::quoted).toList());
  }

  @Test
  void messageOfTheShellIsAMessageInJava() throws IOException {
    write("protocol.sh", FixedProgram.shell("protocol.sh"));
    runIn(folder, "protocol.sh");
    write("build.args", ArgumentFile.ofList(List.of("nonce1")));

    byte[] lines =
        RealBash.run(
            folder,
            "/bin/bash",
            "-c",
            "source ./protocol.sh; reached=(Partitioned PoolCreated); message install run 0");
    Console console = new Console("nonce1");
    console.accept(lines);

    assertThat(console.progress().messages()).isEqualTo(1);
    assertThat(console.progress().step()).contains("install");
    assertThat(console.progress().done()).hasSize(2);
  }

  @Test
  void nixsOutputIsPassedOnAndCounted() throws IOException {
    write("protocol.sh", FixedProgram.shell("protocol.sh"));
    write("nixos.sh", FixedProgram.shell("nixos.sh"));
    runIn(folder, "protocol.sh");
    write("build.args", ArgumentFile.ofList(List.of("nonce1")));
    String output =
        """
        these 2 derivations will be built:
          /nix/store/a.drv
          /nix/store/b.drv
        these 3 paths will be fetched (1.00 MiB download, 2.00 MiB unpacked):
        copying path '/nix/store/c' from 'http://cache'...
        copying path '/nix/store/d' from 'http://cache'...
        building '/nix/store/a.drv'...
        a> compiling
        """;
    write("output", Bytes.of(output));

    byte[] shown =
        RealBash.run(
            folder,
            "/bin/bash",
            "-c",
            "source ./protocol.sh; source ./nixos.sh; nix_progress 'building web' <output; message install run 0");
    Console console = new Console("nonce1");
    console.accept(shown);

    assertThat(new String(shown, StandardCharsets.UTF_8)).startsWith(output);
    assertThat(console.progress().doing())
        .contains("nix: building web, store path 2 of 3, derivation 1 of 2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "warning: ignoring substitute for '/nix/store/a' from 'http://c', as it's not signed by any of the keys in 'trusted-public-keys' | PayloadInvalid | has no signature by the public keys given (cache-1)",
        "error: failed to read compressed data (Truncated zstd input) | PayloadInvalid | ends too early or is damaged",
        "error: NAR for '/nix/store/a' fetched from 'file:///c' is incomplete | PayloadInvalid | ends too early or is damaged",
        "error: hash mismatch importing path '/nix/store/a'; | PayloadInvalid | is not what its hash says",
        "don't know how to build these paths: | PayloadInvalid | store paths are missing from what was given (payload 0)",
        "error: unable to download 'http://c/nar/a': Could not connect to server | PayloadUnavailable | the substituter failed",
        "error: builder for '/nix/store/a.drv' failed with exit code 1 | StepFailed | failed with exit code 1",
      })
  void nixsWordsBecomeAReason(String words, String reason, String message) throws IOException {
    write("protocol.sh", FixedProgram.shell("protocol.sh"));
    write("nixos.sh", FixedProgram.shell("nixos.sh"));
    runIn(folder, "protocol.sh");
    Files.createDirectory(folder.resolve("log"));
    runIn(folder, "nixos.sh");
    write("log/nix", Bytes.of("copying path '/nix/store/b'...\n" + words + "\n"));

    RealBash.run(
        folder,
        "/bin/bash",
        "-c",
        "source ./protocol.sh; source ./nixos.sh; nixos_public_keys=(cache-1:AAAA) nixos_sources=('payload 0');"
            + " (explain_nix 'fetching web') || true");

    assertThat(ArgumentFile.list(Bytes.of(Files.readAllBytes(folder.resolve("failure")))))
        .satisfiesExactly(
            word -> assertThat(word).isEqualTo(reason),
            text -> assertThat(text).startsWith("fetching web").contains(message, words));
  }

  static Stream<Recipe> recipes() {
    return Stream.of(
        SampleRecipes.minimal(),
        SampleRecipes.hostile(),
        SampleRecipes.debian(),
        SampleRecipes.rootfs(Bootloader.NONE));
  }

  /** The real steps run here with programs that do nothing; {@code run} shows what they get. */
  @ParameterizedTest
  @MethodSource("recipes")
  void renderedCommandsAreThoseThatTheStepsShow(Recipe recipe) throws IOException {
    for (Map.Entry<String, Bytes> file : GuestProgram.build(recipe, "nonce1").files().entrySet()) {
      write(file.getKey(), file.getValue());
    }
    append(
        "protocol.sh",
        """
        for name in sgdisk zpool zfs mount umount mkfs.vfat udevadm mkdir fstrim sync wipefs cat; do
          eval "$name() { :; }"
        done
        size_of() {
          local -a sizes
          read_list sizes partition.args
          if [[ $1 == *boot ]]; then printf '%s' "${sizes[0]}"; else printf '%s' "${sizes[1]}"; fi
        }
        blockdev() {
          case $1 in
            --getsz) printf '%s' "$(($(size_of "$2") / 512))" ;;
            --getsize64) size_of "$2" ;;
          esac
        }
        """);
    append(
        "disks.sh",
        """
        disk_of() { printf '/dev/disk/by-id/virtio-%s' "$1"; }
        partition_of() { printf '%s-part%s' "$1" "$2"; }
        """);
    for (String step :
        List.of(
            "partition",
            "pool",
            "datasets",
            "mount",
            "boot-filesystem",
            "unmount",
            "trim",
            "export")) {
      runIn(folder, "step-" + step + ".sh");

      List<String> shown =
          new String(
                  RealBash.run(folder, "/bin/bash", folder + "/step-" + step + ".sh"),
                  StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.startsWith("+ "))
              .map(line -> line.substring(2))
              .toList();

      assertThat(shown)
          .as(step)
          .isEqualTo(
              Commands.of(recipe).stream()
                  .filter(line -> line.step().equals(step))
                  .map(Commands.Line::text)
                  .toList());
    }
  }

  @Test
  void checksumsAreThoseOfCksum() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/cksum")), "there is no cksum to compare with");
    Random random = new Random(3);
    for (int size : List.of(0, 1, 2, 9, 255, 256, 257, 65_535, 65_536, 100_000)) {
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      write("bytes", Bytes.of(bytes));

      String said =
          new String(RealBash.run(folder, "/usr/bin/cksum", "bytes"), StandardCharsets.US_ASCII);

      assertThat(said).isEqualTo(Cksum.of(bytes, 0, size) + " " + size + " bytes\n");
    }
  }

  /** Hard cases, then random ones, the seed fixed; no NUL, and no lone surrogates. */
  private static List<String> arbitraryStrings(int count) {
    List<String> strings =
        new ArrayList<>(
            List.of(
                "",
                " ",
                "\n",
                "a\n",
                "\n\n",
                "-n",
                "--",
                "$HOME",
                "$(reboot)",
                "`reboot`",
                "'",
                "\"",
                "\\",
                "\\0",
                "a=b",
                "~",
                "x=~",
                "x:~",
                "a~",
                "#",
                "a#b",
                "!x",
                "{a,b}",
                "*",
                "[a]",
                "?",
                "\u001b[31m",
                "\r",
                "\t",
                "\u007f",
                "ü",
                "日本語",
                "🙂",
                "%s",
                "@@ZDI v=1",
                "\u0001\u0002",
                "a'b\nc",
                "\u0085"));
    String alphabet = "ab/=: $'\"\\\n\t#~,{}[]()<>|&;!*?^`-%\u0001\u001bü日🙂";
    int[] codes = alphabet.codePoints().toArray();
    Random random = new Random(42);
    while (strings.size() < count) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length > 0; length--) {
        text.appendCodePoint(codes[random.nextInt(codes.length)]);
      }
      strings.add(text.toString());
    }
    return strings;
  }

  private void write(String name, Bytes bytes) throws IOException {
    Files.write(folder.resolve(name), bytes.toArray());
  }

  /** Has the script keep its notes in the folder, and not in the builder VM's {@code /run/zdi}. */
  private void runIn(Path other, String name) throws IOException {
    String script = Files.readString(folder.resolve(name));
    Files.writeString(folder.resolve(name), script.replace("/run/zdi", other.toString()));
  }

  private void append(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), Files.readString(folder.resolve(name)) + text);
  }
}
