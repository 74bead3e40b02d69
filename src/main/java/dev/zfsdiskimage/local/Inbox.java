package dev.zfsdiskimage.local;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What several threads tell one. Bounded: who tells too much waits, and so, in the end, does a VM
 * that floods its console.
 */
final class Inbox<T> {
  private static final int CAPACITY = 256;

  private final BlockingQueue<T> queue = new ArrayBlockingQueue<>(CAPACITY);
  private volatile boolean closed;

  /** Adds an item, unless the inbox is closed or {@code unwanted} is true meanwhile. */
  void put(T item, BooleanSupplier unwanted) {
    try {
      while (!closed && !unwanted.getAsBoolean()) {
        if (queue.offer(item, 50, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next item, or empty when none comes within {@code limit}. */
  Optional<T> next(Duration limit) throws InterruptedException {
    return Optional.ofNullable(queue.poll(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS));
  }

  /** Nothing is taken in from now on. */
  void close() {
    closed = true;
    queue.clear();
  }
}
