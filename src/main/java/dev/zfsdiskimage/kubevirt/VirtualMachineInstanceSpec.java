package dev.zfsdiskimage.kubevirt;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;

/** What a virtual machine is made of; a component is null where KubeVirt's default is meant. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VirtualMachineInstanceSpec(
    Domain domain,
    List<Volume> volumes,
    List<Network> networks,
    Long terminationGracePeriodSeconds,
    String evictionStrategy,
    String architecture,
    Map<String, String> nodeSelector,
    List<Toleration> tolerations) {

  /**
   * The hardware.
   *
   * @param rebootPolicy {@code Terminate} ends the VM when its guest reboots; KubeVirt 1.8 on
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Domain(
      Machine machine,
      Cpu cpu,
      Memory memory,
      Firmware firmware,
      Devices devices,
      String rebootPolicy) {}

  /** {@code q35} on amd64, {@code virt} on arm64. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Machine(String type) {}

  /** Processor cores in one socket. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Cpu(Integer cores) {}

  /** Memory that the guest sees, a Kubernetes quantity. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Memory(String guest) {}

  /** What the machine starts with: a boot loader's firmware, or a kernel directly. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Firmware(Bootloader bootloader, KernelBoot kernelBoot) {}

  /** Exactly one of the two; empty objects mean their defaults. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Bootloader(Bios bios, Efi efi) {}

  /**
   * SeaBIOS.
   *
   * @param useSerial whether it writes to the serial console
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Bios(Boolean useSerial) {}

  /** OVMF. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Efi(Boolean secureBoot) {}

  /** A kernel and an initial RAM disk out of an OCI image. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record KernelBoot(KernelContainer container, String kernelArgs) {}

  /** Absolute paths in an OCI image, with different base names. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record KernelContainer(
      String image,
      String kernelPath,
      String initrdPath,
      String imagePullPolicy,
      String imagePullSecret) {}

  /**
   * The devices.
   *
   * @param panicDevices KubeVirt 1.8 on, where the cluster allows them
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Devices(
      List<Disk> disks,
      List<Interface> interfaces,
      Boolean autoattachPodInterface,
      Boolean autoattachGraphicsDevice,
      Boolean autoattachMemBalloon,
      Boolean autoattachSerialConsole,
      Boolean logSerialConsole,
      Boolean disableHotplug,
      Rng rng,
      List<PanicDevice> panicDevices) {}

  /**
   * A disk, whose bytes are the volume of the same name.
   *
   * @param serial what the guest finds it by; virtio shows 20 characters
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Disk(String name, String serial, Integer bootOrder, DiskTarget disk) {}

  /** How a disk is attached. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record DiskTarget(String bus, @JsonProperty("readonly") Boolean readOnly) {}

  /** A network card, bound to the network of the same name. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Interface(String name, Empty masquerade) {}

  /** The host's random numbers. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Rng() {}

  /** Tells the hypervisor of a kernel panic: {@code isa} on amd64, {@code pvpanic} on arm64. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PanicDevice(String model) {}

  /** The bytes of a disk; exactly one kind. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Volume(
      String name,
      ClaimVolume persistentVolumeClaim,
      EphemeralVolume ephemeral,
      ContainerDisk containerDisk,
      ConfigMapVolume configMap,
      SecretVolume secret) {}

  /** A PersistentVolumeClaim: its file disk.img, or its device. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ClaimVolume(String claimName, Boolean readOnly) {}

  /** A copy-on-write copy of a PersistentVolumeClaim, gone with the VM. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record EphemeralVolume(ClaimVolume persistentVolumeClaim) {}

  /** A file out of an OCI image; {@code path} null is the only file in {@code /disk}. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ContainerDisk(
      String image, String path, String imagePullPolicy, String imagePullSecret) {}

  /** A ConfigMap as an ISO 9660 file system. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ConfigMapVolume(String name, String volumeLabel) {}

  /** A Secret as an ISO 9660 file system. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record SecretVolume(String secretName, String volumeLabel) {}

  /** A network of the VM; the pod's own is {@code pod: {}}. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Network(String name, Empty pod) {}

  /** An object that says everything by being there. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Empty() {}
}
