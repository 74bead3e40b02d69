package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The guest program's own step {@code configure}, run for real with one account that gets keys:
 * {@code target} stands for the builder VM's {@code /mnt}, {@code outside} for what else the
 * builder has.
 */
class AuthorizedKeysTest {
  private static final String KEYS = "ssh-ed25519 AAAA web\n";

  @TempDir Path folder;
  private GuestTarget guest;
  private Path target;
  private Path outside;

  @BeforeEach
  void givenATargetWithAUser() throws IOException {
    for (String tool : List.of("bash", "awk", "install")) {
      assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), "there is no /usr/bin/" + tool);
    }
    guest = GuestTarget.in(folder, "protocol.sh", "disks.sh", "place.sh", "step-configure.sh");
    target = guest.path();
    outside = guest.outside();
    Files.writeString(folder.resolve("keys"), KEYS);
    Files.writeString(folder.resolve("configure.args"), "");
    Files.write(
        folder.resolve("accounts.args"),
        ArgumentFile.ofRecords(List.of(List.of("keys", "web", "file", "keys"))).toArray());
    Files.createDirectories(target.resolve("home/web"));
    Files.createDirectory(target.resolve("etc"));
    Files.writeString(
        target.resolve("etc/passwd"),
        "root:x:0:0::/root:/bin/sh\nweb:x:%s:%s::/home/web:/bin/sh\n"
            .formatted(own("unix:uid"), own("unix:gid")));
  }

  @Test
  void aUserWithoutKeysGetsThem() throws IOException {
    configure();

    Path keys = target.resolve("home/web/.ssh/authorized_keys");
    assertThat(keys).hasContent(KEYS);
    assertThat(mode(keys)).isEqualTo("rw-------");
    assertThat(mode(keys.getParent())).isEqualTo("rwx------");
  }

  @Test
  void keysTakeThePlaceOfALink() throws IOException {
    Files.writeString(outside.resolve("file"), "the builder's own");
    Path keys = guest.link("home/web/.ssh/authorized_keys", outside.resolve("file").toString());

    configure();

    assertThat(outside.resolve("file")).hasContent("the builder's own");
    assertThat(Files.isSymbolicLink(keys)).isFalse();
    assertThat(keys).hasContent(KEYS);
  }

  @Test
  void keysDoNotLandInTheFolderThatALinkLeadsTo() throws IOException {
    Path keys = guest.link("home/web/.ssh/authorized_keys", outside.toString());

    configure();

    assertThat(outside).isEmptyDirectory();
    assertThat(keys).isRegularFile().hasContent(KEYS);
  }

  @Test
  void aFolderOfKeysThatIsALinkDoesNotLeadOut() throws IOException {
    guest.link("home/web/.ssh", outside.toString());

    configure();

    assertThat(outside).isEmptyDirectory();
    assertThat(Path.of(target.toString(), outside.toString()).resolve("authorized_keys"))
        .hasContent(KEYS);
  }

  @Test
  void aHomeBehindALinkIsTheOneThatTheInstalledSystemSees() throws IOException {
    Files.delete(target.resolve("home/web"));
    Files.delete(target.resolve("home"));
    guest.link("home", "/usr/home");
    Files.createDirectories(target.resolve("usr/home/web"));

    configure();

    assertThat(target.resolve("usr/home/web/.ssh/authorized_keys")).hasContent(KEYS);
  }

  @Test
  void usersAreLookedUpInTheTargetOnly() throws IOException {
    Path passwd = target.resolve("etc/passwd");
    Path behind = target.resolve("usr/etc/passwd");
    Files.createDirectories(behind.getParent());
    Files.move(passwd, behind);
    Files.createSymbolicLink(passwd, Path.of("/usr/etc/passwd"));

    configure();

    assertThat(target.resolve("home/web/.ssh/authorized_keys")).hasContent(KEYS);
  }

  private void configure() {
    RealBash.run(folder, "/bin/bash", "./step-configure.sh");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private Object own(String id) throws IOException {
    return Files.getAttribute(folder, id);
  }
}
