package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.manifest.ImageManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One build on this machine: QEMU, and disks as files. */
public final class LocalBuild {
  private static final long CANCEL_SECONDS = 40;

  private final LocalHost host;
  private final Order order;
  private final BuildListener listener;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean cancelled;
  private volatile Runnable stopLoop = () -> {};

  /** A build to {@link #run} once. */
  public LocalBuild(LocalHost host, Order order, BuildListener listener) {
    this.host = host;
    this.order = order;
    this.listener = listener;
  }

  /**
   * How a build ended.
   *
   * @param status ready, or failed with its reason
   * @param log the build's log
   * @param published what is in the output directory now, when it is this build's
   */
  public record Result(Status status, Path log, Optional<ImageManifest> published) {}

  /**
   * Builds. Whatever happens, no process and no temporary file stays, and under their final names
   * are only finished images: the new ones or those that were there before.
   *
   * @throws BuildFailure when it could not begin or was cancelled
   */
  public Result run() throws BuildFailure, InterruptedException {
    Thread atExit = new Thread(this::cancel, "cancel-at-exit");
    Runtime.getRuntime().addShutdownHook(atExit);
    try (OutputLock lock = OutputLock.take(order.output());
        WorkDirectory workDirectory = WorkDirectory.create(order.output(), lock);
        BuildLog log = new BuildLog(workDirectory.path().resolve(OutputDirectory.LOG));
        ChildProcesses children = new ChildProcesses(host.searchPath())) {
      return run(workDirectory, log, children);
    } catch (IOException e) {
      throw HostSpace.explain(
          e, order.output(), Reason.SAVE_FAILED, "writing to " + order.output());
    } finally {
      ended.countDown();
      removeHook(atExit);
    }
  }

  /** Ends the build: the VM stops, temporary files go. Returns when that is done. */
  public void cancel() {
    cancelled = true;
    stopLoop.run();
    try {
      ended.await(CANCEL_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Result run(WorkDirectory workDirectory, BuildLog log, ChildProcesses children)
      throws BuildFailure, IOException, InterruptedException {
    OutputDirectory output = new OutputDirectory(order.output());
    boolean succeeded = false;
    try {
      Recorder recorder = new Recorder(log, listener);
      Hypervisor hypervisor = Hypervisor.find(children, host.searchPath());
      requirePrograms();
      try (BuildLoop loop = loop(workDirectory, output, recorder, hypervisor, children)) {
        stopLoop = loop::cancel;
        if (cancelled) {
          loop.cancel();
        }
        Status status = loop.run();
        succeeded = status.phase() == Phase.READY;
        return new Result(
            status,
            succeeded ? order.output().resolve(OutputDirectory.LOG) : output.failedLog(),
            succeeded ? output.published() : Optional.empty());
      }
    } finally {
      if (!succeeded) {
        output.keepLog(log);
      }
    }
  }

  private BuildLoop loop(
      WorkDirectory workDirectory,
      OutputDirectory output,
      Recorder recorder,
      Hypervisor hypervisor,
      ChildProcesses children) {
    ProgramRun programs = new ProgramRun(children);
    QemuImg qemuImg = new QemuImg(programs);
    Stages stages =
        new Stages(
            order.recipe(),
            workDirectory.path(),
            new Provisioning(
                order,
                hypervisor,
                new ApplianceStore(host, children),
                new PayloadStore(host, order.resourceFolder(), programs),
                new IsoImage(programs),
                recorder),
            new DiskInspection(hypervisor, programs, recorder),
            new Saving(
                order.recipe(), qemuImg, new PostBuildRun(order, programs, recorder), recorder),
            new BootTrial(hypervisor, qemuImg, Firmwares.ofThisMachine()),
            recorder);
    return new BuildLoop(
        order.recipe(),
        workDirectory,
        hypervisor,
        stages,
        new Publication(order.recipe(), output, hypervisor, recorder.log(), lastGood(output)),
        recorder,
        Clock.systemUTC());
  }

  private void requirePrograms() throws BuildFailure {
    require("qemu-img", "qemu-utils");
    require("xorriso", "xorriso");
    require("tar", "tar");
  }

  private void require(String program, String debianPackage) throws BuildFailure {
    if (host.searchPath().find(program).isEmpty()) {
      throw new BuildFailure(
          Reason.VM_START_FAILED,
          program + " not found on PATH; install it with: apt-get install " + debianPackage);
    }
  }

  private static Optional<String> lastGood(OutputDirectory output) {
    try {
      return output.published().map(ImageManifest::revision);
    } catch (BuildFailure e) {
      return Optional.empty();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs already.
    }
  }
}
