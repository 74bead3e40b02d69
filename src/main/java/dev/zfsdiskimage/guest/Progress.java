package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the console has told so far of one boot of the builder VM. All times are since that boot.
 *
 * @param messages how many valid messages were read
 * @param step the step of the newest message
 * @param doing what the newest message says of the work within its step
 * @param done the step conditions reached
 * @param steps each step seen, in order
 * @param outcome whether the program has ended, and how
 * @param bytes what the pool holds
 * @param lost how many messages are known to be missing, by their sequence numbers
 * @param tail the last lines of plain console text, oldest first, for a person
 */
public record Progress(
    long messages,
    Optional<String> step,
    Optional<String> doing,
    Set<ConditionType> done,
    List<Step> steps,
    Outcome outcome,
    OptionalLong bytes,
    Optional<PoolSeen> pool,
    long lost,
    List<String> tail) {

  /** Nothing was heard yet. */
  public static final Progress NONE =
      new Progress(
          0,
          Optional.empty(),
          Optional.empty(),
          Set.of(),
          List.of(),
          new Outcome.Unknown(),
          OptionalLong.empty(),
          Optional.empty(),
          0,
          List.of());

  /** One step of the guest program. */
  public record Step(String name, Duration started, Optional<Duration> finished) {}

  /** What the guest said of the pool. */
  public record PoolSeen(String guid, long bytes, String zfsVersion) {}

  /** How the program ended, as far as the console tells. */
  public sealed interface Outcome {
    /** It runs, or its end was lost. */
    record Unknown() implements Outcome {}

    /** Every step is done. */
    record Finished() implements Outcome {}

    /** {@code step} failed; {@code exitStatus} is what its command returned. */
    record Failed(String step, Reason reason, int exitStatus, String message) implements Outcome {}

    /** The kernel's last words stand on the console. */
    record Panicked(String message) implements Outcome {}
  }
}
