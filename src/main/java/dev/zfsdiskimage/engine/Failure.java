package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One failure, as it is recorded for good. The adapter keeps these where nothing but the end of the
 * revision removes them: retries are counted from them.
 *
 * @param attempt in which attempt, from 1
 * @param stage in which stage
 * @param run which run of the stage in that attempt, from 1
 * @param message what happened, for a person; without the remedy
 * @param at when it was seen
 * @param step the guest program's step, when one failed
 * @param done the step conditions that the attempt had reached
 * @param console the last console lines, oldest first; empty when the console says nothing about it
 */
public record Failure(
    int attempt,
    Stage stage,
    int run,
    Reason reason,
    String message,
    Instant at,
    Optional<String> step,
    Set<ConditionType> done,
    List<String> console) {}
