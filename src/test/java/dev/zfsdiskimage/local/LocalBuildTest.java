package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole builds, with a script in the place of QEMU. */
class LocalBuildTest {
  private static final long BOOT_BYTES = 80L << 20;
  private static final long ROOT_BYTES = 100L << 20;

  @TempDir Path folder;

  private final CountDownLatch guestSpoke = new CountDownLatch(1);
  private Path programs;
  private Path output;
  private LocalHost host;

  @BeforeEach
  void aMachine() throws IOException {
    for (String program : List.of("qemu-img", "xorriso")) {
      assumeThat(TestPrograms.machine().find(program)).as(program).isPresent();
    }
    programs = Files.createDirectory(folder.resolve("programs"));
    resource("fake-qemu", programs.resolve(Hypervisor.PROGRAM));
    resource("report", programs.resolve("report"));
    output = folder.resolve("out");
    Path project = Files.createDirectories(folder.resolve("project/operator/builder"));
    TestPrograms.script(
        project,
        "build-appliance",
        "if [ \"$1\" = --key ]; then echo k1; exit; fi",
        "mkdir -p \"$1\"",
        "echo '{\"id\":\"a1\",\"zfs\":\"2.3.9\",\"kernel\":\"6.12\",\"architecture\":\"amd64\"}' >\"$1/manifest.json\"");
    host =
        new LocalHost(
            TestPrograms.with(programs),
            folder.resolve("cache"),
            Optional.of(folder.resolve("project")));
  }

  @Test
  void publishesBothImagesWithTheirDescription() throws Exception {
    guest("builds");

    LocalBuild.Result result = build(recipe()).run();

    assertThat(result.status().phase()).isEqualTo(Phase.READY);
    assertThat(names(output))
        .containsExactlyInAnyOrder(
            ".zdi.lock",
            "SHA256SUMS",
            "build.log",
            "manifest.json",
            "nixos.boot.img",
            "nixos.root.img");
    assertThat(output.resolve("nixos.boot.img")).hasSize(BOOT_BYTES);
    assertThat(output.resolve("nixos.root.img")).hasSize(ROOT_BYTES);
    assertThat(bytesOf(output.resolve("nixos.root.img"), 1 << 20, 20))
        .isEqualTo("what the guest wrote");
    ImageManifest published = new OutputDirectory(output).published().orElseThrow();
    assertThat(result.published()).contains(published);
    assertThat(published.pool()).isEqualTo(new ImageManifest.Pool("tank", "42", 50331648));
    assertThat(published.images().root().sha256())
        .isEqualTo(ImageDigest.sha256(output.resolve("nixos.root.img")));
    assertThat(published.images().root().allocatedBytes()).isLessThan(ROOT_BYTES / 10);
    assertThat(published.versions().appliance()).isEqualTo("a1");
  }

  @Test
  void convertsToTheFormatAskedFor() throws Exception {
    guest("builds");

    build(recipe(Format.VPC, "")).run();

    assertThat(names(output)).contains("nixos.boot.vhd", "nixos.root.vhd");
    assertThat(new OutputDirectory(output).published().orElseThrow().images().root())
        .satisfies(
            image -> {
              assertThat(image.format()).isEqualTo("vpc");
              assertThat(image.virtualBytes()).isEqualTo(ROOT_BYTES);
            });
  }

  @Test
  void publishesWhatPostBuildAdds() throws Exception {
    guest("builds");

    build(
            recipe(
                Format.RAW,
                "#!/bin/sh\nbasename \"$bootDiskImage\" \"$rootDiskImage\" >\"$out/names\"\n"
                    + "stat -c %s \"$rootDiskImage\" >>\"$out/names\"\n"))
        .run();

    assertThat(output.resolve("names")).content().contains(Long.toString(ROOT_BYTES));
  }

  @Test
  void failsWithPostBuild() throws Exception {
    guest("builds");

    Status status =
        build(recipe(Format.RAW, "echo uploading; echo no route >&2; exit 9")).run().status();

    Failure failure = status.failure().orElseThrow();
    assertThat(failure.reason()).isEqualTo(Reason.POST_BUILD_FAILED);
    assertThat(failure.message()).contains("9", "uploading", "no route");
    assertThat(names(output)).containsExactlyInAnyOrder(".zdi.lock", "failed-build.log");
  }

