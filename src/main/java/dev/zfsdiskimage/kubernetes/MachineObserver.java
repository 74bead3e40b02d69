package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.engine.Work;
import dev.zfsdiskimage.guest.Progress.Outcome;
import dev.zfsdiskimage.kubernetes.Consoles.Reading;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceStatus;
import dev.zfsdiskimage.recipe.Recipe;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sees the VMs of an attempt in the engine's terms, and has their consoles followed. */
final class MachineObserver {
  /** How many of the console's last lines a failed boot's message has. */
  private static final int SHOWN = 10;

  /** Enough to read a log, and to be answered on a console. */
  private static final Duration TO_SEE = Duration.ofSeconds(30);

  private final View view;
  private final Pods pods;
  private final Ledger ledger;
  private final Consoles consoles;
  private final Latches latches;
  private final Symptoms symptoms;
  private final Instant now;

  MachineObserver(
      View view,
      Pods pods,
      Ledger ledger,
      Consoles consoles,
      Latches latches,
      Symptoms symptoms,
      Instant now) {
    this.view = view;
    this.pods = pods;
    this.ledger = ledger;
    this.consoles = consoles;
    this.latches = latches;
    this.symptoms = symptoms;
    this.now = now;
  }

  /** The builder VM. */
  Vm builder(Attempt attempt) {
    Optional<VirtualMachineInstance> machine = view.machine(attempt, Part.BUILD);
    boolean left = machine.isPresent() || view.hasPod(attempt, Part.BUILD);
    Ledger.EndedVm noted = ledger.vms().get(attempt.number());
    if (noted != null) {
      Vm.Stopped vm = noted.vm();
      return new Vm.Stopped(vm.started(), vm.at(), vm.end(), vm.message(), !left);
    }
    if (machine.isEmpty()) {
      return latches
          .existed(attempt.revision().uid(), attempt.name(Part.BUILD))
          .<Vm>map(
              since ->
                  new Vm.Stopped(
                      Optional.of(since),
                      now,
                      Vm.End.KILLED,
                      "somebody deleted the builder VM",
                      !left))
          .orElse(Vm.ABSENT);
    }
    return seen(machine.get(), attempt, Optional.empty(), Part.BUILD, 1);
  }

