package dev.zfsdiskimage.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Looks whether this machine can build images, and says what to do where it can't. */
final class Doctor {
  private static final long GIB = 1L << 30;

  /**
   * The appliance, Debian's packages and a root file system while they are made; measured: 4 GiB.
   */
  private static final long CACHE_LEAST = 4 * GIB;

  private static final long CACHE_GOOD = 10 * GIB;

  /** A small Debian's two sparse disks, and their copies in another format. */
  private static final long OUTPUT_LEAST = GIB;

  private static final long OUTPUT_GOOD = 4 * GIB;

  /** The builder VM's default memory, with QEMU and zdi beside it. */
  private static final long MEMORY_LEAST = 5 * GIB / 2;

  private final Machine machine;
  private final Path cache;
  private final Path folder;

  /**
   * @param cache where appliances and packages are kept
   * @param folder where images would be written
   */
  Doctor(Machine machine, Path cache, Path folder) {
    this.machine = machine;
    this.cache = cache;
    this.folder = folder;
  }

  List<Check> examine() {
    List<Check> checks = new ArrayList<>();
    checks.add(java());
    Optional<Machine.Qemu> qemu = machine.qemu();
    checks.add(qemu(qemu));
    qemu.ifPresent(found -> checks.add(kvm(found.kvm())));
    checks.add(program("qemu-img", "qemu-utils"));
    checks.add(program("xorriso", "xorriso"));
    checks.add(firmware());
    checks.add(program("mmdebstrap", "mmdebstrap"));
    checks.add(program("mksquashfs", "squashfs-tools"));
    checks.add(rights());
    checks.add(appliance());
    checks.addAll(mirrors());
    checks.add(space("cache", cache, CACHE_LEAST, CACHE_GOOD, "set ZDI_CACHE to a larger one"));
    checks.add(
        space("this folder", folder, OUTPUT_LEAST, OUTPUT_GOOD, "build into another with -o"));
    checks.add(memory());
    return List.copyOf(checks);
  }

  private Check java() {
    int release = machine.javaRelease();
    return release >= 17
        ? Check.ok("Java", Integer.toString(release))
        : Check.fail("Java", Integer.toString(release), "install a JDK of version 17 or newer");
  }

  private static Check qemu(Optional<Machine.Qemu> qemu) {
    return qemu.map(found -> Check.ok("QEMU", found.version()))
        .orElseGet(() -> missing("QEMU", "qemu-system-x86"));
  }

  private static Check kvm(Machine.Kvm kvm) {
    return switch (kvm) {
      case WORKS -> Check.ok("KVM", "works");
      case NO_DEVICE ->
          Check.warn(
              "KVM",
              "no /dev/kvm; builds are emulated, several times slower",
              "turn on (nested) virtualization, and load kvm_intel or kvm_amd");
      case NOT_PERMITTED ->
          Check.warn(
              "KVM",
              "/dev/kvm may not be opened; builds are emulated, several times slower",
              "add yourself to the group kvm: sudo usermod -aG kvm $USER, then log in again");
      case RUNS_NOTHING ->
          Check.warn(
              "KVM",
              "/dev/kvm opens and runs no guest; builds are emulated, several times slower",
              "turn on nested virtualization in the hypervisor under this machine");
    };
  }

  private Check program(String program, String debianPackage) {
    return machine.has(program) ? Check.ok(program, "found") : missing(program, debianPackage);
  }

  private static Check missing(String name, String debianPackage) {
    return Check.fail(name, "not found", "apt-get install " + debianPackage);
  }

  private Check firmware() {
    boolean found =
        machine.hasFile(Path.of("/usr/share/OVMF/OVMF_CODE_4M.fd"))
            || machine.hasFile(Path.of("/usr/share/OVMF/OVMF_CODE.fd"));
    return found
        ? Check.ok("OVMF", "found")
        : Check.warn("OVMF", "not found; nothing can be booted under UEFI", "apt-get install ovmf");
  }

  private Check rights() {
    if (machine.isRoot()) {
      return Check.ok("root", "yes");
    }
    boolean ready = machine.appliance().isPresent();
    String found = machine.canSudo() ? "no, and sudo works" : "no, and sudo wants a password";
    String remedy = "run zdi with sudo -E: bootstrapping Debian needs root";
    return ready ? Check.warn("root", found, remedy) : Check.fail("root", found, remedy);
  }

  private Check appliance() {
    return machine
        .appliance()
        .map(path -> Check.ok("appliance", path.toString()))
        .orElseGet(
            () ->
                Check.warn(
                    "appliance",
                    "not made yet",
                    "the first build makes it, or: zdi appliance build"));
  }

  private List<Check> mirrors() {
    List<String> probes = machine.mirrorProbes();
    if (probes.isEmpty()) {
      return List.of(
          Check.fail(
              "Debian mirror", "apt knows none", "run apt-get update, or set ZDI_DEBIAN_MIRROR"));
    }
    return probes.stream()
        .map(
            probe ->
                machine.canFetch(probe)
                    ? Check.ok("Debian mirror", "answers")
                    : Check.fail(
                        "Debian mirror",
                        "cannot fetch " + probe,
                        "check the network, apt's sources and its proxy; or set ZDI_DEBIAN_MIRROR"))
        .toList();
  }

  private Check space(String name, Path path, long least, long good, String otherwise) {
    OptionalLong free = machine.freeBytes(path);
    if (free.isEmpty()) {
      return Check.fail(name, path + " cannot be used", otherwise);
    }
    String found = Quantity.bytes(free.getAsLong()) + " free in " + path;
    String remedy = "free space to have " + Quantity.bytes(good) + ", or " + otherwise;
    if (free.getAsLong() < least) {
      return Check.fail(name, found, remedy);
    }
    return free.getAsLong() < good ? Check.warn(name, found, remedy) : Check.ok(name, found);
  }

  private Check memory() {
    OptionalLong available = machine.availableMemory();
    if (available.isEmpty()) {
      return Check.warn("memory", "unknown", "see that 2.5 GiB are free");
    }
    String found = Quantity.bytes(available.getAsLong()) + " available";
    return available.getAsLong() >= MEMORY_LEAST
        ? Check.ok("memory", found)
        : Check.warn(
            "memory", found, "free some, or lower spec.builder.memory (2Gi unless it is set)");
  }
}
