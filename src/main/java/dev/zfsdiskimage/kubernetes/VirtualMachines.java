package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Bios;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Bootloader;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.ClaimVolume;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.ConfigMapVolume;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.ContainerDisk;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Cpu;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Devices;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Disk;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.DiskTarget;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Domain;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Efi;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Empty;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.EphemeralVolume;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Interface;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.KernelBoot;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.KernelContainer;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Machine;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Memory;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Network;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.PanicDevice;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Rng;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.SecretVolume;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.Volume;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Payload;
import java.util.ArrayList;
import java.util.List;

/** The VMs of an attempt: bare instances, made once, never started again. */
final class VirtualMachines {
  /**
   * Crypto self-tests take seconds under emulation; there, on a busy host, the check of the timer
   * finds it broken and panics; a panicked kernel must not linger.
   */
  private static final String KERNEL_ARGUMENTS =
      "console=ttyS0,115200 cryptomgr.notests no_timer_check panic=-1 quiet loglevel=4";

  /** Zero would cut the power: what the guest has written would be lost. */
  private static final long GRACE_SECONDS = 30;

  /** For an installed system, which stops its services first, where VMs are emulated. */
  private static final long POWER_OFF_SECONDS = 180;

  private static final String MIB = "Mi";

  private final Recipe recipe;
  private final Settings settings;

  VirtualMachines(Recipe recipe, Settings settings) {
    this.recipe = recipe;
    this.settings = settings;
  }

  /** Runs the guest program. */
  VirtualMachineInstance build(Attempt attempt) {
    Hardware hardware = new Hardware();
    hardware.claim("boot", "zdi-boot", attempt.name(Part.BOOT), false);
    hardware.claim("root", "zdi-root", attempt.name(Part.ROOT), false);
    hardware.appliance(attempt.name(Part.BUILD));
    for (int i = 0; i < recipe.payloads().size(); i++) {
      hardware.payload(attempt, i, recipe.payloads().get(i));
    }
    for (int i = 0; i < recipe.secrets().size(); i++) {
      hardware.secret(i, recipe.secrets().get(i));
    }
    boolean network = recipe.builder().network() == Recipe.Network.POD;
    return hardware.machine(attempt, Part.BUILD, 1, applianceKernel(), network);
  }

  /** Looks at the disks, which it cannot write to. */
  VirtualMachineInstance check(Attempt attempt, int run) {
    return check(attempt, Part.CHECK, run, attempt.name(Part.ROOT));
  }

  /** The same with the larger root disk, after its boot. */
  VirtualMachineInstance grown(Attempt attempt, int run) {
    return check(attempt, Part.GROWN, run, attempt.name(Part.LARGER, run));
  }

  private VirtualMachineInstance check(Attempt attempt, Part part, int run, String root) {
    Hardware hardware = new Hardware();
    hardware.claim("boot", "zdi-boot", attempt.name(Part.BOOT), true);
    hardware.claim("root", "zdi-root", root, true);
    hardware.appliance(attempt.name(part, run));
    return hardware.machine(attempt, part, run, applianceKernel(), false);
  }

  /** Boots copy-on-write copies of the result. */
  VirtualMachineInstance verify(Attempt attempt, Firmware firmware, int run) {
    Hardware hardware = new Hardware();
    hardware.copy("boot", "zdi-boot", new ClaimVolume(attempt.name(Part.BOOT), null), 1);
    hardware.copy("root", "zdi-root", new ClaimVolume(attempt.name(Part.ROOT), null), null);
    return hardware.machine(
        attempt, Part.verifying(firmware), run, installedSystem(firmware), false);
  }

  /** Boots the larger root disk with a copy-on-write copy of the boot disk. */
  VirtualMachineInstance grow(Attempt attempt, int run) {
    Hardware hardware = new Hardware();
    hardware.copy("boot", "zdi-boot", new ClaimVolume(attempt.name(Part.BOOT), null), 1);
    hardware.claim("root", "zdi-root", attempt.name(Part.LARGER, run), false);
    hardware.graceSeconds = POWER_OFF_SECONDS;
    Firmware firmware = recipe.verify().boot().orElseThrow().firmware().get(0);
    return hardware.machine(attempt, Part.GROW, run, installedSystem(firmware), false);
  }

  private static VirtualMachineInstanceSpec.Firmware installedSystem(Firmware firmware) {
    Bootloader bootloader =
        switch (firmware) {
          case BIOS -> new Bootloader(new Bios(true), null);
          case UEFI -> new Bootloader(null, new Efi(false));
        };
    return new VirtualMachineInstanceSpec.Firmware(bootloader, null);
  }

