package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With QEMU itself where it is installed, with a script in its place where it need not be. */
class HypervisorTest {
  @TempDir Path folder;

  private final ChildProcesses children = new ChildProcesses(TestPrograms.machine());

  @AfterEach
  void stopPrograms() {
    children.close();
  }

  @Test
  void emulationRunsTheProbesInstructions() throws Exception {
    needsQemu();

    assertThat(new KvmProbe(children).runsInstructions(Accelerator.TCG)).isTrue();
  }

  @Test
  void quittingIsNotTakenForTheGuestsPowerOff() throws Exception {
    needsQemu();
    Hypervisor hypervisor = Hypervisor.find(children, TestPrograms.machine());

    List<VmEvent> events = new ArrayList<>();
    try (VmSession session = new VmSession(hypervisor, machine())) {
      session.vm().quit();
      collect(session, events);
    }

    assertThat(events)
        .contains(new VmEvent.ShuttingDown(false, "host-qmp-quit"), new VmEvent.Exited(0, ""));
  }

  @Test
  void closingEndsQemu() throws Exception {
    needsQemu();
    Hypervisor hypervisor = Hypervisor.find(children, TestPrograms.machine());

    long pid;
    try (VmSession session = new VmSession(hypervisor, machine())) {
      pid = session.vm().pid();
      assertThat(ProcessHandle.of(pid)).isPresent();
    }

    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void tellsWhatQemuRefused() throws Exception {
    needsQemu();
    Hypervisor hypervisor = Hypervisor.find(children, TestPrograms.machine());
    VirtualMachine.Disk missing =
        VirtualMachine.Disk.raw(
            "zdi-root", folder.resolve("missing.raw"), VirtualMachine.Access.READ_WRITE);

    List<VmEvent> events = new ArrayList<>();
    try (VmSession session = new VmSession(hypervisor, machine(missing))) {
      collect(session, events);
    }

    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            VmEvent.Exited.class,
            exited -> {
              assertThat(exited.status()).isEqualTo(1);
              assertThat(exited.message()).contains("missing.raw");
            });
  }

  @Test
  void losesNoByteOfAConsoleHoweverMuchComes() throws Exception {
    Hypervisor hypervisor = scripted("head -c 5000000 /dev/zero | tr '\\0' x; printf end; exit 3");

    List<VmEvent> events = new ArrayList<>();
    try (VmSession session = new VmSession(hypervisor, machine())) {
      collect(session, events);
    }

    StringBuilder console = new StringBuilder();
    for (VmEvent event : events) {
      if (event instanceof VmEvent.ConsoleOutput output) {
        console.append(new String(output.bytes().toArray(), StandardCharsets.US_ASCII));
      }
    }
    assertThat(console).hasSize(5000003).endsWith("xend");
    assertThat(events.get(events.size() - 1)).isEqualTo(new VmEvent.Exited(3, ""));
  }

  @Test
  void doesNotTrustAnAcceleratorThatGivesUpInTheKernel() throws Exception {
    assertThat(startsKernel("echo 'KVM internal error. Suberror: 1'", "exec sleep 1000")).isFalse();
    assertThat(
            startsKernel(
                "echo 'Linux version 6.12'", "echo 'KVM internal error.'", "exec sleep 1000"))
        .isFalse();
    assertThat(startsKernel("echo 'Linux version 6.12'")).isFalse();
  }

  @Test
  void trustsAnAcceleratorThatStartsTheKernel() throws Exception {
    assertThat(
            startsKernel(
                "echo '[    0.000000] Linux version 6.12'",
                "echo '[    1.000000] Kernel panic - not syncing: VFS: Unable to mount root fs'",
                "exec sleep 1000"))
        .isTrue();
  }

  private boolean startsKernel(String... lines) throws Exception {
    TestPrograms.script(folder, Hypervisor.PROGRAM, lines);
    try (ChildProcesses scripted = new ChildProcesses(TestPrograms.with(folder))) {
      return new KvmProbe(scripted)
          .startsKernel(Accelerator.KVM, new QemuVersion(9, 2), folder.resolve("vmlinuz"));
    }
  }

  @Test
  void saysHowToGetQemu() {
    assertThatThrownBy(() -> Hypervisor.find(children, new SearchPath(List.of(folder))))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("apt-get install qemu-system-x86");
  }

  private Hypervisor scripted(String... lines) throws Exception {
    List<String> all = new ArrayList<>();
    all.add("case \" $* \" in *' --version '*) echo 'QEMU emulator version 9.2.0'; exit;; esac");
    all.addAll(List.of(lines));
    TestPrograms.script(folder, Hypervisor.PROGRAM, all.toArray(String[]::new));
    SearchPath searchPath = TestPrograms.with(folder);
    return Hypervisor.find(new ChildProcesses(searchPath), searchPath);
  }

  private static void collect(VmSession session, List<VmEvent> events) throws Exception {
    long deadline = VmSession.in(Duration.ofMinutes(2));
    do {
      events.add(session.next(deadline).orElseThrow());
    } while (!(events.get(events.size() - 1) instanceof VmEvent.Exited));
  }

  private static VirtualMachine machine(VirtualMachine.Disk... disks) {
    return new VirtualMachine(
        "zdi-test",
        Accelerator.TCG,
        64,
        1,
        VirtualMachine.Network.NONE,
        new VirtualMachine.Boot.Bios(),
        List.of(disks),
        VirtualMachine.Console.STDOUT,
        Optional.empty());
  }

  private static void needsQemu() {
    assumeThat(TestPrograms.machine().find(Hypervisor.PROGRAM)).as("QEMU").isPresent();
  }
}
