package dev.zfsdiskimage.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.local.VirtualMachine.Access;
import dev.zfsdiskimage.local.VirtualMachine.Boot;
import dev.zfsdiskimage.local.VirtualMachine.Console;
import dev.zfsdiskimage.local.VirtualMachine.Disk;
import dev.zfsdiskimage.local.VirtualMachine.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The arguments of {@code qemu-system-x86_64} for a VM. */
final class QemuCommandLine {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final QemuVersion version;

  QemuCommandLine(QemuVersion version) {
    this.version = version;
  }

  /** The arguments, without the program. */
  List<String> arguments(VirtualMachine vm) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-name", vm.name(), "-nodefaults", "-no-user-config", "-no-reboot"));
    arguments.addAll(List.of("-display", "none"));
    machine(arguments, vm);
    arguments.addAll(List.of("-device", "pvpanic"));
    arguments.addAll(
        List.of(
            "-object",
            "rng-random,id=entropy,filename=/dev/urandom",
            "-device",
            "virtio-rng-pci,rng=entropy"));
    console(arguments, vm);
    for (int index = 0; index < vm.disks().size(); index++) {
      disk(arguments, vm, index);
    }
    if (vm.network() != Network.NONE) {
      String restrict = vm.network() == Network.ISOLATED ? ",restrict=on" : "";
      arguments.addAll(
          List.of(
              "-netdev",
              "user,id=net0" + restrict,
              "-device",
              "virtio-net-pci,netdev=net0,romfile="));
    }
    if (vm.boot() instanceof Boot.Kernel kernel) {
      arguments.addAll(
          List.of(
              "-kernel",
              kernel.kernel().toString(),
              "-initrd",
              kernel.initramfs().toString(),
              "-append",
              kernel.commandLine()));
    }
    return List.copyOf(arguments);
  }

  private void machine(List<String> arguments, VirtualMachine vm) {
    String machine = "q35";
    if (vm.boot() instanceof Boot.Uefi uefi) {
      arguments.addAll(List.of("-blockdev", flash("firmware-code", uefi.code(), true)));
      arguments.addAll(List.of("-blockdev", flash("firmware-variables", uefi.variables(), false)));
      machine += ",pflash0=firmware-code,pflash1=firmware-variables";
    }
    arguments.addAll(List.of("-machine", machine));
    arguments.addAll(
        List.of("-accel", vm.accelerator() == Accelerator.KVM ? "kvm" : "tcg,thread=multi"));
    arguments.addAll(List.of("-cpu", vm.accelerator().cpuModel(version)));
    arguments.addAll(List.of("-m", vm.memoryMiB() + "M", "-smp", Integer.toString(vm.cores())));
  }

  private static void console(List<String> arguments, VirtualMachine vm) {
    if (vm.console() == Console.TERMINAL) {
      arguments.addAll(List.of("-serial", "mon:stdio"));
    } else {
      arguments.addAll(
          List.of("-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"));
    }
    vm.qmpSocket()
        .ifPresent(
            socket ->
                arguments.addAll(
                    List.of(
                        "-chardev",
                        "socket,id=qmp,path=" + escaped(socket) + ",server=off",
                        "-mon",
                        "chardev=qmp,mode=control")));
  }

  private static void disk(List<String> arguments, VirtualMachine vm, int index) {
    Disk disk = vm.disks().get(index);
    boolean readOnly = disk.access() == Access.READ_ONLY;
    String node = "disk" + index;
    arguments.addAll(List.of("-blockdev", node(node, disk, readOnly)));
    // A full or failing host disk stops the VM, which QMP then tells, instead of an I/O error that
    // the guest would have to interpret.
    String device = "virtio-blk-pci,drive=" + node + ",serial=" + disk.serial();
    if (!readOnly) {
      device += ",werror=stop";
    }
    if (index == 0 && !(vm.boot() instanceof Boot.Kernel)) {
      device += ",bootindex=0";
    }
    arguments.addAll(List.of("-device", device));
  }

  private static String node(String name, Disk disk, boolean readOnly) {
    ObjectNode file = JSON.createObjectNode();
    file.put("driver", "file").put("filename", disk.file().toString());
    options(file, readOnly);
    ObjectNode node = JSON.createObjectNode();
    node.put("node-name", name).put("driver", disk.format());
    options(node, readOnly);
    node.set("file", file);
    return text(node);
  }

  private static void options(ObjectNode node, boolean readOnly) {
    if (readOnly) {
      node.put("read-only", true);
      return;
    }
    node.put("discard", "unmap");
    // The disks of a build that the host's crash interrupts are worth nothing; what is published
    // is synced then.
    node.putObject("cache").put("direct", false).put("no-flush", true);
  }

  private static String flash(String name, Path file, boolean readOnly) {
    ObjectNode node = JSON.createObjectNode();
    node.put("node-name", name).put("driver", "raw").put("read-only", readOnly);
    node.putObject("file")
        .put("driver", "file")
        .put("filename", file.toString())
        .put("read-only", readOnly);
    return text(node);
  }

  private static String text(ObjectNode node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and booleans is always JSON", e);
    }
  }

  /** QEMU's option lists take a comma in a value when it is doubled. */
  private static String escaped(Path path) {
    return path.toString().replace(",", ",,");
  }
}
