package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.Reason.Handling;
import dev.zfsdiskimage.recipe.Recipe;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The recorded failures that still count: those since the last published images. An attempt that
 * was stopped on request is no failure; its number is used up all the same.
 */
final class History {
  private final int retries;
  private final int lastAttempt;
  private final List<Failure> failures;
  private final List<Failure> interruptions;

  History(Recipe recipe, Observed observed) {
    this.retries = recipe.builder().retries();
    int published = observed.published().map(Observed.Published::attempt).orElse(0);
    Map<Boolean, List<Failure>> since =
        observed.failures().stream()
            .filter(failure -> failure.attempt() > published)
            .collect(Collectors.partitioningBy(failure -> failure.reason() == Reason.SUSPENDED));
    this.failures = since.get(false);
    this.interruptions = since.get(true);
    this.lastAttempt =
        Stream.concat(failures.stream(), interruptions.stream())
            .mapToInt(Failure::attempt)
            .max()
            .orElse(published);
  }

  Optional<Failure> newest() {
    return failures.isEmpty() ? Optional.empty() : Optional.of(failures.get(failures.size() - 1));
  }

  int size() {
    return failures.size();
  }

  /** How many tries there may be in all. */
  int tries() {
    return retries + 1;
  }

  /** The failure after which nothing is tried any more. */
  Optional<Failure> lastStraw() {
    return failures.stream()
        .filter(failure -> failure.reason().handling() != Handling.RETRIED)
        .findFirst()
        .or(() -> failures.size() > retries ? newest() : Optional.empty());
  }

  /** The failure that made this attempt's disks useless. */
  Optional<Failure> spoiling(int attempt) {
    return failures.stream()
        .filter(failure -> failure.attempt() == attempt && failure.stage().spoilsDisks())
        .findFirst();
  }

  /** Whether this attempt was stopped on request. */
  boolean wasInterrupted(int attempt) {
    return interruptions.stream().anyMatch(failure -> failure.attempt() == attempt);
  }

  /** Whether this run of a stage is known to have failed. */
  boolean has(int attempt, Stage stage, int run) {
    return failures.stream()
        .anyMatch(
            failure ->
                failure.attempt() == attempt && failure.stage() == stage && failure.run() == run);
  }

  /** The run of a stage that comes next in this attempt, from 1. */
  int nextRun(int attempt, Stage stage) {
    return failures.stream()
            .filter(failure -> failure.attempt() == attempt && failure.stage() == stage)
            .mapToInt(Failure::run)
            .max()
            .orElse(0)
        + 1;
  }

  /** The newest attempt that has come to its end, good or bad; 0 when there was none. */
  int lastAttempt() {
    return lastAttempt;
  }
}
