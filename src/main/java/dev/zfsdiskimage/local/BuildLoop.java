package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Action;
import dev.zfsdiskimage.engine.Decision;
import dev.zfsdiskimage.engine.Engine;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Observed;
import dev.zfsdiskimage.engine.Stage;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.engine.Work;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.recipe.Recipe;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Observes, asks the engine, does what it says, until the build is ready or has failed for good.
 * One thread runs it and owns all state; everything else sends it messages.
 */
final class BuildLoop implements AutoCloseable {
  /** From the power button to the end by force. */
  private static final Duration POWER_OFF = Duration.ofSeconds(20);

  private static final Duration TEAR_DOWN = Duration.ofSeconds(20);

  private final Recipe recipe;
  private final WorkDirectory workDirectory;
  private final Hypervisor hypervisor;
  private final Stages stages;
  private final Publication publication;
  private final Recorder recorder;
  private final Clock clock;

  private final Inbox<Runnable> inbox = new Inbox<>();
  private final ScheduledExecutorService executor =
      Executors.newScheduledThreadPool(
          4,
          task -> {
            Thread thread = new Thread(task, "stage");
            thread.setDaemon(true);
            return thread;
          });

  private final List<Failure> failures = new ArrayList<>();
  private Optional<Attempt> attempt = Optional.empty();
  private Optional<Observed.Published> published = Optional.empty();
  private Optional<Status> lastStatus = Optional.empty();
  private long lastPoolBytes;
  private Optional<String> lastDoing = Optional.empty();
  private volatile boolean cancelled;

  BuildLoop(
      Recipe recipe,
      WorkDirectory workDirectory,
      Hypervisor hypervisor,
      Stages stages,
      Publication publication,
      Recorder recorder,
      Clock clock) {
    this.recipe = recipe;
    this.workDirectory = workDirectory;
    this.hypervisor = hypervisor;
    this.stages = stages;
    this.publication = publication;
    this.recorder = recorder;
    this.clock = clock;
  }

  /**
   * Runs the build to its end.
   *
   * @throws BuildFailure {@code Cancelled}
   */
  Status run() throws BuildFailure, InterruptedException {
    while (true) {
      if (cancelled) {
        throw new BuildFailure(Reason.CANCELLED, "the build was cancelled");
      }
      Decision decision = Engine.decide(recipe, observed(), clock.instant());
      tell(decision.status());
      if (decision.actions().isEmpty() && decision.status().terminal()) {
        return decision.status();
      }
      decision.actions().forEach(this::apply);
      if (decision.actions().isEmpty()) {
        await(decision.nextLook().orElse(Duration.ofHours(1)));
      }
    }
  }

  /** Ends {@link #run} soon; from any thread. */
  void cancel() {
    cancelled = true;
    inbox.put(() -> {}, () -> false);
  }

  private Observed observed() {
    Optional<String> lastGood = publication.lastGood();
    if (attempt.isPresent()) {
      return withPublished(attempt.get().observed(failures, lastGood));
    }
    Observed nothing = Observed.nothing();
    return withPublished(
        new Observed(
            false,
            0,
            0,
            List.copyOf(failures),
            nothing.disks(),
            nothing.vm(),
            nothing.progress(),
            nothing.check(),
            nothing.report(),
            nothing.save(),
            nothing.boots(),
            nothing.grow(),
            Optional.empty(),
            lastGood,
            Optional.empty(),
            Optional.empty()));
  }

  private Observed withPublished(Observed seen) {
    return new Observed(
        seen.suspended(),
        seen.ahead(),
        seen.attempt(),
        seen.failures(),
        seen.disks(),
        seen.vm(),
        seen.progress(),
        seen.check(),
        seen.report(),
        seen.save(),
        seen.boots(),
        seen.grow(),
        published,
        seen.lastGood(),
        seen.cleanupBlocked(),
        seen.refused());
  }

  private void tell(Status status) {
    if (lastStatus.isEmpty() || !lastStatus.get().equals(status)) {
      lastStatus = Optional.of(status);
      recorder.listener().status(status);
    }
    Progress progress = attempt.map(Attempt::progress).orElse(Progress.NONE);
    if (progress.bytes().isPresent() && progress.bytes().getAsLong() != lastPoolBytes) {
      lastPoolBytes = progress.bytes().getAsLong();
      recorder.listener().poolBytes(lastPoolBytes);
    }
    if (!progress.doing().equals(lastDoing)) {
      lastDoing = progress.doing();
      lastDoing.ifPresent(recorder::activity);
    }
  }

  private void await(Duration limit) throws InterruptedException {
    Optional<Runnable> message = inbox.next(limit);
    while (message.isPresent()) {
      message.get().run();
      message = inbox.next(Duration.ZERO);
    }
  }

  private void apply(Action action) {
    if (action instanceof Action.ProvisionDisks provision) {
      provision(provision.attempt());
    } else if (action instanceof Action.RecordFailure failure) {
      record(failure.failure());
    } else if (action instanceof Action.DiscardAttempt) {
      discard();
    } else {
      attempt.ifPresent(current -> apply(action, current));
    }
  }

