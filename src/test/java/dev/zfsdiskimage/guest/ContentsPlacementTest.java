package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.zfsdiskimage.recipe.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The guest program's own {@code place}, run for real: {@code target} stands for the builder VM's
 * {@code /mnt}, {@code outside} for what else the builder has, and {@code payload} for a payload.
 */
class ContentsPlacementTest {
  @TempDir Path folder;
  private GuestTarget guest;
  private Path target;
  private Path outside;
  private Path payload;

  @BeforeEach
  void givenATargetAndAPayload() throws IOException {
    for (String tool : List.of("bash", "tar", "install")) {
      assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), "there is no /usr/bin/" + tool);
    }
    guest = GuestTarget.in(folder, "protocol.sh", "disks.sh", "place.sh");
    target = guest.path();
    outside = guest.outside();
    payload = Files.createDirectories(folder.resolve("run/disk/zdi-payload-0"));
    Files.writeString(
        folder.resolve("step.sh"),
        """
        set -euo pipefail
        source ./protocol.sh
        source ./disks.sh
        source ./place.sh
        place "$@"
        """);
  }

  // Links

  @Test
  void aTargetThatIsALinkIsReplacedAndNotFollowed() throws IOException {
    Files.writeString(payload.resolve("file"), "new");
    Files.writeString(outside.resolve("resolv.conf"), "the builder's own");
    Path link = guest.link("etc/resolv.conf", outside.resolve("resolv.conf").toString());

    place("file", "/etc/resolv.conf", "", own());

    assertThat(outside.resolve("resolv.conf")).hasContent("the builder's own");
    assertThat(Files.isSymbolicLink(link)).isFalse();
    assertThat(link).hasContent("new");
  }

  @Test
  void aLinkOnTheWayIsFollowedAsTheFinishedSystemFollowsIt() throws IOException {
    Files.writeString(payload.resolve("file"), "new");
    guest.link("absolute", outside.toString());
    guest.link("climbing", "../../../" + outside);

    place("file", "/absolute/one", "", own());
    place("file", "/climbing/two", "", own());

    assertThat(outside).isEmptyDirectory();
    assertThat(Path.of(target.toString(), outside.toString()).resolve("one")).hasContent("new");
    assertThat(Path.of(target.toString(), outside.toString()).resolve("two")).hasContent("new");
  }

  @Test
  void aTreesFileTakesThePlaceOfALink() throws IOException {
    write(payload.resolve("tree/etc/resolv.conf"), "new");
    Files.writeString(outside.resolve("resolv.conf"), "the builder's own");
    Path link = guest.link("etc/resolv.conf", outside.resolve("resolv.conf").toString());

    place("tree", "/", "", own());

    assertThat(outside.resolve("resolv.conf")).hasContent("the builder's own");
    assertThat(Files.isSymbolicLink(link)).isFalse();
    assertThat(link).hasContent("new");
  }

  @Test
  void aTreesFolderIsMergedIntoTheFolderThatALinkOfTheTargetLeadsTo() throws IOException {
    write(payload.resolve("tree/lib/module/new"), "new");
    write(target.resolve("usr/lib/module/old"), "old");
    Path link = guest.link("lib", "usr/lib");

    place("tree", "/", "", own());

    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(target.resolve("usr/lib/module/new")).hasContent("new");
    assertThat(target.resolve("usr/lib/module/old")).hasContent("old");
  }

  @Test
  void aTreesFolderNeverFollowsALinkOutOfTheTarget() throws IOException {
    write(payload.resolve("tree/run/new"), "new");
    write(payload.resolve("tree/srv/new"), "new");
    guest.link("run", outside.toString());
    guest.link("srv", "/srv-of-the-target");
    Files.createDirectory(target.resolve("srv-of-the-target"));

    place("tree", "/", "", own());

    assertThat(outside).isEmptyDirectory();
    assertThat(target.resolve("run/new")).hasContent("new");
    assertThat(target.resolve("srv-of-the-target/new")).hasContent("new");
  }

  @Test
  void aTreesTargetThatIsALinkDoesNotLeadOutEither() throws IOException {
    write(payload.resolve("tree/new"), "new");
    guest.link("data", outside.toString());

    place("tree", "/data", "", own());

    assertThat(outside).isEmptyDirectory();
    assertThat(target.resolve("data/new")).hasContent("new");
  }

  @Test
  void aTreesTargetMayBeALinkToAFolder() throws IOException {
    write(payload.resolve("tree/new"), "new");
    write(target.resolve("usr/lib/old"), "old");
    Path link = guest.link("lib", "usr/lib");

    place("tree", "/lib", "2750", own());

    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(target.resolve("usr/lib/new")).hasContent("new");
    assertThat(mode("usr/lib")).isEqualTo("2750");
  }

  @Test
  void aLinkInAPayloadLeadsToWhatThePayloadHolds() throws IOException {
    write(payload.resolve("etc/motd"), "the payload's");
    Files.createSymbolicLink(payload.resolve("motd"), Path.of("/etc/motd"));
    Files.createSymbolicLink(payload.resolve("out"), outside);
    write(outside.resolve("secret"), "the builder's own");

    place("motd", "/motd", "", own());

    assertThat(target.resolve("motd")).hasContent("the payload's");
    assertThat(refusal("out/secret", "/secret", "", own())).contains("payload 0 out/secret");
  }

  // Modes and owners

  @Test
  void aModeWithSetuidOutlivesTheOwner() throws IOException {
    Files.writeString(payload.resolve("su"), "a program");

    place("su", "/usr/bin/su", "4755", own());

    assertThat(mode("usr/bin/su")).isEqualTo("4755");
  }

  @Test
  void aFileGetsItsOwner() throws IOException {
    assumeRoot();
    Files.writeString(payload.resolve("su"), "a program");

    place("su", "/usr/bin/su", "4755", "7:8");
    place("su", "/usr/bin/sudo", "", "");

    assertThat(owner("usr/bin/su")).isEqualTo("7:8");
    assertThat(mode("usr/bin/su")).isEqualTo("4755");
    assertThat(owner("usr/bin/sudo")).isEqualTo("0:0");
    assertThat(mode("usr/bin/sudo")).isEqualTo("644");
  }

  @Test
  void aTreeKeepsSetuidBitsAndCapabilitiesWhenItGetsAnOwner() throws IOException {
    assumeRoot();
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/setcap")), "there is no /usr/sbin/setcap");
    write(payload.resolve("tree/su"), "a program");
    write(payload.resolve("tree/ping"), "a program");
    setMode(payload.resolve("tree/su"), "4755");
    bash("/usr/sbin/setcap cap_net_raw+ep \"$1\"", payload.resolve("tree/ping").toString());

    place("tree", "/usr/bin", "", "7:8");

    assertThat(mode("usr/bin/su")).isEqualTo("4755");
    assertThat(owner("usr/bin/su")).isEqualTo("7:8");
    assertThat(owner("usr/bin/ping")).isEqualTo("7:8");
    assertThat(bash("/usr/sbin/getcap \"$1\"", target.resolve("usr/bin/ping").toString()))
        .contains("cap_net_raw=ep");
  }

  @Test
  void anOwnerReachesWhatATreeBringsAndItsTopFolderOnly() throws IOException {
    assumeRoot();
    write(payload.resolve("tree/etc/new"), "new");
    write(target.resolve("srv/etc/old"), "old");

    place("tree", "/srv", "", "7:8");

    assertThat(owner("srv")).isEqualTo("7:8");
    assertThat(owner("srv/etc/new")).isEqualTo("7:8");
    assertThat(owner("srv/etc")).isEqualTo("0:0");
    assertThat(owner("srv/etc/old")).isEqualTo("0:0");
  }

  @Test
  void foldersThatAreThereKeepTheirModes() throws IOException {
    write(payload.resolve("tree/etc/new/file"), "new");
    setMode(payload.resolve("tree"), "700");
    setMode(payload.resolve("tree/etc"), "700");
    setMode(payload.resolve("tree/etc/new"), "710");
    Files.createDirectory(target.resolve("etc"));
    setMode(target, "755");
    setMode(target.resolve("etc"), "1775");

    place("tree", "/", "", own());

    assertThat(mode("")).isEqualTo("755");
    assertThat(mode("etc")).isEqualTo("1775");
    assertThat(mode("etc/new")).isEqualTo("710");
  }

  @Test
  void aFolderThatIsThereGetsTheModeThatTheResourceNames() throws IOException {
    write(payload.resolve("tree/file"), "new");
    Files.createDirectory(target.resolve("srv"));

    place("tree", "/srv", "2750", own());

    assertThat(mode("srv")).isEqualTo("2750");
  }

  @Test
  void aTreesTopFolderKeepsItsModeWhereNoneWas() throws IOException {
    write(payload.resolve("tree/file"), "new");
    setMode(payload.resolve("tree"), "750");

    place("tree", "/srv/data", "", own());

    assertThat(mode("srv/data")).isEqualTo("750");
  }

  // Files and folders in each other's place

  @Test
  void aFileDoesNotLandInsideAFolder() throws IOException {
    Files.writeString(payload.resolve("file"), "new");
    write(target.resolve("srv/old"), "old");

    String refusal = refusal("file", "/srv", "", own());

    assertThat(refusal).contains("/srv", "payload 0 file");
    assertThat(target.resolve("srv").toFile().list()).containsExactly("old");
  }

  @Test
  void aTreeDoesNotTakeThePlaceOfAFile() throws IOException {
    write(payload.resolve("tree/new"), "new");
    write(target.resolve("srv"), "old");

    String refusal = refusal("tree", "/srv", "", own());

    assertThat(refusal).contains("/srv", "payload 0 tree");
    assertThat(target.resolve("srv")).hasContent("old");
  }

  @Test
  void withinATreeNeitherTakesTheOthersPlace() throws IOException {
    write(payload.resolve("files/etc/motd"), "new");
    write(payload.resolve("folders/etc/hosts/new"), "new");
    Files.createDirectories(target.resolve("etc/motd"));
    write(target.resolve("etc/hosts"), "old");

    assertThat(refusal("files", "/", "", own())).contains("/etc/motd", "payload 0 files");
    assertThat(refusal("folders", "/", "", own())).contains("/etc/hosts", "payload 0 folders");

    assertThat(target.resolve("etc/motd")).isEmptyDirectory();
    assertThat(target.resolve("etc/hosts")).hasContent("old");
  }

  // Names

  @Test
  void namesOfEveryKindArrive() throws IOException {
    List<String> names = List.of("-x", "a b", ".hidden", "back\\nslash", "*", "line\nbreak", "$x");
    for (String name : names) {
      write(payload.resolve("tree/etc").resolve(name), "new");
    }
    Files.createDirectory(target.resolve("etc"));

    place("tree", "/", "", own());

    assertThat(target.resolve("etc").toFile().list()).containsExactlyInAnyOrderElementsOf(names);
  }

  private void place(String source, String to, String mode, String owner) {
    List<String> command = new ArrayList<>(List.of("/bin/bash", "step.sh"));
    command.addAll(List.of("payload", "0", source, to, mode, owner));
    RealBash.run(folder, command.toArray(String[]::new));
  }

  /** What the failed step tells the outside. */
  private String refusal(String source, String to, String mode, String owner) throws IOException {
    Path failure = folder.resolve("run/failure");
    Files.deleteIfExists(failure);
    bash("! bash step.sh \"$@\"", "payload", "0", source, to, mode, owner);
    assertThat(failure).exists();
    return ArgumentFile.list(Bytes.of(Files.readAllBytes(failure))).get(1);
  }

  private String bash(String script, String... arguments) {
    List<String> command = new ArrayList<>(List.of("/bin/bash", "-c", script, "bash"));
    command.addAll(List.of(arguments));
    byte[] said = RealBash.run(folder, command.toArray(String[]::new));
    return new String(said, StandardCharsets.UTF_8).strip();
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void setMode(Path file, String mode) {
    bash("chmod \"$1\" \"$2\"", mode, file.toString());
  }

  private String mode(String path) {
    return bash("stat -c %a \"$1\"", target.resolve(path).toString());
  }

  private String owner(String path) {
    return bash("stat -c %u:%g \"$1\"", target.resolve(path).toString());
  }

  /** Whoever runs the tests: nobody but root can give files away. */
  private String own() throws IOException {
    return Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS)
        + ":"
        + Files.getAttribute(folder, "unix:gid", LinkOption.NOFOLLOW_LINKS);
  }

  private void assumeRoot() throws IOException {
    assumeTrue(
        Files.getAttribute(folder, "unix:uid").equals(0), "only root can give a file an owner");
  }
}
