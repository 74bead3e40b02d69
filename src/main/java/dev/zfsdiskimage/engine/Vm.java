package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.Reason;
import java.time.Instant;
import java.util.Optional;

/** The builder VM of an attempt, as the adapter sees it. */
public sealed interface Vm {
  /** It was never started in this attempt. */
  record Absent() implements Vm {}

  /** It was asked for and does not run yet; {@code trouble} says what holds it up. */
  record Starting(Instant since, Optional<Trouble> trouble) implements Vm {}

  /**
   * It runs.
   *
   * @param since when it began to run
   * @param firstMessage when the adapter read the guest's first valid message
   * @param lastMessage when the adapter read the guest's newest valid message
   * @param hearing how far the console was read
   * @param trouble what the hypervisor or the cluster says is wrong with it
   */
  record Running(
      Instant since,
      Optional<Instant> firstMessage,
      Optional<Instant> lastMessage,
      Hearing hearing,
      Optional<Trouble> trouble)
      implements Vm {
    /** One whose console is read as it is written. */
    public Running(
        Instant since,
        Optional<Instant> firstMessage,
        Optional<Instant> lastMessage,
        Optional<Trouble> trouble) {
      this(since, firstMessage, lastMessage, new Hearing(since, true, Optional.empty()), trouble);
    }
  }

  /**
   * How far a console was read. What nobody has read yet may say that all is well, or over.
   *
   * @param since since when it is so
   * @param whole whether all that it has said until now was read
   * @param trouble why it could not be read, when it was tried
   */
  record Hearing(Instant since, boolean whole, Optional<String> trouble) {}

  /** It was told to stop and has not stopped yet. */
  record Stopping(Instant since) implements Vm {}

  /**
   * It has stopped, and its console was read to the end. The adapter remembers this for as long as
   * the attempt exists, also after the VM was removed.
   *
   * @param started when it began to run; empty when it never did
   * @param message the hypervisor's own words, possibly empty
   * @param removed whether nothing of it is left that could write to the disks
   */
  record Stopped(Optional<Instant> started, Instant at, End end, String message, boolean removed)
      implements Vm {}

  /** Something wrong with a VM, in the adapter's words; it may come and go. */
  record Trouble(Reason reason, String message, Instant since) {}

  /** How a VM came to its end, as far as one can tell from outside. */
  enum End {
    /** The guest powered off; this says nothing of its success. */
    POWERED_OFF,
    /** The hypervisor saw the guest's kernel panic. */
    PANICKED,
    /** The hypervisor's process was killed. */
    KILLED,
    /** The cluster evicted it. */
    EVICTED,
    /** Its node went away. */
    NODE_LOST,
    /** The storage under its disks failed. */
    IO_ERROR,
    /** The storage under its disks is full. */
    HOST_DISK_FULL,
    /** It never ran: the hypervisor refused it. */
    START_FAILED,
    /** It stopped because {@link Action.StopVm} asked for it. */
    STOPPED
  }

  /** The one absent VM. */
  Vm ABSENT = new Absent();
}
