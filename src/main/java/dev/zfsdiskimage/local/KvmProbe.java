package dev.zfsdiskimage.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Whether an accelerator really runs guests. A {@code /dev/kvm} that opens proves nothing: inside
 * some VMs the first instruction hangs. So a guest of one boot sector is run, with a deadline.
 */
final class KvmProbe {
  /** With {@code isa-debug-exit}, writing v to the port ends QEMU with status 2v + 1. */
  private static final int SAID = 0x2a;

  private static final int STATUS = 2 * SAID + 1;

  /** A working KVM answers in half a second; emulation in one. */
  private static final long DEADLINE_SECONDS = 15;

  private final ChildProcesses children;

  KvmProbe(ChildProcesses children) {
    this.children = children;
  }

  boolean works(Accelerator accelerator) throws IOException, InterruptedException {
    if (accelerator == Accelerator.KVM && !Files.isWritable(Path.of("/dev/kvm"))) {
      return false;
    }
    Path disk = Files.createTempFile("zdi-probe-", ".img");
    try {
      Files.write(disk, bootSector());
      return run(accelerator, disk) == STATUS;
    } finally {
      Files.delete(disk);
    }
  }

  private int run(Accelerator accelerator, Path disk) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Hypervisor.PROGRAM,
            "-nodefaults",
            "-no-user-config",
            "-no-reboot",
            "-display",
            "none",
            "-machine",
            "q35",
            "-accel",
            accelerator == Accelerator.KVM ? "kvm" : "tcg",
            "-m",
            "32M",
            "-device",
            "isa-debug-exit,iobase=0xf4,iosize=0x01",
            "-drive",
            "if=none,id=disk,format=raw,read-only=on,file=" + disk,
            "-device",
            "virtio-blk-pci,drive=disk,bootindex=0");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = children.start(builder, ChildProcesses.AtOurDeath.KILL);
    try {
      return process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } finally {
      process.destroyForcibly();
    }
  }

  /** {@code mov al, SAID; out 0xf4, al; cli; hlt}, and the signature of a boot sector. */
  private static byte[] bootSector() {
    byte[] sector = new byte[512];
    byte[] code = {(byte) 0xb0, SAID, (byte) 0xe6, (byte) 0xf4, (byte) 0xfa, (byte) 0xf4};
    System.arraycopy(code, 0, sector, 0, code.length);
    sector[510] = 0x55;
    sector[511] = (byte) 0xaa;
    return sector;
  }
}
