package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zfsdiskimage.local.VirtualMachine.Access;
import dev.zfsdiskimage.local.VirtualMachine.Boot;
import dev.zfsdiskimage.local.VirtualMachine.Console;
import dev.zfsdiskimage.local.VirtualMachine.Disk;
import dev.zfsdiskimage.local.VirtualMachine.Network;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QemuCommandLineTest {
  private static final QemuVersion SEVEN = new QemuVersion(7, 2);
  private static final Disk ROOT =
      Disk.raw("zdi-root", Path.of("/out/root.raw"), Access.READ_WRITE);

  @Test
  void bootsTheApplianceKernelWithItsDisksBySerial() {
    VirtualMachine vm =
        vm(
            Accelerator.TCG,
            Network.NONE,
            new Boot.Kernel(Path.of("/a/vmlinuz"), Path.of("/a/initramfs"), "console=ttyS0"),
            Disk.raw("zdi-toolbox", Path.of("/a/toolbox.squashfs"), Access.READ_ONLY),
            ROOT);

    List<String> arguments = new QemuCommandLine(SEVEN).arguments(vm);

    assertThat(arguments)
        .containsExactly(
            "-name",
            "zdi-web",
            "-nodefaults",
            "-no-user-config",
            "-no-reboot",
            "-display",
            "none",
            "-machine",
            "q35",
            "-accel",
            "tcg,thread=multi",
            "-cpu",
            "max,-cx16",
            "-m",
            "2048M",
            "-smp",
            "2",
            "-device",
            "pvpanic",
            "-object",
            "rng-random,id=entropy,filename=/dev/urandom",
            "-device",
            "virtio-rng-pci,rng=entropy",
            "-chardev",
            "stdio,id=console,signal=off",
            "-serial",
            "chardev:console",
            "-chardev",
            "socket,id=qmp,path=/tmp/q/s,server=off",
            "-mon",
            "chardev=qmp,mode=control",
            "-blockdev",
            "{\"node-name\":\"disk0\",\"driver\":\"raw\",\"read-only\":true,\"file\":"
                + "{\"driver\":\"file\",\"filename\":\"/a/toolbox.squashfs\",\"read-only\":true}}",
            "-device",
            "virtio-blk-pci,drive=disk0,serial=zdi-toolbox",
            "-blockdev",
            "{\"node-name\":\"disk1\",\"driver\":\"raw\",\"discard\":\"unmap\","
                + "\"cache\":{\"direct\":false,\"no-flush\":true},\"file\":"
                + "{\"driver\":\"file\",\"filename\":\"/out/root.raw\",\"discard\":\"unmap\","
                + "\"cache\":{\"direct\":false,\"no-flush\":true}}}",
            "-device",
            "virtio-blk-pci,drive=disk1,serial=zdi-root,werror=stop",
            "-kernel",
            "/a/vmlinuz",
            "-initrd",
            "/a/initramfs",
            "-append",
            "console=ttyS0");
  }

  @Test
  void usesTheHostsProcessorWithKvm() {
    List<String> arguments =
        new QemuCommandLine(SEVEN).arguments(vm(Accelerator.KVM, Network.NONE, new Boot.Bios()));

    assertThat(arguments).containsSubsequence("-accel", "kvm", "-cpu", "host");
  }

  @Test
  void emulatesEveryFeatureFromQemu10On() {
    VirtualMachine vm = vm(Accelerator.TCG, Network.NONE, new Boot.Bios());

    assertThat(new QemuCommandLine(new QemuVersion(10, 0)).arguments(vm))
        .containsSubsequence("-cpu", "max", "-m");
  }

  @Test
  void bootsTheFirstDiskUnderUefiFromFlash() {
    VirtualMachine vm =
        vm(
            Accelerator.TCG,
            Network.NONE,
            new Boot.Uefi(Path.of("/fw/CODE.fd"), Path.of("/out/vars")),
            ROOT);

    List<String> arguments = new QemuCommandLine(SEVEN).arguments(vm);

    assertThat(arguments)
        .contains(
            "q35,pflash0=firmware-code,pflash1=firmware-variables",
            "{\"node-name\":\"firmware-code\",\"driver\":\"raw\",\"read-only\":true,\"file\":"
                + "{\"driver\":\"file\",\"filename\":\"/fw/CODE.fd\",\"read-only\":true}}",
            "{\"node-name\":\"firmware-variables\",\"driver\":\"raw\",\"read-only\":false,\"file\":"
                + "{\"driver\":\"file\",\"filename\":\"/out/vars\",\"read-only\":false}}",
            "virtio-blk-pci,drive=disk0,serial=zdi-root,werror=stop,bootindex=0");
  }

  @Test
  void hasNoNetworkCardUnlessAskedFor() {
    QemuCommandLine commandLine = new QemuCommandLine(SEVEN);

    assertThat(commandLine.arguments(vm(Accelerator.TCG, Network.NONE, new Boot.Bios())))
        .noneMatch(word -> word.contains("net0"));
    assertThat(commandLine.arguments(vm(Accelerator.TCG, Network.OPEN, new Boot.Bios())))
        .contains("user,id=net0");
    assertThat(commandLine.arguments(vm(Accelerator.TCG, Network.ISOLATED, new Boot.Bios())))
        .contains("user,id=net0,restrict=on");
  }

  @Test
  void keepsCommasQuotesAndSpacesOfAFileName() {
    Disk odd = Disk.raw("zdi-root", Path.of("/out/a, \"b\",file=c"), Access.READ_ONLY);

    assertThat(
            new QemuCommandLine(SEVEN)
                .arguments(vm(Accelerator.TCG, Network.NONE, new Boot.Bios(), odd)))
        .anyMatch(word -> word.contains("\"filename\":\"/out/a, \\\"b\\\",file=c\""));
  }

  @Test
  void refusesASerialThatVirtioBlkWouldCut() {
    assertThatThrownBy(() -> Disk.raw("zdi-payload-123456789", Path.of("/p"), Access.READ_ONLY))
        .hasMessageContaining("zdi-payload-123456789");
  }

  private static VirtualMachine vm(
      Accelerator accelerator, Network network, Boot boot, Disk... disks) {
    return new VirtualMachine(
        "zdi-web",
        accelerator,
        2048,
        2,
        network,
        boot,
        List.of(disks),
        Console.STDOUT,
        Optional.of(Path.of("/tmp/q/s")));
  }
}
