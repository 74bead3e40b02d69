package dev.zfsdiskimage.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A VM to run with QEMU.
 *
 * @param name stands in the process list
 * @param console where its first serial port goes
 * @param qmpSocket the socket on which its monitor calls us
 */
record VirtualMachine(
    String name,
    Accelerator accelerator,
    long memoryMiB,
    int cores,
    Network network,
    Boot boot,
    List<Disk> disks,
    Console console,
    Optional<Path> qmpSocket) {

  /** The same VM, which calls us on {@code socket}. */
  VirtualMachine withMonitor(Path socket) {
    return new VirtualMachine(
        name, accelerator, memoryMiB, cores, network, boot, disks, console, Optional.of(socket));
  }

  /** What runs first. */
  sealed interface Boot {
    /** A Linux kernel, with neither firmware nor boot loader. */
    record Kernel(Path kernel, Path initramfs, String commandLine) implements Boot {}

    /** SeaBIOS and the first disk. */
    record Bios() implements Boot {}

    /**
     * OVMF and the first disk.
     *
     * @param code the firmware's read-only part
     * @param variables this VM's own copy of the firmware's variables
     */
    record Uefi(Path code, Path variables) implements Boot {}
  }

  /**
   * A virtio-blk disk.
   *
   * @param serial at most 20 characters, or virtio-blk cuts it
   * @param format as QEMU names it: {@code raw}, {@code qcow2}, {@code vdi}, {@code vpc}
   */
  record Disk(String serial, Path file, String format, Access access) {
    Disk {
      if (serial.length() > 20) {
        throw new IllegalArgumentException("disk serial longer than 20 characters: " + serial);
      }
    }

    static Disk raw(String serial, Path file, Access access) {
      return new Disk(serial, file, "raw", access);
    }
  }

  /** What the VM may do with a disk. */
  enum Access {
    READ_ONLY,
    READ_WRITE
  }

  /** What the VM's network card leads to. */
  enum Network {
    /** There is no card. */
    NONE,
    /** The networks of this machine, by address translation. */
    OPEN,
    /** DHCP and nothing behind it. */
    ISOLATED
  }

  /** Where the first serial port goes. */
  enum Console {
    /** QEMU's stdout. */
    STDOUT,
    /** The terminal, with QEMU's monitor behind Ctrl-A C. */
    TERMINAL
  }
}