  /** What the builder VM's console has told. */
  Reading reading(Attempt attempt) {
    Ledger.EndedVm noted = ledger.vms().get(attempt.number());
    if (noted != null) {
      return new Reading(
          noted.progress(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          LiveConsole.Seen.NOTHING,
          true);
    }
    return view.machine(attempt, Part.BUILD)
        .map(machine -> consoles.known(machine.getMetadata().getUid()))
        .orElse(Reading.NONE);
  }

  /** The offline check, as its VM shows it. */
  Work check(Attempt attempt) {
    Optional<VirtualMachineInstance> machine = view.machine(attempt, Part.CHECK);
    Ledger.EndedCheck noted = ledger.checks().get(attempt.number());
    if (noted != null) {
      return new Work.Done(noted.run(), noted.started(), noted.finished());
    }
    return machine.map(vm -> work(vm, attempt, Optional.empty(), Part.CHECK)).orElse(Work.ABSENT);
  }

  /** A boot of the result, which has succeeded once the expected text stands on its console. */
  Work verify(Attempt attempt, Firmware firmware, Recipe.Boot boot) {
    Optional<Ledger.GoodBoot> noted = ledger.boot(attempt.number(), firmware);
    if (noted.isPresent()) {
      Ledger.GoodBoot good = noted.get();
      return new Work.Done(good.run(), good.started(), good.finished());
    }
    Part part = Part.verifying(firmware);
    return view.machine(attempt, part)
        .map(vm -> work(vm, attempt, Optional.of(boot), part))
        .orElse(Work.ABSENT);
  }

  /**
   * One run of a part, and no other.
   *
   * @param boot with which text on its console it has succeeded; empty: it powers off
   */
  Work work(Attempt attempt, Part part, int run, Optional<Recipe.Boot> boot) {
    return view.machine(attempt, part, run)
        .map(machine -> work(machine, attempt, boot, part))
        .orElse(Work.ABSENT);
  }

  /** What a VM of this part has told. */
  Reading reading(Attempt attempt, Part part) {
    return view.machine(attempt, part)
        .map(machine -> consoles.known(machine.getMetadata().getUid()))
        .orElse(Reading.NONE);
  }

  private Work work(
      VirtualMachineInstance machine, Attempt attempt, Optional<Recipe.Boot> boot, Part part) {
    int run = Math.max(1, Labels.number(machine, Labels.RUN));
    Instant created = Times.created(machine);
    Vm vm = seen(machine, attempt, boot, part, run);
    Reading reading = consoles.known(machine.getMetadata().getUid());
    if (boot.isPresent() && reading.expected().isPresent()) {
      return new Work.Done(run, created, reading.expected().get());
    }
    if (vm instanceof Vm.Starting starting && starting.trouble().isPresent()) {
      Vm.Trouble trouble = starting.trouble().get();
      return new Work.Waiting(run, trouble.reason(), trouble.message(), trouble.since());
    }
    if (boot.isPresent() && reading.progress().outcome() instanceof Outcome.Panicked panicked) {
      // A guest without pvpanic only prints it, and hangs.
      return new Work.Failed(
          run, Reason.GUEST_PANICKED, withEnd(panicked.message(), reading), created, now);
    }
    if (vm instanceof Vm.Stopped stopped) {
      return ended(stopped, run, created, boot, reading);
    }
    boolean late =
        consoles
            .deadline(machine.getMetadata().getUid())
            .filter(until -> !now.isBefore(until))
            .isPresent();
    if (vm instanceof Vm.Running && boot.isPresent() && late) {
      String message = missed(machine.getMetadata().getName(), boot.get(), reading);
      return new Work.Failed(run, Reason.BOOT_FAILED, message, created, now);
    }
    return new Work.Running(
        run, boot.map(limits -> watched(machine, created, limits)).orElse(created));
  }

  /** For one who comes back late, it began so late that there is still time to see the text. */
  private Instant watched(VirtualMachineInstance machine, Instant created, Recipe.Boot boot) {
    return consoles
        .deadline(machine.getMetadata().getUid())
        .map(until -> until.minus(boot.timeout()))
        .filter(since -> since.isAfter(began(machine)))
        .orElse(created);
  }

  private static String missed(String machine, Recipe.Boot boot, Reading reading) {
    String words =
        "\"%s\" did not stand on the console of %s within %d s%s"
            .formatted(
                boot.expect(),
                machine,
                boot.timeout().toSeconds(),
                reading
                    .live()
                    .trouble()
                    .map(trouble -> ", and its console could not be watched (" + trouble + ")")
                    .orElse(""));
    return withEnd(words, reading);
  }

  private static String withEnd(String words, Reading reading) {
    List<String> lines = new ArrayList<>(reading.progress().tail());
    if (!reading.live().openLine().isBlank()) {
      lines.add(reading.live().openLine());
    }
    return lines.isEmpty()
        ? words + "; nothing stood on it"
        : words
            + "; it ends with:\n"
            + String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN), lines.size()));
  }

  private static Work ended(
      Vm.Stopped stopped, int run, Instant created, Optional<Recipe.Boot> boot, Reading reading) {
    if (boot.isPresent() && stopped.end() != Vm.End.PANICKED) {
      String words = "the booted copy stopped before its console said " + boot.get().expect();
      return new Work.Failed(
          run, Reason.BOOT_FAILED, withEnd(words, reading), created, stopped.at());
    }
    return switch (stopped.end()) {
      case POWERED_OFF, STOPPED -> poweredOff(stopped, run, created, reading);
      case PANICKED -> failed(run, Reason.GUEST_PANICKED, stopped, created);
      case EVICTED -> failed(run, Reason.EVICTED, stopped, created);
      case NODE_LOST -> failed(run, Reason.NODE_LOST, stopped, created);
      case IO_ERROR, HOST_DISK_FULL -> failed(run, Reason.DISK_IO_ERROR, stopped, created);
      case START_FAILED -> failed(run, Reason.VM_START_FAILED, stopped, created);
      case KILLED -> failed(run, Reason.VM_KILLED, stopped, created);
    };
  }

  /** A look at the disks may end without its report, and its console say why. */
  private static Work poweredOff(Vm.Stopped stopped, int run, Instant created, Reading reading) {
    Outcome outcome = reading.progress().outcome();
    if (reading.report().isEmpty() && outcome instanceof Outcome.Panicked panicked) {
      return new Work.Failed(
          run, Reason.GUEST_PANICKED, withEnd(panicked.message(), reading), created, stopped.at());
    }
    if (reading.report().isEmpty() && outcome instanceof Outcome.Failed failed) {
      String words =
          "the disks could not be looked at: exit status %d in step %s%s"
              .formatted(
                  failed.exitStatus(),
                  failed.step(),
                  failed.message().isEmpty() ? "" : ": " + failed.message());
      return new Work.Failed(
          run, Reason.CHECK_FAILED, withEnd(words, reading), created, stopped.at());
    }
    return new Work.Done(run, created, stopped.at());
  }

  private static Work failed(int run, Reason reason, Vm.Stopped stopped, Instant created) {
    return new Work.Failed(run, reason, stopped.message(), created, stopped.at());
  }

  private Vm seen(
      VirtualMachineInstance machine,
      Attempt attempt,
      Optional<Recipe.Boot> boot,
      Part part,
      int run) {
    String uid = machine.getMetadata().getUid();
    boolean going = Times.isGoing(machine);
    if (!going) {
      latches.exists(attempt.revision().uid(), machine.getMetadata().getName(), now);
    }
    VirtualMachineInstanceStatus status = machine.getStatus();
    String phase = status == null || status.phase() == null ? "Pending" : status.phase();
    boolean over = phase.equals("Succeeded") || phase.equals("Failed");
    boolean unread = over && !going && consoles.known(uid) == Reading.NONE;
    List<Pod> launchers = unread ? pods.of(machine, any -> true) : pods.of(machine);
    for (Pod pod : launchers) {
      Symptoms.disruption(pod)
          .ifPresent(
              reason ->
                  latches.trouble(
                      attempt.revision().uid(),
                      uid,
                      reason,
                      "pod " + pod.getMetadata().getName() + " is taken away",
                      now));
    }
    boolean ran = over || phase.equals("Running");
    if (ran && !going && !launchers.isEmpty()) {
      consoles.follow(
          uid,
          new Consoles.Source(
              attempt.namespace(),
              launchers.get(0).getMetadata().getName(),
              attempt.nonce(part, run),
              boot.map(
                  limits ->
                      new LiveConsole.Awaited(
                          machine.getMetadata().getName(),
                          limits.expect(),
                          deadline(machine, limits))),
              new ResourceID(attempt.revision().image(), attempt.namespace()),
              attempt.revision().uid()));
    }
    if (over && !going) {
      return ended(machine, attempt, phase, launchers);
    }
    if (going) {
      return new Vm.Stopping(Times.parse(machine.getMetadata().getDeletionTimestamp()).orElse(now));
    }
    if (phase.equals("Running")) {
      return running(machine, attempt.revision().uid(), uid);
    }
    return new Vm.Starting(Times.created(machine), symptoms.ofStarting(machine, launchers));
  }

  private Vm running(VirtualMachineInstance machine, String resourceUid, String uid) {
    Symptoms.ofRunning(machine)
        .filter(trouble -> trouble.reason() == Reason.DISK_IO_ERROR)
        .ifPresent(
            trouble -> latches.trouble(resourceUid, uid, trouble.reason(), trouble.message(), now));
    // How far it was read is asked first: what was read may be more by then, and never less.
    Vm.Hearing hearing =
        consoles
            .hearing(uid)
            .orElseGet(
                () -> new Vm.Hearing(began(machine), false, Optional.of("its pod was not seen")));
    Reading reading = consoles.known(uid);
    Optional<Vm.Trouble> trouble =
        Symptoms.ofRunning(machine)
            .or(
                () ->
                    latches
                        .of(resourceUid, uid)
                        .filter(seen -> seen.reason() == Reason.DISK_IO_ERROR)
                        .map(seen -> new Vm.Trouble(seen.reason(), seen.message(), seen.since())));
    return new Vm.Running(began(machine), reading.first(), reading.last(), hearing, trouble);
  }

  private Vm ended(
      VirtualMachineInstance machine, Attempt attempt, String phase, List<Pod> launchers) {
    String uid = machine.getMetadata().getUid();
    consoles.stopped(uid);
    Instant at = machine.getStatus().phaseBegan(phase).flatMap(Times::parse).orElse(now);
    boolean read = launchers.isEmpty() && consoles.known(uid) == Reading.NONE;
    if (!read && !consoles.known(uid).ended()) {
      return new Vm.Stopping(at);
    }
    Optional<Instant> started = machine.getStatus().phaseBegan("Running").flatMap(Times::parse);
    Optional<Latches.Seen> seen = latches.of(attempt.revision().uid(), uid);
    Vm.End end = end(machine, phase, started.isPresent(), seen);
    return new Vm.Stopped(started, at, end, message(machine, end, seen), false);
  }

  private Vm.End end(
      VirtualMachineInstance machine, String phase, boolean ran, Optional<Latches.Seen> seen) {
    if ("NodeUnresponsive".equals(machine.getStatus().reason())) {
      return Vm.End.NODE_LOST;
    }
    if (seen.isPresent()) {
      return switch (seen.get().reason()) {
        case NODE_LOST -> Vm.End.NODE_LOST;
        case DISK_IO_ERROR -> Vm.End.IO_ERROR;
        default -> Vm.End.EVICTED;
      };
    }
    if (phase.equals("Succeeded")) {
      return Vm.End.POWERED_OFF;
    }
    if (symptoms.panicked(machine)) {
      return Vm.End.PANICKED;
    }
    return ran ? Vm.End.KILLED : Vm.End.START_FAILED;
  }

  private static String message(
      VirtualMachineInstance machine, Vm.End end, Optional<Latches.Seen> seen) {
    return seen.map(Latches.Seen::message)
        .or(() -> Optional.ofNullable(machine.getStatus().reason()))
        .orElseGet(
            () ->
                switch (end) {
                  case PANICKED -> "KubeVirt saw the guest's kernel panic";
                  case KILLED -> "the VM's launcher ended before the VM did";
                  case START_FAILED -> "the VM never ran";
                  default -> "";
                });
  }

  /** One who comes back late still gets to see what stands there. */
  private Instant deadline(VirtualMachineInstance machine, Recipe.Boot boot) {
    Instant end = began(machine).plus(boot.timeout());
    Instant seen = now.plus(TO_SEE);
    return end.isBefore(seen) ? seen : end;
  }

  private static Instant began(VirtualMachineInstance machine) {
    return machine
        .getStatus()
        .phaseBegan("Running")
        .flatMap(Times::parse)
        .orElseGet(() -> Times.created(machine));
  }
}