  private VirtualMachineInstanceSpec.Firmware applianceKernel() {
    return new VirtualMachineInstanceSpec.Firmware(
        null,
        new KernelBoot(
            new KernelContainer(
                image(),
                "/boot/vmlinuz",
                "/boot/initrd.img",
                settings.imagePullPolicy(),
                pullSecret()),
            KERNEL_ARGUMENTS));
  }

  private String image() {
    return recipe.builder().image().orElse(settings.builderImage());
  }

  private String pullSecret() {
    return recipe.builder().imagePullSecret().orElse(null);
  }

  /** Disks and their volumes while they are gathered. */
  private final class Hardware {
    private final List<Disk> disks = new ArrayList<>();
    private final List<Volume> volumes = new ArrayList<>();
    private long graceSeconds = GRACE_SECONDS;

    void claim(String name, String serial, String claim, boolean readOnly) {
      disk(name, serial, null, readOnly);
      volumes.add(volume(name, new ClaimVolume(claim, readOnly ? Boolean.TRUE : null)));
    }

    private static Volume volume(String name, ClaimVolume claim) {
      return new Volume(name, claim, null, null, null, null);
    }

    void copy(String name, String serial, ClaimVolume claim, Integer bootOrder) {
      disk(name, serial, bootOrder, false);
      volumes.add(new Volume(name, null, new EphemeralVolume(claim), null, null, null));
    }

    void appliance(String configMap) {
      disk("config", "zdi-config", null, true);
      volumes.add(
          new Volume(
              "config", null, null, null, new ConfigMapVolume(configMap, "zdi-config"), null));
      disk("toolbox", "zdi-toolbox", null, true);
      container("toolbox", image(), "/disk/toolbox.squashfs");
    }

    /**
     * A claim of ours is read-only as a disk, and not as a claim: KubeVirt takes over the top
     * folder of a claim that it was not given yet, and that fails when it is mounted read-only. One
     * of somebody else's it must neither take over nor enlarge, which it does not do to the origin
     * of a copy-on-write copy (pkg/host-disk and virt-launcher's expandDiskImagesOffline of 1.9).
     */
    void payload(Attempt attempt, int number, Payload payload) {
      String name = "payload-" + number;
      if (Staging.isStaged(payload)) {
        disk(name, "zdi-" + name, null, true);
        volumes.add(volume(name, new ClaimVolume(Staging.claim(attempt, number), null)));
        return;
      }
      if (payload instanceof Payload.VolumeClaim claim) {
        copy(name, "zdi-" + name, new ClaimVolume(claim.claimName(), true), null);
        return;
      }
      disk(name, "zdi-" + name, null, true);
      container(name, payloadImage(payload), null);
    }

    void secret(int number, String secret) {
      String name = "secret-" + number;
      disk(name, "zdi-" + name, null, true);
      volumes.add(
          new Volume(name, null, null, null, null, new SecretVolume(secret, "zdi-" + name)));
    }

    VirtualMachineInstance machine(
        Attempt attempt,
        Part part,
        int run,
        VirtualMachineInstanceSpec.Firmware firmware,
        boolean network) {
      VirtualMachineInstance machine = new VirtualMachineInstance();
      machine.setMetadata(attempt.metadata(part, run));
      machine.setSpec(
          new VirtualMachineInstanceSpec(
              new Domain(
                  new Machine("q35"),
                  new Cpu(recipe.builder().cores()),
                  new Memory((recipe.builder().memoryBytes() >> 20) + MIB),
                  firmware,
                  devices(network),
                  settings.rebootPolicy() ? "Terminate" : null),
              volumes,
              network ? List.of(new Network("default", new Empty())) : null,
              graceSeconds,
              "None",
              Manifests.ARCHITECTURE,
              recipe.builder().nodeSelector(),
              Jobs.tolerations(recipe)));
      return machine;
    }

    private Devices devices(boolean network) {
      return new Devices(
          disks,
          network ? List.of(new Interface("default", new Empty())) : null,
          network ? null : Boolean.FALSE,
          false,
          false,
          true,
          true,
          true,
          new Rng(),
          settings.panicDevices() ? List.of(new PanicDevice("isa")) : null);
    }

    private void disk(String name, String serial, Integer bootOrder, boolean readOnly) {
      disks.add(
          new Disk(
              name, serial, bootOrder, new DiskTarget("virtio", readOnly ? Boolean.TRUE : null)));
    }

    private void container(String name, String image, String path) {
      volumes.add(
          new Volume(
              name,
              null,
              null,
              new ContainerDisk(image, path, settings.imagePullPolicy(), pullSecret()),
              null,
              null));
    }
  }

  private String payloadImage(Payload payload) {
    if (payload instanceof Payload.OciImage image) {
      return image.reference();
    }
    return settings.debianImage().orElseThrow();
  }
}
