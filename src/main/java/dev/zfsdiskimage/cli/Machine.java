package dev.zfsdiskimage.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What {@link Doctor} asks of the machine that zdi runs on. */
interface Machine {
  /** The feature release of the running Java, such as 17. */
  int javaRelease();

  /** Whether a program is on the search path. */
  boolean has(String program);

  /** Whether a file is there. */
  boolean hasFile(Path file);

  /** The release of QEMU and whether KVM ran a small guest; empty when there is no QEMU. */
  Optional<Qemu> qemu();

  /** QEMU here. */
  record Qemu(String version, Kvm kvm) {}

  /** How far hardware virtualization goes. */
  enum Kvm {
    WORKS,
    NO_DEVICE,
    NOT_PERMITTED,
    RUNS_NOTHING
  }

  /** Whether this process is root. */
  boolean isRoot();

  /** Whether {@code sudo} works without a password. */
  boolean canSudo();

  /** Bytes free where {@code folder} is or would be made. */
  OptionalLong freeBytes(Path folder);

  /** Bytes of memory that programs can have now. */
  OptionalLong availableMemory();

  /** Files of Debian mirrors whose presence shows that they answer, one for each mirror of apt. */
  List<String> mirrorProbes();

  /** Whether apt, with its own proxies and credentials, can fetch a file. */
  boolean canFetch(String address);

  /** Where the appliance lies ready; empty when the next build makes it first. */
  Optional<Path> appliance();
}
