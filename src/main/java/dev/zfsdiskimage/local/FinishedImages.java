package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.GuestProgram;
import dev.zfsdiskimage.local.VirtualMachine.Access;
import dev.zfsdiskimage.local.VirtualMachine.Disk;
import dev.zfsdiskimage.manifest.ImageManifest;
import dev.zfsdiskimage.recipe.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The images that a build has left in an output directory: to look into, and to boot. */
public final class FinishedImages {
  private static final long MEMORY_BYTES = 2L << 30;
  private static final int CORES = 2;
  private static final Duration LOOK = Duration.ofMinutes(20);

  private final LocalHost host;
  private final Path directory;
  private final ImageManifest published;

  private FinishedImages(LocalHost host, Path directory, ImageManifest published) {
    this.host = host;
    this.directory = directory;
    this.published = published;
  }

  /**
   * Opens a directory.
   *
   * @throws BuildFailure when it has no {@code manifest.json} or not the images that it names, or
   *     these are not what a build leaves
   */
  public static FinishedImages open(LocalHost host, Path directory) throws BuildFailure {
    OutputDirectory output = new OutputDirectory(directory);
    ImageManifest published =
        output
            .published()
            .orElseThrow(
                () ->
                    new BuildFailure(
                        Reason.REFERENCE_NOT_FOUND,
                        directory
                            + " has no "
                            + OutputDirectory.MANIFEST
                            + "; name the directory that a build has filled"));
    ForeignManifest.require(directory.toAbsolutePath().normalize(), published);
    for (ImageManifest.Image image :
        List.of(published.images().boot(), published.images().root())) {
      if (!Files.isReadable(output.file(image))) {
        throw new BuildFailure(
            Reason.IMAGE_LOST, output.file(image) + " cannot be read; give yourself the right to");
      }
    }
    return new FinishedImages(host, directory.toAbsolutePath().normalize(), published);
  }

  /** The directory's manifest. */
  public ImageManifest manifest() {
    return published;
  }

  /**
   * Looks into both disks in a VM that has them read-only.
   *
   * @param progress lines for a person
   */
  public DiskReport inspect(Consumer<String> progress) throws BuildFailure, InterruptedException {
    try (Scratch scratch = Scratch.create(host);
        BuildLog log = new BuildLog(scratch.folder().resolve("log"))) {
      Hypervisor hypervisor = Hypervisor.find(scratch.children(), host.searchPath());
      Appliance appliance = new ApplianceStore(host, scratch.children()).get(progress);
      DiskInspection inspection =
          new DiskInspection(
              hypervisor,
              new ProgramRun(scratch.children()),
              new Recorder(log, new Quiet(progress)));
      List<GuestProgram.Mounted> mounts =
          published.mounts().stream()
              .map(mount -> new GuestProgram.Mounted(mount.dataset(), mount.path(), mount.legacy()))
              .toList();
      return inspection.inspect(
          new BuilderVm(appliance, hypervisor.prove(appliance), MEMORY_BYTES, CORES),
          nonce -> GuestProgram.look(published.pool().name(), mounts, nonce),
          disk("zdi-boot", published.images().boot(), Access.READ_ONLY),
          disk("zdi-root", published.images().root(), Access.READ_ONLY),
          scratch.folder().resolve("check"),
          LOOK);
    } catch (IOException e) {
      throw HostSpace.explain(e, host.cache(), Reason.VM_START_FAILED, "looking into " + directory);
    }
  }

  /** Whether a boot may change the images. */
  public enum Changes {
    /** It writes to copies, which are thrown away. */
    DISCARDED,
    /** It writes to the images: their checksums are wrong from then on. */
    KEPT
  }

  /** Whether a booted image reaches anything. */
  public enum Network {
    /** It has no network card. */
    NONE,
    /** What this machine reaches, and this machine. */
    OPEN
  }

  /**
   * Boots the images, their serial console on the terminal of this process. Returns QEMU's exit
   * status when the VM has ended.
   */
  public int boot(Firmware firmware, Changes changes, Network network)
      throws BuildFailure, InterruptedException {
    if (changes == Changes.DISCARDED) {
      return boot(firmware, network, false);
    }
    try (OutputLock lock = OutputLock.take(directory)) {
      lock.require(directory);
      return boot(firmware, network, true);
    } catch (IOException e) {
      throw HostSpace.explain(e, directory, Reason.BOOT_FAILED, "booting " + directory);
    }
  }

  private int boot(Firmware firmware, Network network, boolean write)
      throws BuildFailure, InterruptedException {
    try (Scratch scratch = Scratch.create(host)) {
      Hypervisor hypervisor = Hypervisor.find(scratch.children(), host.searchPath());
      Optional<Appliance> appliance = new ApplianceStore(host, scratch.children()).find();
      if (appliance.isPresent()) {
        hypervisor.prove(appliance.get());
      }
      QemuImg qemuImg = new QemuImg(new ProgramRun(scratch.children()));
      BootTrial trial = new BootTrial(hypervisor, qemuImg, Firmwares.ofThisMachine());
      List<Disk> disks;
      if (write) {
        disks =
            List.of(
                disk("zdi-boot", published.images().boot(), Access.READ_WRITE),
                disk("zdi-root", published.images().root(), Access.READ_WRITE));
      } else {
        disks =
            trial
                .overlays(images(), 0, scratch.folder(), Reason.BOOT_FAILED)
                .disks(Access.READ_WRITE);
      }
      return hypervisor.runOnTerminal(
          new VirtualMachine(
              "zdi-" + published.name(),
              hypervisor.accelerator(),
              MEMORY_BYTES >> 20,
              CORES,
              network == Network.OPEN ? VirtualMachine.Network.OPEN : VirtualMachine.Network.NONE,
              trial.firmware(firmware, scratch.folder()),
              disks,
              VirtualMachine.Console.TERMINAL,
              Optional.empty()));
    } catch (IOException e) {
      throw HostSpace.explain(e, host.cache(), Reason.BOOT_FAILED, "booting " + directory);
    }
  }

  private BootTrial.Images images() {
    OutputDirectory output = new OutputDirectory(directory);
    return new BootTrial.Images(
        output.file(published.images().boot()),
        output.file(published.images().root()),
        published.images().root().format());
  }

  private Disk disk(String serial, ImageManifest.Image image, Access access) {
    return new Disk(serial, new OutputDirectory(directory).file(image), image.format(), access);
  }

  /** Passes on what a person may want to read. */
  private record Quiet(Consumer<String> lines) implements BuildListener {
    @Override
    public void status(Status status) {}

    @Override
    public void activity(String text) {
      lines.accept(text);
    }

    @Override
    public void poolBytes(long bytes) {}

    @Override
    public void note(String text) {
      lines.accept(text);
    }

    @Override
    public void console(Bytes bytes) {}
  }
}