  @Test
  void aFailureLeavesTheImagesOfTheBuildBeforeAlone() throws Exception {
    guest("builds");
    build(recipe()).run();
    String before = ImageDigest.sha256(output.resolve("nixos.root.img"));
    guest("script-fails");

    LocalBuild.Result result = build(recipe()).run();

    Failure failure = result.status().failure().orElseThrow();
    assertThat(result.status().phase()).isEqualTo(Phase.FAILED);
    assertThat(failure.reason()).isEqualTo(Reason.SCRIPT_FAILED);
    assertThat(failure.step()).contains("install");
    assertThat(failure.console()).contains("the script says: no such thing");
    assertThat(result.log()).content().contains("the script says: no such thing");
    assertThat(ImageDigest.sha256(output.resolve("nixos.root.img"))).isEqualTo(before);
    assertThat(names(output)).noneMatch(name -> name.startsWith(".zdi-"));
  }

  @Test
  void doesNotBelieveAGuestWhoseDisksSayOtherwise() throws Exception {
    guest("not-exported");

    Status status = build(recipe()).run().status();

    Failure failure = status.failure().orElseThrow();
    assertThat(failure.reason()).isEqualTo(Reason.CHECK_FAILED);
    assertThat(failure.message()).contains("active", "exported");
    assertThat(names(output)).doesNotContain("nixos.root.img", "manifest.json");
  }

  @Test
  void aFloodOnTheConsoleDoesNoHarm() throws Exception {
    guest("floods");

    assertThat(build(recipe()).run().status().phase()).isEqualTo(Phase.READY);
  }

  @Test
  void cancellingEndsTheVmAndLeavesNothingBehind() throws Exception {
    guest("hangs");
    LocalBuild build = build(recipe());
    CompletableFuture<BuildFailure> failure =
        CompletableFuture.supplyAsync(() -> catchThrowableOfType(BuildFailure.class, build::run));
    assertThat(guestSpoke.await(60, TimeUnit.SECONDS)).isTrue();
    Optional<ProcessHandle> qemu =
        ProcessHandle.of(Long.parseLong(Files.readString(programs.resolve("pid")).strip()));
    assertThat(qemu).isPresent();

    build.cancel();

    assertThat(failure.get(60, TimeUnit.SECONDS).reason()).isEqualTo(Reason.CANCELLED);
    assertThat(qemu.get().isAlive()).isFalse();
    assertThat(names(output)).containsExactlyInAnyOrder(".zdi.lock", "failed-build.log");
  }

  @Test
  void aSilentGuestIsGivenUpByItsDeadline() throws Exception {
    guest("silent");

    Status status =
        build(withTimeouts(Duration.ofSeconds(2), Duration.ofMinutes(5))).run().status();

    Failure failure = status.failure().orElseThrow();
    assertThat(failure.reason()).isEqualTo(Reason.GUEST_SILENT);
    assertThat(failure.message()).contains("has not sent a message");
    assertThat(failure.reason().remedy()).contains("timeouts.start");
    assertThat(names(output)).containsExactlyInAnyOrder(".zdi.lock", "failed-build.log");
  }

  @Test
  void aBuildThatTakesTooLongIsGivenUp() throws Exception {
    guest("hangs");

    Status status =
        build(withTimeouts(Duration.ofMinutes(5), Duration.ofSeconds(3))).run().status();

    Failure failure = status.failure().orElseThrow();
    assertThat(failure.reason()).isEqualTo(Reason.BUILD_DEADLINE_EXCEEDED);
    assertThat(failure.message()).contains("its step was partition");
    assertThat(failure.reason().remedy()).contains("timeouts.build");
    assertThat(names(output)).containsExactlyInAnyOrder(".zdi.lock", "failed-build.log");
  }

  @Test
  void aSecondBuildIntoTheSameDirectoryIsRefused() throws Exception {
    guest("hangs");
    LocalBuild first = build(recipe());
    CompletableFuture<BuildFailure> cancelled =
        CompletableFuture.supplyAsync(() -> catchThrowableOfType(BuildFailure.class, first::run));
    assertThat(guestSpoke.await(60, TimeUnit.SECONDS)).isTrue();

    assertThatThrownBy(() -> build(recipe()).run())
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("another build")
        .hasMessageContaining(output.toString());

    first.cancel();
    cancelled.get(60, TimeUnit.SECONDS);
  }

