package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Kubernetes' times. */
final class Times {
  private static final Duration STUCK = Duration.ofMinutes(5);

  private Times() {}

  /** The moment that an RFC 3339 text means; empty for null and for anything else. */
  static Optional<Instant> parse(String text) {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** RFC 3339 in whole seconds. */
  static String format(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  static Instant created(HasMetadata object) {
    return parse(object.getMetadata().getCreationTimestamp()).orElse(Instant.EPOCH);
  }

  /** Whether the object is being deleted. */
  static boolean isGoing(HasMetadata object) {
    return object.getMetadata().getDeletionTimestamp() != null;
  }

  /** Whether the object was to be gone long ago. */
  static boolean isStuck(HasMetadata object, Instant now) {
    return parse(object.getMetadata().getDeletionTimestamp())
        .filter(since -> Duration.between(since, now).compareTo(STUCK) > 0)
        .isPresent();
  }
}
