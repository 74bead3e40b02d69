package dev.zfsdiskimage.kubernetes.cluster;

import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.Guest;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.JobEnd;
import dev.zfsdiskimage.kubernetes.cluster.SimulatedKubeVirt.Machine;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The one node of a cluster, which really runs what {@link SimulatedKubeVirt} is asked for: VMs in
 * QEMU, Jobs' containers in the images' own root file systems. A claim is a folder.
 */
public final class QemuNode implements AutoCloseable {
  private static final long LOOK_MILLISECONDS = 50;

  private final ApiServer api;
  private final NodeVolumes volumes;
  private final NodeImages images;
  private final Set<Process> running = ConcurrentHashMap.newKeySet();

  /**
   * @param folder for claims, config disks and logs
   */
  public QemuNode(ApiServer api, Path folder, NodeImages images) {
    this.api = api;
    this.volumes = new NodeVolumes(api, folder);
    this.images = images;
  }

  /** Has the VMs and Jobs of these parts really run. */
  public void serve(SimulatedKubeVirt kubevirt, List<String> machines, List<String> jobs) {
    Guest guest = this::run;
    machines.forEach(part -> kubevirt.guest(part, guest));
    jobs.forEach(part -> kubevirt.job(part, this::run));
  }

  /** What is in a claim. */
  public Path claim(String name) {
    return volumes.claim(name);
  }

  private void run(Machine machine) throws InterruptedException {
    try {
      VirtualMachineInstance vm = spec(machine.name());
      machine.schedule();
      List<String> words = new QemuArguments(volumes, images).of(vm);
      Process qemu =
          new ProcessBuilder(words).redirectError(volumes.log(machine.name()).toFile()).start();
      running.add(qemu);
      machine.begin();
      Thread console = new Thread(() -> copy(qemu.getInputStream(), machine), "console");
      console.start();
      Thread keyboard = new Thread(() -> type(machine, qemu.getOutputStream()), "keyboard");
      keyboard.start();
      while (!qemu.waitFor(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS)) {
        if (!machine.lives()) {
          qemu.destroy();
        }
      }
      console.join();
      keyboard.interrupt();
      keyboard.join();
      running.remove(qemu);
      if (machine.lives()) {
        end(machine, qemu.exitValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(Machine machine, int status) {
    if (status == 0) {
      machine.powerOff();
    } else {
      machine.fail();
    }
  }

  /** Gives the guest what is typed, until the thread is interrupted. */
  private static void type(Machine machine, OutputStream input) {
    Console console = machine.console();
    try (input) {
      while (true) {
        input.write(console.readTyped());
        input.flush();
      }
    } catch (IOException | InterruptedException e) {
      // QEMU has gone.
      return;
    }
  }

  private static void copy(InputStream output, Machine machine) {
    Console console = machine.console();
    byte[] buffer = new byte[8192];
    try {
      for (int count = output.read(buffer); count >= 0; count = output.read(buffer)) {
        console.write(buffer, 0, count);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JobEnd run(Job job) {
    try {
      return new NodeJob(job, volumes, images).run(running);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private VirtualMachineInstance spec(String name) {
    return api.list(VirtualMachineInstance.class).stream()
        .filter(vm -> vm.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    running.forEach(Process::destroyForcibly);
  }
}