  private void apply(Action action, Attempt current) {
    AttemptFiles files = current.files();
    if (action instanceof Action.StartVm) {
      startVm(current);
    } else if (action instanceof Action.StopVm stop) {
      stopVm(current, stop.why());
    } else if (action instanceof Action.RemoveVm) {
      current.removeVm();
    } else if (action instanceof Action.Check check) {
      launch(
          current,
          Stage.CHECK,
          check.run(),
          () -> stages.check(files, current.provisioned().builder(), check.run()),
          current::report);
    } else if (action instanceof Action.Save save) {
      launch(current, Stage.SAVE, save.run(), () -> stages.save(files), current::saved);
    } else if (action instanceof Action.VerifyBoot boot) {
      launch(
          current,
          Stage.verifying(boot.firmware()),
          boot.run(),
          () -> {
            stages.verifyBoot(files, boot.firmware(), boot.run());
            return true;
          },
          nothing -> {});
    } else if (action instanceof Action.VerifyGrow grow) {
      launch(
          current,
          Stage.VERIFY_GROW,
          grow.run(),
          () -> {
            stages.verifyGrow(files, current.provisioned().builder(), current.report(), grow.run());
            return true;
          },
          nothing -> {});
    } else if (action instanceof Action.Publish) {
      publish(current);
    }
  }

  private void provision(int number) {
    Attempt next = new Attempt(number, new AttemptFiles(workDirectory.attempt(number)));
    attempt = Optional.of(next);
    recorder.log().say("attempt " + number);
    launch(next, Stage.PROVISION, 1, () -> stages.provision(next.files()), next::provisioned);
  }

  /** Runs a stage on a thread of its own; its outcome comes back through the inbox. */
  private <T> void launch(Attempt of, Stage stage, int run, Job<T> job, Consumer<T> outcome) {
    Instant started = clock.instant();
    recorder.log().say(stage.word() + ": started");
    of.work(stage, new Work.Running(run, started));
    of.task(
        stage,
        executor.submit(
            () -> {
              Runnable message = attemptJob(of, stage, run, started, job, outcome);
              inbox.put(
                  () -> {
                    if (!of.gone()
                        && of.work(stage) instanceof Work.Running now
                        && now.run() == run) {
                      message.run();
                    }
                  },
                  of::gone);
            }));
  }

  private <T> Runnable attemptJob(
      Attempt of, Stage stage, int run, Instant started, Job<T> job, Consumer<T> outcome) {
    try {
      T result = job.run();
      return () -> {
        outcome.accept(result);
        of.work(stage, new Work.Done(run, started, clock.instant()));
        recorder.log().say(stage.word() + ": done");
      };
    } catch (BuildFailure e) {
      return () -> failed(of, stage, run, started, e.reason(), e.getMessage());
    } catch (IOException e) {
      BuildFailure explained =
          HostSpace.explain(e, workDirectory.path(), Reason.SAVE_FAILED, stage.word());
      return () -> failed(of, stage, run, started, explained.reason(), explained.getMessage());
    } catch (InterruptedException e) {
      return () -> failed(of, stage, run, started, Reason.CANCELLED, "it was interrupted");
    } catch (RuntimeException e) {
      return () -> {
        throw e;
      };
    }
  }

  private void failed(
      Attempt of, Stage stage, int run, Instant started, Reason reason, String message) {
    recorder.log().say(stage.word() + ": " + reason.word() + ": " + message);
    of.work(stage, new Work.Failed(run, reason, message, started, clock.instant()));
  }

  private void startVm(Attempt current) {
    BuilderVmWatch watch =
        new BuilderVmWatch(current.provisioned().nonce(), current.files().folder(), clock);
    try {
      VirtualMachine machine = current.provisioned().vm();
      recorder.log().say(String.join(" ", hypervisor.commandLine(machine)));
      RunningVm vm =
          hypervisor.start(
              machine,
              event -> {
                if (event instanceof VmEvent.ConsoleOutput output) {
                  recorder.console(output.bytes());
                }
                inbox.put(() -> heard(current, event), current::gone);
              });
      current.started(vm, watch);
    } catch (IOException e) {
      current.neverRan(
          new Vm.Stopped(
              Optional.empty(), clock.instant(), Vm.End.START_FAILED, e.getMessage(), true));
    }
  }

  private void heard(Attempt of, VmEvent event) {
    if (of.gone()) {
      return;
    }
    BuilderVmWatch watch = of.watch().orElseThrow();
    watch.accept(event);
    if (watch.standsStill()) {
      // Its disks are spoilt; nothing is to be waited for.
      of.runningVm().ifPresent(RunningVm::kill);
    }
  }

  private void stopVm(Attempt current, String why) {
    recorder.log().say("stopping the builder VM: " + why);
    current.watch().ifPresent(BuilderVmWatch::toldToStop);
    current
        .runningVm()
        .ifPresent(
            vm -> {
              vm.powerDown();
              executor.schedule(vm::kill, POWER_OFF.toSeconds(), TimeUnit.SECONDS);
            });
  }

  private void record(Failure failure) {
    failures.add(failure);
    recorder
        .log()
        .say(
            "attempt %d failed in %s: %s: %s"
                .formatted(
                    failure.attempt(),
                    failure.stage().word(),
                    failure.reason().word(),
                    failure.message()));
  }

  private void discard() {
    attempt.ifPresent(
        current -> {
          current.abandon();
          try {
            WorkDirectory.delete(current.files().folder());
          } catch (IOException e) {
            recorder.log().say("cannot remove " + current.files().folder() + ": " + e);
          }
        });
    attempt = Optional.empty();
  }

  private void publish(Attempt current) {
    try {
      publication.publish(current, lastStatus.orElseThrow());
      published = Optional.of(new Observed.Published(current.number(), true));
    } catch (BuildFailure e) {
      record(
          new Failure(
              current.number(),
              Stage.PUBLISH,
              1,
              e.reason(),
              e.getMessage(),
              clock.instant(),
              Optional.empty(),
              Set.of(),
              List.of()));
    }
  }

  /** Stops everything that still runs. */
  @Override
  public void close() {
    inbox.close();
    attempt.ifPresent(Attempt::abandon);
    executor.shutdownNow();
    try {
      executor.awaitTermination(TEAR_DOWN.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
