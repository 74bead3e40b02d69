package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.local.Accelerator;
import dev.zfsdiskimage.local.Appliance;
import dev.zfsdiskimage.local.ApplianceStore;
import dev.zfsdiskimage.local.BuildFailure;
import dev.zfsdiskimage.local.ChildProcesses;
import dev.zfsdiskimage.local.Hypervisor;
import dev.zfsdiskimage.local.LocalHost;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** The machine that zdi runs on. */
final class ThisMachine implements Machine {
  private static final long DEADLINE_SECONDS = 30;
  private static final Path KVM_DEVICE = Path.of("/dev/kvm");

  private final LocalHost host;
  private final ChildProcesses children;

  ThisMachine(LocalHost host, ChildProcesses children) {
    this.host = host;
    this.children = children;
  }

  @Override
  public int javaRelease() {
    return Runtime.version().feature();
  }

  @Override
  public boolean has(String program) {
    return host.searchPath().find(program).isPresent();
  }

  @Override
  public boolean hasFile(Path file) {
    return Files.exists(file);
  }

  @Override
  public Optional<Qemu> qemu() {
    try {
      Hypervisor hypervisor = Hypervisor.find(children, host.searchPath());
      Optional<Appliance> appliance = new ApplianceStore(host, children).find();
      if (appliance.isPresent()) {
        hypervisor.prove(appliance.get());
      }
      return Optional.of(new Qemu(hypervisor.version().toString(), kvm(hypervisor.accelerator())));
    } catch (BuildFailure none) {
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Why it is not used, where it isn't. */
  static Kvm kvm(Accelerator accelerator) {
    if (accelerator == Accelerator.KVM) {
      return Kvm.WORKS;
    }
    if (!Files.exists(KVM_DEVICE)) {
      return Kvm.NO_DEVICE;
    }
    return Files.isWritable(KVM_DEVICE) ? Kvm.RUNS_NOTHING : Kvm.NOT_PERMITTED;
  }

  @Override
  public boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException unknown) {
      return false;
    }
  }

  @Override
  public boolean canSudo() {
    return has("sudo") && output("sudo", "-n", "true").isPresent();
  }

  @Override
  public OptionalLong freeBytes(Path folder) {
    for (Path path = folder.toAbsolutePath(); path != null; path = path.getParent()) {
      if (Files.isDirectory(path)) {
        return Files.isWritable(path)
            ? OptionalLong.of(path.toFile().getUsableSpace())
            : OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }

  @Override
  public OptionalLong availableMemory() {
    try {
      return Files.readAllLines(Path.of("/proc/meminfo")).stream()
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException unknown) {
      return OptionalLong.empty();
    }
  }

  @Override
  public List<String> mirrorProbes() {
    return output(
            "apt-get",
            "indextargets",
            "--format",
            "$(LABEL)|$(REPO_URI)dists/$(SUITE)/InRelease",
            "Created-By: Packages")
        .orElse("")
        .lines()
        .filter(line -> line.startsWith("Debian|"))
        .map(line -> line.substring("Debian|".length()))
        .limit(1)
        .toList();
  }

  @Override
  public boolean canFetch(String address) {
    try {
      Path folder = Files.createTempDirectory("zdi-mirror-");
      Path file = folder.resolve("file");
      try {
        // apt's own downloader, so that its proxies, credentials and transports are used.
        return output(
                "/usr/lib/apt/apt-helper",
                "-o",
                "Acquire::Retries=0",
                "-o",
                "Acquire::http::Timeout=10",
                "download-file",
                address,
                file.toString())
            .isPresent();
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException failed) {
      return false;
    }
  }

  @Override
  public Optional<Path> appliance() {
    try {
      return new ApplianceStore(host, children).find().map(Appliance::folder);
    } catch (BuildFailure unknown) {
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** What a short program wrote to stdout; empty when it is missing, fails or takes too long. */
  private static Optional<String> output(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .start();
      process
          .onExit()
          .completeOnTimeout(process, DEADLINE_SECONDS, TimeUnit.SECONDS)
          .thenAccept(Process::destroyForcibly);
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
    } catch (IOException missing) {
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
