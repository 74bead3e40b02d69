package dev.zfsdiskimage.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The programs that a build has started. They end with it, and also when this JVM is killed in a
 * way it cannot answer: Linux then sends them the parent-death signal.
 */
public final class ChildProcesses implements AutoCloseable {
  /** What a child gets when this JVM is gone. */
  enum AtOurDeath {
    /** Clean up, then end. */
    TERM,
    /** End at once. */
    KILL
  }

  private static final long GRACE_SECONDS = 10;

  private final Set<Process> alive = ConcurrentHashMap.newKeySet();
  private final SearchPath searchPath;
  private volatile boolean closed;

  /**
   * Linux sends the parent-death signal when the thread that started the child ends, not the
   * process: so one thread starts them all and lives as long as this object.
   */
  private final ExecutorService starter =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "child-starter");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param searchPath also finds {@code setpriv} of util-linux; without that, children outlive a
   *     JVM that ends by SIGKILL
   */
  public ChildProcesses(SearchPath searchPath) {
    this.searchPath = searchPath;
  }

  /**
   * Starts a program; the command's first word is a path or a name on the search path.
   *
   * @throws IOException when there is no such program, or this object is closed
   */
  Process start(ProcessBuilder builder, AtOurDeath signal) throws IOException {
    builder.command(withDeathSignal(builder.command(), signal));
    builder.environment().put("PATH", searchPath.variable());
    try {
      Process process = starter.submit(() -> register(builder)).get();
      process.onExit().thenAccept(alive::remove);
      return process;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } catch (RejectedExecutionException e) {
      throw new IOException("the build was stopped", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting " + builder.command().get(0), e);
    }
  }

  /** On the one thread, so that no child can slip past {@link #close}. */
  private Process register(ProcessBuilder builder) throws IOException {
    if (closed) {
      throw new IOException("the build was stopped");
    }
    Process process = builder.start();
    alive.add(process);
    return process;
  }

  private List<String> withDeathSignal(List<String> command, AtOurDeath signal) throws IOException {
    List<String> wrapped = new ArrayList<>();
    searchPath
        .find("setpriv")
        .ifPresent(
            setpriv ->
                wrapped.addAll(List.of(setpriv.toString(), "--pdeathsig", signal.name(), "--")));
    wrapped.add(executable(command.get(0)).toString());
    wrapped.addAll(command.subList(1, command.size()));
    return wrapped;
  }

  private Path executable(String name) throws IOException {
    if (name.contains("/")) {
      return Path.of(name);
    }
    return searchPath
        .find(name)
        .orElseThrow(() -> new IOException("program not found on PATH: " + name));
  }

  /** Asks a program and everything it has started to end, then makes them. */
  static void stop(Process process) {
    List<ProcessHandle> tree = process.descendants().toList();
    process.destroy();
    tree.forEach(ProcessHandle::destroy);
    boolean ended = false;
    try {
      ended = process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.destroyForcibly();
    }
    tree.forEach(ProcessHandle::destroyForcibly);
  }

  /** Ends every program that still runs; none can be started afterwards. */
  @Override
  public void close() {
    try {
      starter.submit(() -> closed = true).get();
    } catch (ExecutionException | RejectedExecutionException e) {
      closed = true;
    } catch (InterruptedException e) {
      closed = true;
      Thread.currentThread().interrupt();
    }
    alive.parallelStream().forEach(ChildProcesses::stop);
    starter.shutdown();
  }
}
