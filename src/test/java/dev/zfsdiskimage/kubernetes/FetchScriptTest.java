package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Job that puts payloads into volumes, run by a real bash against a real web server. */
class FetchScriptTest {
  private static final byte[] PAYLOAD = "a root file system".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private HttpServer server;

  private record Ran(int status, String words) {}

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/rootfs.tar",
        exchange -> {
          exchange.sendResponseHeaders(200, PAYLOAD.length);
          exchange.getResponseBody().write(PAYLOAD);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void downloadBecomesADiskOfWholeSectors() throws Exception {
    Ran ran = fetch("http", folder.toString(), url("/rootfs.tar"), sha256());

    assertThat(ran).isEqualTo(new Ran(0, ""));
    byte[] disk = Files.readAllBytes(folder.resolve("disk.img"));
    assertThat(disk).hasSize(512).startsWith(PAYLOAD);
    assertThat(Arrays.copyOfRange(disk, PAYLOAD.length, 512)).containsOnly(0);
  }

  @Test
  void anotherFileThanAskedForIsNoDisk() throws Exception {
    Ran ran = fetch("http", folder.toString(), url("/rootfs.tar"), "0".repeat(64));

    assertThat(ran.status()).isEqualTo(4);
    assertThat(ran.words()).contains(sha256()).contains("0".repeat(64)).contains("/rootfs.tar");
    assertThat(folder.resolve("disk.img")).doesNotExist();
  }

  @Test
  void serverWithoutTheFileIsNamed() throws Exception {
    Ran ran = fetch("http", folder.toString(), url("/other.tar"), sha256());

    assertThat(ran.status()).isEqualTo(3);
    assertThat(ran.words()).contains("404").contains("/other.tar could not be fetched");
  }

  @Test
  void filesOfVolumesAreCopiedAndWhatIsThereIsLeftAlone() throws Exception {
    Path volume = Files.createDirectories(folder.resolve("volume/deep"));
    Files.write(volume.resolve("a b.tar"), PAYLOAD);
    Path done = Files.createDirectory(folder.resolve("done"));
    Files.write(done.resolve("disk.img"), new byte[1024]);
    Path fresh = Files.createDirectory(folder.resolve("fresh"));

    Ran ran =
        fetch(
            "http",
            done.toString(),
            url("/other.tar"),
            sha256(),
            "file",
            fresh.toString(),
            volume.resolve("a b.tar").toString());

    assertThat(ran).isEqualTo(new Ran(0, ""));
    assertThat(done.resolve("disk.img")).hasSize(1024);
    assertThat(Files.readAllBytes(fresh.resolve("disk.img"))).hasSize(512).startsWith(PAYLOAD);
  }

  @Test
  void fileThatIsNotInTheVolumeIsNamed() throws Exception {
    Ran ran = fetch("file", folder.toString(), "/sources/2/no/such.tar");

    assertThat(ran).isEqualTo(new Ran(4, "no/such.tar is no file of the claim\n"));
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private static String sha256() throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(PAYLOAD));
  }

  private static Ran fetch(String... arguments) throws Exception {
    String script =
        new String(
            FetchScriptTest.class.getResourceAsStream("/kubernetes/fetch.sh").readAllBytes(),
            StandardCharsets.UTF_8);
    List<String> command = new ArrayList<>(List.of("bash", "-c", script, "fetch"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), words);
  }
}
