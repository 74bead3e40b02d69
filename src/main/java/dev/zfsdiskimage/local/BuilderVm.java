package dev.zfsdiskimage.local;

import dev.zfsdiskimage.local.VirtualMachine.Access;
import dev.zfsdiskimage.local.VirtualMachine.Disk;
import dev.zfsdiskimage.local.VirtualMachine.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Describes VMs that boot the appliance and run a guest program. */
record BuilderVm(Appliance appliance, Accelerator accelerator, long memoryBytes, int cores) {
  /**
   * Crypto self-tests take seconds under emulation; there, on a busy host, the check of the timer
   * finds it broken and panics; a panicked kernel must not linger.
   */
  private static final String KERNEL_COMMAND_LINE =
      "console=ttyS0,115200 cryptomgr.notests no_timer_check panic=-1 quiet loglevel=4";

  /**
   * A VM with the appliance's disk first.
   *
   * @param config the config disk
   * @param others the disks that the program works on
   */
  VirtualMachine with(String name, Path config, List<Disk> others, Network network) {
    List<Disk> disks = new ArrayList<>();
    disks.add(Disk.raw("zdi-toolbox", appliance.toolbox(), Access.READ_ONLY));
    disks.add(Disk.raw("zdi-config", config, Access.READ_ONLY));
    disks.addAll(others);
    return new VirtualMachine(
        name,
        accelerator,
        memoryBytes >> 20,
        cores,
        network,
        new VirtualMachine.Boot.Kernel(
            appliance.kernel(), appliance.initramfs(), KERNEL_COMMAND_LINE),
        List.copyOf(disks),
        VirtualMachine.Console.STDOUT,
        Optional.empty());
  }
}