  @Test
  void aPayloadWithAnotherSumStartsNoVm() throws Exception {
    guest("builds");
    Files.writeString(folder.resolve("rootfs.tar"), "not what was promised");
    String asked = "0".repeat(64);

    Status status =
        build(withPayload(recipe(), new Recipe.Payload.Path("rootfs.tar", Optional.of(asked))))
            .run()
            .status();

    Failure failure = status.failure().orElseThrow();
    assertThat(failure.reason()).isEqualTo(Reason.PAYLOAD_INVALID);
    assertThat(failure.message()).contains(asked, ImageDigest.sha256(folder.resolve("rootfs.tar")));
    assertThat(programs.resolve("pid")).doesNotExist();
  }

  private void guest(String mode) throws IOException {
    Files.writeString(programs.resolve("mode"), mode);
  }

  private LocalBuild build(Recipe recipe) {
    return new LocalBuild(host, new Order(recipe, folder, Map.of(), output), new Ears());
  }

  /** Notices when the guest has spoken. */
  private final class Ears implements BuildListener {
    @Override
    public void status(Status status) {
      if (status.steps().stream().anyMatch(step -> step.name().equals("partition"))) {
        guestSpoke.countDown();
      }
    }

    @Override
    public void activity(String text) {}

    @Override
    public void poolBytes(long bytes) {}

    @Override
    public void note(String text) {}

    @Override
    public void console(Bytes bytes) {}
  }

  private static Recipe recipe() {
    return recipe(Format.RAW, "");
  }

  private static Recipe withTimeouts(Duration start, Duration build) {
    return recipe(Format.RAW, "", new Recipe.Timeouts(start, build, Duration.ofMinutes(5)));
  }

  private static Recipe recipe(Format format, String postBuild) {
    return recipe(
        format,
        postBuild,
        new Recipe.Timeouts(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(5)));
  }

  private static Recipe recipe(Format format, String postBuild, Recipe.Timeouts timeouts) {
    return new Recipe(
        "web",
        BOOT_BYTES,
        ROOT_BYTES,
        new Recipe.Pool("tank", Map.of("ashift", "12"), Map.of("mountpoint", "legacy")),
        List.of(new Recipe.Dataset("tank/root", Map.of(), Optional.of("/"), true)),
        new Recipe.Install.Script(new Recipe.Source.Inline(Bytes.of("true"))),
        List.of(),
        List.of(),
        List.of(),
        new Recipe.Output(
            format,
            "nixos",
            new Recipe.Storage(
                Optional.empty(), List.of("ReadWriteOnce"), Recipe.VolumeMode.FILESYSTEM),
            2,
            Recipe.OnDelete.DELETE,
            Map.of()),
        postBuild.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new Recipe.PostBuild(
                    new Recipe.Source.Inline(Bytes.of(postBuild)), Optional.empty())),
        new Recipe.Builder(
            1L << 30, 1, Optional.empty(), Recipe.Network.NONE, timeouts, 0, Map.of()),
        new Recipe.Verify(false, Optional.empty(), Optional.empty()),
        "0123456789");
  }

  private static Recipe withPayload(Recipe recipe, Recipe.Payload payload) {
    return new Recipe(
        recipe.name(),
        recipe.bootBytes(),
        recipe.rootBytes(),
        recipe.pool(),
        recipe.datasets(),
        new Recipe.Install.Rootfs(0, Recipe.Bootloader.NONE, List.of()),
        recipe.contents(),
        List.of(payload),
        recipe.secrets(),
        recipe.output(),
        recipe.postBuild(),
        recipe.builder(),
        recipe.verify(),
        recipe.hash());
  }

  private static void resource(String name, Path target) throws IOException {
    try (InputStream in = LocalBuildTest.class.getResourceAsStream("/local/" + name)) {
      Files.write(target, in.readAllBytes());
    }
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static String bytesOf(Path file, long at, int count) throws IOException {
    byte[] bytes = new byte[count];
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "r")) {
      access.seek(at);
      access.readFully(bytes);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
