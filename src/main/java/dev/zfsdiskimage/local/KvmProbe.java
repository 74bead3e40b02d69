package dev.zfsdiskimage.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Whether an accelerator really runs guests. A {@code /dev/kvm} that opens proves nothing: inside
 * some VMs the first instruction hangs, inside others it is the first one that KVM's own emulator
 * does not know. So guests are run, with a deadline.
 */
final class KvmProbe {
  /** With {@code isa-debug-exit}, writing v to the port ends QEMU with status 2v + 1. */
  private static final int SAID = 0x2a;

  private static final int STATUS = 2 * SAID + 1;

  /** An idle machine answers in a quarter of a second. */
  private static final long DEADLINE_SECONDS = 6;

  /** With a working KVM the kernel's first line comes within a second, its last after another. */
  private static final long KERNEL_DEADLINE_SECONDS = 20;

  private static final String KERNEL_FIRST_LINE = "Linux version ";

  /** What a kernel that has no root file system says at the end of its start. */
  private static final String KERNEL_STARTED = "Kernel panic - not syncing: VFS";

  private static final int FIRMWARE_BYTES = 64 << 10;

  private final ChildProcesses children;

  KvmProbe(ChildProcesses children) {
    this.children = children;
  }

  /** Runs a guest of three instructions: quick, and proves little. */
  boolean runsInstructions(Accelerator accelerator) throws IOException, InterruptedException {
    if (accelerator == Accelerator.KVM && !Files.isWritable(Path.of("/dev/kvm"))) {
      return false;
    }
    Path firmware = Files.createTempFile("zdi-probe-", ".rom");
    try {
      Files.write(firmware, firmware());
      return run(accelerator, firmware) == STATUS;
    } finally {
      Files.delete(firmware);
    }
  }

  /** Starts a Linux kernel, as every builder VM does: proves that it works. */
  boolean startsKernel(Accelerator accelerator, QemuVersion version, Path kernel)
      throws IOException, InterruptedException {
    List<String> command = bareMachine();
    command.addAll(
        List.of(
            "-accel",
            accelerator == Accelerator.KVM ? "kvm" : "tcg,thread=multi",
            "-cpu",
            accelerator.cpuModel(version),
            "-m",
            "256M",
            "-smp",
            "2",
            "-serial",
            "stdio",
            "-kernel",
            kernel.toString(),
            "-append",
            "console=ttyS0 earlyprintk=ttyS0 cryptomgr.notests panic=-1"));
    Process process =
        children.start(
            new ProcessBuilder(command).redirectErrorStream(true), ChildProcesses.AtOurDeath.KILL);
    try (Scanner console = new Scanner(process.getInputStream(), StandardCharsets.ISO_8859_1)) {
      return within(DEADLINE_SECONDS, process, () -> says(console, KERNEL_FIRST_LINE))
          && within(KERNEL_DEADLINE_SECONDS, process, () -> says(console, KERNEL_STARTED));
    } finally {
      process.destroyForcibly();
    }
  }

  /** What the console says in time; a process that says nothing is ended. */
  private static boolean within(long seconds, Process process, BooleanSupplier says)
      throws InterruptedException {
    CompletableFuture<Boolean> answer = CompletableFuture.supplyAsync(says::getAsBoolean);
    try {
      return answer.get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      process.destroyForcibly();
      return false;
    }
  }

  /** Reads until the words come, or the end, or KVM gives up on the guest. */
  private static boolean says(Scanner console, String words) {
    while (console.hasNextLine()) {
      String line = console.nextLine();
      if (line.contains(words)) {
        return true;
      }
      if (line.startsWith("KVM internal error")) {
        return false;
      }
    }
    return false;
  }

  /** A machine with nothing on it but what every machine has. */
  private static List<String> bareMachine() {
    return new ArrayList<>(
        List.of(
            Hypervisor.PROGRAM,
            "-nodefaults",
            "-no-user-config",
            "-no-reboot",
            "-display",
            "none",
            "-machine",
            "q35"));
  }

  private int run(Accelerator accelerator, Path firmware) throws IOException, InterruptedException {
    List<String> command = bareMachine();
    command.addAll(
        List.of(
            "-accel",
            accelerator == Accelerator.KVM ? "kvm" : "tcg",
            "-m",
            "16M",
            "-device",
            "isa-debug-exit,iobase=0xf4,iosize=0x01",
            "-bios",
            firmware.toString()));
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

  /** At the reset vector, 16 bytes before the end: {@code mov al, SAID; out 0xf4, al; hlt}. */
  private static byte[] firmware() {
    byte[] rom = new byte[FIRMWARE_BYTES];
    byte[] code = {(byte) 0xb0, SAID, (byte) 0xe6, (byte) 0xf4, (byte) 0xf4};
    System.arraycopy(code, 0, rom, FIRMWARE_BYTES - 16, code.length);
    return rom;
  }
}
