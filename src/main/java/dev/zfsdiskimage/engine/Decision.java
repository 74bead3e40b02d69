package dev.zfsdiskimage.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What to do now, and what to say.
 *
 * @param actions to be done in this order; the next decision needs a fresh look
 * @param nextLook look again after this long even if nothing changes; empty when only a change can
 *     make a difference
 */
public record Decision(List<Action> actions, Status status, Optional<Duration> nextLook) {}
