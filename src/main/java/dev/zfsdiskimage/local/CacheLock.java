package dev.zfsdiskimage.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/** Lets one build at a time, of all on this machine, make something in the cache. */
final class CacheLock {
  /** Two threads of one JVM cannot hold locks on the same file; threads queue here first. */
  private static final ReentrantLock THIS_JVM = new ReentrantLock();

  private CacheLock() {}

  /**
   * Waits for the lock that {@code file} stands for, and runs a job under it.
   *
   * @param waiting run when another build has the lock
   */
  static <T> T holding(Path file, Runnable waiting, Job<T> job)
      throws BuildFailure, IOException, InterruptedException {
    if (!THIS_JVM.tryLock()) {
      waiting.run();
      THIS_JVM.lockInterruptibly();
    }
    try {
      Files.createDirectories(file.getParent());
      try (FileChannel channel = LockFile.open(file)) {
        lock(channel, file, waiting);
        return job.run();
      }
    } finally {
      THIS_JVM.unlock();
    }
  }

  private static void lock(FileChannel channel, Path file, Runnable waiting)
      throws IOException, InterruptedException {
    if (channel.tryLock() != null) {
      return;
    }
    waiting.run();
    try {
      channel.lock();
    } catch (java.nio.channels.FileLockInterruptionException
        | java.nio.channels.ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException("while waiting for " + file);
    }
  }
}
