package dev.zfsdiskimage.local;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does the same for both disks at the same time. */
final class InParallel {
  private InParallel() {}

  /** What two pieces of work have given. */
  record Both<T>(T boot, T root) {}

  /** Runs both; when one fails or this thread is interrupted, the other is interrupted. */
  static <T> Both<T> run(Callable<T> boot, Callable<T> root)
      throws BuildFailure, IOException, InterruptedException {
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      Future<T> first = executor.submit(boot);
      Future<T> second = executor.submit(root);
      return new Both<>(first.get(), second.get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BuildFailure failure) {
        throw failure;
      }
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof InterruptedException interrupted) {
        throw interrupted;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }
}
