package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.guest.GuestProgram;
import dev.zfsdiskimage.local.VirtualMachine.Access;
import dev.zfsdiskimage.local.VirtualMachine.Disk;
import dev.zfsdiskimage.local.VirtualMachine.Network;
import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the disks of an attempt. */
final class Provisioning {
  private final Order order;
  private final Hypervisor hypervisor;
  private final ApplianceStore appliances;
  private final PayloadStore payloads;
  private final IsoImage isoImage;
  private final Recorder recorder;

  Provisioning(
      Order order,
      Hypervisor hypervisor,
      ApplianceStore appliances,
      PayloadStore payloads,
      IsoImage isoImage,
      Recorder recorder) {
    this.order = order;
    this.hypervisor = hypervisor;
    this.appliances = appliances;
    this.payloads = payloads;
    this.isoImage = isoImage;
    this.recorder = recorder;
  }

  /**
   * A builder VM that is ready to start.
   *
   * @param nonce what its messages carry
   * @param builder for other VMs with the same appliance
   */
  record Provisioned(String nonce, BuilderVm builder, VirtualMachine vm) {}

  /**
   * Makes blank disks, the config disk, payload and secret disks.
   *
   * @param shared for what all attempts have in common
   */
  Provisioned provision(AttemptFiles files, Path shared) throws BuildFailure, InterruptedException {
    Recipe recipe = order.recipe();
    payloads.requireRoom(recipe, recorder::activity);
    Appliance appliance = appliances.get(recorder::activity);
    Accelerator accelerator = hypervisor.prove(appliance);
    recorder.note(accelerator.note());
    List<Disk> disks = new ArrayList<>();
    Map<Integer, Long> payloadBytes = new HashMap<>();
    try {
      for (int index = 0; index < recipe.payloads().size(); index++) {
        Path file =
            payloads.prepare(
                recipe.payloads().get(index),
                shared.resolve("payload-" + index + ".tar"),
                recorder::activity);
        payloads.requireRoom(recipe, index, file);
        payloadBytes.put(index, Files.size(file));
        disks.add(Disk.raw("zdi-payload-" + index, file, Access.READ_ONLY));
      }
      Files.createDirectory(files.folder());
      DiskFile.createBlank(files.bootDisk(), recipe.bootBytes());
      DiskFile.createBlank(files.rootDisk(), recipe.rootBytes());
      disks.add(0, Disk.raw("zdi-boot", files.bootDisk(), Access.READ_WRITE));
      disks.add(1, Disk.raw("zdi-root", files.rootDisk(), Access.READ_WRITE));
      for (int index = 0; index < recipe.secrets().size(); index++) {
        disks.add(secret(index, recipe.secrets().get(index), files));
      }
      String nonce = Nonce.next();
      Path config = files.iso("config");
      isoImage.write(
          GuestProgram.build(recipe, nonce, payloadBytes).files(),
          "zdi-config",
          files.isoContent("config"),
          config);
      BuilderVm builder =
          new BuilderVm(
              appliance, accelerator, recipe.builder().memoryBytes(), recipe.builder().cores());
      Network network =
          recipe.builder().network() == Recipe.Network.POD ? Network.OPEN : Network.NONE;
      return new Provisioned(
          nonce, builder, builder.with("zdi-" + recipe.name(), config, disks, network));
    } catch (IOException e) {
      throw HostSpace.explain(e, shared, Reason.VM_START_FAILED, "making the disks");
    }
  }

  private Disk secret(int index, String name, AttemptFiles files)
      throws BuildFailure, InterruptedException {
    Map<String, Bytes> data = order.secrets().get(name);
    if (data == null) {
      throw new BuildFailure(
          Reason.REFERENCE_NOT_FOUND,
          "Secret " + name + " is not in the resource's file; add it as a document of its own");
    }
    String serial = "zdi-secret-" + index;
    Path image = files.iso(serial);
    isoImage.write(data, serial, files.isoContent(serial), image);
    return Disk.raw(serial, image, Access.READ_ONLY);
  }
}
