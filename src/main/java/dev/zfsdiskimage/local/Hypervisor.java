package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** QEMU on this machine: which release, how it provides a processor, and the VMs it runs. */
public final class Hypervisor {
  static final String PROGRAM = "qemu-system-x86_64";

  private final ChildProcesses children;
  private final QemuVersion version;
  private Accelerator accelerator;
  private boolean proved;

  private Hypervisor(ChildProcesses children, QemuVersion version, Accelerator accelerator) {
    this.children = children;
    this.version = version;
    this.accelerator = accelerator;
  }

  /**
   * Finds QEMU and has a first look at KVM.
   *
   * @throws BuildFailure when there is no QEMU
   */
  public static Hypervisor find(ChildProcesses children, SearchPath searchPath)
      throws BuildFailure, InterruptedException {
    if (searchPath.find(PROGRAM).isEmpty()) {
      throw new BuildFailure(
          Reason.VM_START_FAILED,
          PROGRAM + " not found on PATH; install it with: apt-get install qemu-system-x86");
    }
    try {
      ProgramRun.Result result = new ProgramRun(children).run(List.of(PROGRAM, "--version"));
      QemuVersion version =
          QemuVersion.parse(result.output())
              .orElseThrow(
                  () ->
                      new BuildFailure(
                          Reason.VM_START_FAILED,
                          PROGRAM + " --version says no version: " + result.complaint()));
      boolean kvm = new KvmProbe(children).runsInstructions(Accelerator.KVM);
      return new Hypervisor(children, version, kvm ? Accelerator.KVM : Accelerator.TCG);
    } catch (IOException e) {
      throw new BuildFailure(Reason.VM_START_FAILED, PROGRAM + ": " + e.getMessage(), e);
    }
  }

  /** The release of QEMU. */
  public QemuVersion version() {
    return version;
  }

  /** KVM where it works, as far as that is known by now, else emulation. */
  public synchronized Accelerator accelerator() {
    return accelerator;
  }

  /**
   * Finds out, once, whether KVM really works: it starts the appliance's kernel. Takes a second
   * where it does and some seconds where it does not.
   */
  public synchronized Accelerator prove(Appliance appliance)
      throws BuildFailure, InterruptedException {
    try {
      if (!proved && accelerator == Accelerator.KVM) {
        // The appliance is in the cache, and so is what is known of its machine.
        KvmVerdict verdict = new KvmVerdict(appliance.folder().getParent(), version);
        if (verdict.isKnownBad(Instant.now())) {
          accelerator = Accelerator.TCG;
        } else if (!new KvmProbe(children).startsKernel(accelerator, version, appliance.kernel())) {
          accelerator = Accelerator.TCG;
          verdict.rememberBad();
        }
      }
      proved = true;
      return accelerator;
    } catch (IOException e) {
      throw new BuildFailure(Reason.VM_START_FAILED, PROGRAM + ": " + e.getMessage(), e);
    }
  }

  /** The command line for a VM, program first. */
  List<String> commandLine(VirtualMachine vm) {
    List<String> words = new ArrayList<>();
    words.add(PROGRAM);
    words.addAll(new QemuCommandLine(version).arguments(vm));
    return words;
  }

  /**
   * Starts a VM whose console goes to {@code events}.
   *
   * @param vm without a monitor socket: this adds one
   */
  RunningVm start(VirtualMachine vm, Consumer<VmEvent> events) throws IOException {
    QmpConnection qmp = QmpConnection.listen(event -> event.asVmEvent().ifPresent(events));
    try {
      ProcessBuilder builder = new ProcessBuilder(commandLine(vm.withMonitor(qmp.socket())));
      Process process = children.start(builder, ChildProcesses.AtOurDeath.KILL);
      process.getOutputStream().close();
      return new RunningVm(process, qmp, events);
    } catch (IOException e) {
      qmp.close();
      throw e;
    }
  }

  /** Runs a VM on the terminal of this process until it ends; returns QEMU's exit status. */
  int runOnTerminal(VirtualMachine vm) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(commandLine(vm)).inheritIO();
    Process process = children.start(builder, ChildProcesses.AtOurDeath.KILL);
    return process.waitFor();
  }
}
