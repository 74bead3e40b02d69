package dev.zfsdiskimage.images;

import dev.zfsdiskimage.images.OciImage.ContainerProcess;
import dev.zfsdiskimage.images.OciImage.Layer;
import dev.zfsdiskimage.images.OciImage.LayerFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The images, each made of its ingredients. */
public final class ImageSet {
  /** The user and group that KubeVirt gives disks to, and reads kernels and container disks as. */
  private static final String QEMU = "107:107";

  /** Nobody in particular, and not root. */
  private static final String NOBODY = "65532:65532";

  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private ImageSet() {}

  /**
   * The operator.
   *
   * @param classes a class-data archive of exactly this Java and this application
   */
  public static OciImage operator(
      BaseRoot root, Application application, Path classes, String version) throws IOException {
    List<Layer> layers = new ArrayList<>(application.layers());
    String archive = Application.HOME + "/classes.jsa";
    layers.add(
        new Layer("class data", Application.OWNER, List.of(new LayerFile(classes, archive))));
    List<SoftwarePackage> packages = new ArrayList<>(root.packages());
    packages.addAll(application.packages(version));
    return new OciImage(
        "zfs-disk-image-operator",
        "Builds two-disk operating-system images on ZFS in a Kubernetes cluster with KubeVirt",
        Optional.of(root.archive()),
        layers,
        new ContainerProcess(
            NOBODY,
            List.of(
                "java",
                "-XX:SharedArchiveFile=" + archive,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // The heap stays close to what is in use.
                "-XX:MaxNewSize=16m",
                "-XX:MinHeapFreeRatio=15",
                "-XX:MaxHeapFreeRatio=30",
                // Netty takes 64 KiB at a time, not 4 MiB for each thread.
                "-Dio.netty.allocator.maxOrder=3",
                "-Xss512k",
                "-XX:MaxRAMPercentage=50",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-jar",
                Application.HOME + "/quarkus-run.jar",
                "operator"),
            // glibc keeps an arena per core and thread otherwise, which a memory limit pays for.
            ordered(Map.of("PATH", PATH, "LANG", "C.UTF-8", "MALLOC_ARENA_MAX", "2")),
            List.of(8080)),
        packages,
        root.date());
  }

  /** What builder VMs boot: KubeVirt's {@code kernelBoot} container and a container disk. */
  public static OciImage builder(
      Path kernel, Path initramfs, Path toolbox, List<SoftwarePackage> packages) {
    return new OciImage(
        "zfs-disk-image-builder",
        "Kernel, initramfs and toolbox of the VMs that build images on ZFS",
        Optional.empty(),
        List.of(
            new Layer(
                "kernel",
                QEMU,
                List.of(
                    new LayerFile(kernel, "/boot/vmlinuz"),
                    new LayerFile(initramfs, "/boot/initrd.img"))),
            new Layer("toolbox", QEMU, List.of(new LayerFile(toolbox, "/disk/toolbox.squashfs")))),
        ContainerProcess.vessel(QEMU),
        packages,
        Instant.EPOCH);
  }

  /** What the operator's Jobs run in. */
  public static OciImage tools(BaseRoot root) throws IOException {
    return new OciImage(
        "zfs-disk-image-tools",
        "Programs that convert, compare, hash and upload disk images",
        Optional.of(root.archive()),
        List.of(),
        new ContainerProcess(
            QEMU, List.of(), ordered(Map.of("PATH", PATH, "LANG", "C.UTF-8")), List.of()),
        root.packages(),
        root.date());
  }

  /** Debian's root file system as a container disk, for {@code install.debian}. */
  public static OciImage debian(Path rootFileSystem, List<SoftwarePackage> packages) {
    return new OciImage(
        "zfs-disk-image-debian",
        "Debian's root file system for images that install Debian",
        Optional.empty(),
        List.of(
            new Layer(
                "root file system",
                QEMU,
                List.of(new LayerFile(rootFileSystem, "/disk/" + rootFileSystem.getFileName())))),
        ContainerProcess.vessel(QEMU),
        packages,
        Instant.EPOCH);
  }

  /** Digests depend on the order. */
  private static Map<String, String> ordered(Map<String, String> map) {
    return new TreeMap<>(map);
  }
}
