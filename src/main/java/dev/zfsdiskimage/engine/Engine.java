package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.recipe.Recipe;
import java.time.Instant;
import java.util.Optional;

/** The build's state machine. */
public final class Engine {
  private Engine() {}

  /**
   * What to do about a build now, and what to say of it.
   *
   * <p>The answer depends on nothing but the arguments: asked twice, it is the same, and whoever
   * lost the previous answer or the previous status has lost nothing.
   */
  public static Decision decide(Recipe recipe, Observed observed, Instant now) {
    Next next = new Course(recipe, observed, now).next();
    Status status = new StatusWriter(recipe, observed, next).status();
    return new Decision(next.actions(), status, next.look());
  }

  /**
   * The status of a resource that cannot even become a recipe.
   *
   * @param reason such as {@link Reason#INVALID_SPEC} or {@link Reason#REFERENCE_NOT_FOUND}
   * @param lastGood the older revision whose published images still stand, when there is one
   */
  public static Status refused(Reason reason, String message, Optional<String> lastGood) {
    return StatusWriter.refused(reason, message, lastGood);
  }
}
