package dev.zfsdiskimage.local;

/** How the processor of a VM is provided. */
public enum Accelerator {
  /** The host's own processor. */
  KVM,
  /** Emulated by QEMU; many times slower. */
  TCG;

  /** What a person should know about it. */
  public String note() {
    return this == KVM
        ? "KVM works on this machine"
        : "KVM does not work on this machine: the VMs are emulated, which is many times slower";
  }

  /** The CPU model that suits the builder's kernel. */
  String cpuModel(QemuVersion version) {
    if (this == KVM) {
      return "host";
    }
    // Before QEMU 10, emulated cmpxchg16b makes Linux 6.12 double-fault in one boot of five.
    return version.atLeast(10) ? "max" : "max,-cx16";
  }
}
