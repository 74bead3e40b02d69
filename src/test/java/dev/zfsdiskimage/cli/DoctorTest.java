package dev.zfsdiskimage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.cli.Check.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorTest {
  private static final long GIB = 1L << 30;
  private static final Path CACHE = Path.of("/var/cache/zdi");
  private static final FakeMachine GOOD =
      new FakeMachine(
          17,
          Set.of("qemu-img", "xorriso", "mmdebstrap", "mksquashfs"),
          Optional.of(new Machine.Qemu("10.0", Machine.Kvm.WORKS)),
          true,
          50 * GIB,
          List.of("http://mirror/InRelease"),
          true,
          Optional.of(CACHE.resolve("appliance")));

  private record FakeMachine(
      int javaRelease,
      Set<String> programs,
      Optional<Qemu> qemu,
      boolean isRoot,
      long free,
      List<String> mirrorProbes,
      boolean online,
      Optional<Path> appliance)
      implements Machine {
    @Override
    public boolean has(String program) {
      return programs.contains(program);
    }

    @Override
    public boolean hasFile(Path file) {
      return true;
    }

    @Override
    public boolean canSudo() {
      return false;
    }

    @Override
    public OptionalLong freeBytes(Path folder) {
      return OptionalLong.of(free);
    }

    @Override
    public OptionalLong availableMemory() {
      return OptionalLong.of(free);
    }

    @Override
    public boolean canFetch(String address) {
      return online;
    }

    private FakeMachine without(String program) {
      Set<String> left =
          programs.stream()
              .filter(each -> !each.equals(program))
              .collect(java.util.stream.Collectors.toSet());
      return new FakeMachine(
          javaRelease, left, qemu, isRoot, free, mirrorProbes, online, appliance);
    }

    private FakeMachine withFree(long bytes) {
      return new FakeMachine(
          javaRelease, programs, qemu, isRoot, bytes, mirrorProbes, online, appliance);
    }

    private FakeMachine withKvm(Kvm kvm) {
      return new FakeMachine(
          javaRelease,
          programs,
          Optional.of(new Qemu("7.2", kvm)),
          isRoot,
          free,
          mirrorProbes,
          online,
          appliance);
    }

    private FakeMachine asUser(Optional<Path> madeAppliance) {
      return new FakeMachine(
          javaRelease, programs, qemu, false, free, mirrorProbes, online, madeAppliance);
    }

    private FakeMachine offline() {
      return new FakeMachine(
          javaRelease, programs, qemu, isRoot, free, mirrorProbes, false, appliance);
    }
  }

  private static List<Check> examine(Machine machine) {
    return new Doctor(machine, CACHE, Path.of("/home/me")).examine();
  }

  private static Check check(Machine machine, String name) {
    return examine(machine).stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void findsNothingToComplainOfOnAGoodMachine() {
    assertThat(examine(GOOD)).allMatch(check -> check.verdict() == Verdict.OK).hasSize(14);
  }

  @ParameterizedTest
  @ValueSource(strings = {"qemu-img", "xorriso", "mmdebstrap", "mksquashfs"})
  void failsWithoutAProgramThatBuildsNeedAndNamesItsPackage(String program) {
    Check check = check(GOOD.without(program), program);

    assertThat(check.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(check.remedy()).startsWith("apt-get install ");
  }

  @ParameterizedTest
  @EnumSource(value = Machine.Kvm.class, names = "WORKS", mode = EnumSource.Mode.EXCLUDE)
  void warnsOfEmulationAndSaysWhyItIs(Machine.Kvm kvm) {
    Check check = check(GOOD.withKvm(kvm), "KVM");

    assertThat(check.verdict()).isEqualTo(Verdict.WARN);
    assertThat(check.found()).contains("/dev/kvm", "emulated");
    assertThat(check.remedy()).isNotEmpty();
  }

  @Test
  void needsRootOnlyWhileSomethingMustBeBootstrapped() {
    assertThat(check(GOOD.asUser(Optional.empty()), "root").verdict()).isEqualTo(Verdict.FAIL);
    assertThat(check(GOOD.asUser(Optional.of(CACHE)), "root").verdict()).isEqualTo(Verdict.WARN);
  }

  @Test
  void failsOnADiskThatIsTooSmallAndWarnsOfATightOne() {
    assertThat(check(GOOD.withFree(2 * GIB), "cache").verdict()).isEqualTo(Verdict.FAIL);
    assertThat(check(GOOD.withFree(6 * GIB), "cache").verdict()).isEqualTo(Verdict.WARN);
    assertThat(check(GOOD.withFree(GIB), "memory").verdict()).isEqualTo(Verdict.WARN);
  }

  @Test
  void failsWhenTheMirrorDoesNotAnswer() {
    Check check = check(GOOD.offline(), "Debian mirror");

    assertThat(check.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(check.found()).contains("http://mirror/InRelease");
  }

  @Test
  void showsEachRemedyBelowItsCheck() {
    List<Check> checks =
        List.of(
            Check.ok("Java", "17"), Check.fail("xorriso", "not found", "apt-get install xorriso"));

    assertThat(CheckTable.lines(checks, new Screens().terminal(80, true)))
        .containsExactly(
            "ok    Java     17",
            "fail  xorriso  not found",
            "               → apt-get install xorriso");
  }
}
