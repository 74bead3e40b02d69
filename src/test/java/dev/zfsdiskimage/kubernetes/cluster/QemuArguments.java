package dev.zfsdiskimage.kubernetes.cluster;

import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Disk;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Domain;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Firmware;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.KernelBoot;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Volume;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A VM of KubeVirt's as a command line of QEMU, emulated. */
final class QemuArguments {
  private static final String PROGRAM = "qemu-system-x86_64";

  /** What virtio-blk shows of a serial. */
  private static final int SERIAL = 20;

  private final NodeVolumes volumes;
  private final NodeImages images;

  QemuArguments(NodeVolumes volumes, NodeImages images) {
    this.volumes = volumes;
    this.images = images;
  }

  /** The command, program first; its stdin and stdout are the serial console. */
  List<String> of(VirtualMachineInstance vm) throws IOException, InterruptedException {
    VirtualMachineInstanceSpec spec = vm.getSpec();
    Domain domain = spec.domain();
    List<String> words =
        new ArrayList<>(
            List.of(
                PROGRAM,
                "-nodefaults",
                "-no-user-config",
                "-no-reboot",
                "-display",
                "none",
                "-serial",
                "stdio",
                "-machine",
                domain.machine().type() + ",graphics=off",
                "-accel",
                "tcg,thread=multi",
                "-cpu",
                "max,-cx16",
                "-device",
                "virtio-rng-pci"));
    words.addAll(List.of("-smp", domain.cpu().cores().toString()));
    words.addAll(
        List.of(
            "-m",
            (Quantity.getAmountInBytes(new Quantity(domain.memory().guest())).longValueExact()
                    >> 20)
                + "M"));
    if (domain.devices().panicDevices() != null) {
      words.addAll(List.of("-device", "pvpanic"));
    }
    firmware(words, domain.firmware());
    for (Disk disk : domain.devices().disks()) {
      disk(words, disk, volume(spec, disk));
    }
    return words;
  }

  private void firmware(List<String> words, Firmware firmware) throws IOException {
    if (firmware.bootloader() != null && firmware.bootloader().bios() != null) {
      // QEMU's own.
      return;
    }
    if (firmware.kernelBoot() == null) {
      throw new IllegalStateException("this node has no firmware such as " + firmware);
    }
    KernelBoot boot = firmware.kernelBoot();
    String image = boot.container().image();
    words.addAll(
        List.of(
            "-kernel", images.file(image, boot.container().kernelPath()).toString(),
            "-initrd", images.file(image, boot.container().initrdPath()).toString(),
            "-append", boot.kernelArgs()));
  }

  private void disk(List<String> words, Disk disk, Volume volume)
      throws IOException, InterruptedException {
    boolean readOnly = Boolean.TRUE.equals(disk.disk().readOnly());
    words.addAll(
        List.of(
            "-drive",
            "if=none,format=raw,cache=unsafe,id=%s,file=%s,readonly=%s,snapshot=%s"
                .formatted(
                    disk.name(),
                    file(volume).toString().replace(",", ",,"),
                    readOnly ? "on" : "off",
                    volume.ephemeral() == null ? "off" : "on"),
            "-device",
            "virtio-blk-pci,drive=%s,serial=%s%s"
                .formatted(
                    disk.name(),
                    disk.serial().substring(0, Math.min(SERIAL, disk.serial().length())),
                    disk.bootOrder() == null ? "" : ",bootindex=" + disk.bootOrder())));
  }

  private Path file(Volume volume) throws IOException, InterruptedException {
    if (volume.persistentVolumeClaim() != null) {
      return volumes.claim(volume.persistentVolumeClaim().claimName()).resolve("disk.img");
    }
    if (volume.ephemeral() != null) {
      return volumes
          .claim(volume.ephemeral().persistentVolumeClaim().claimName())
          .resolve("disk.img");
    }
    if (volume.containerDisk() != null) {
      return images.disk(volume.containerDisk().image(), volume.containerDisk().path());
    }
    if (volume.configMap() != null) {
      return volumes.configDisk(volume.configMap().name(), volume.configMap().volumeLabel());
    }
    if (volume.secret() != null) {
      return volumes.secretDisk(volume.secret().secretName(), volume.secret().volumeLabel());
    }
    throw new IllegalStateException("this node knows no volume such as " + volume);
  }

  private static Volume volume(VirtualMachineInstanceSpec spec, Disk disk) {
    return spec.volumes().stream()
        .filter(volume -> volume.name().equals(disk.name()))
        .findFirst()
        .orElseThrow();
  }
}
