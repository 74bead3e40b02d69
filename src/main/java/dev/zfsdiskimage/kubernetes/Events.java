package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Tells the turns of a build as events of its resource. An event's name follows from what it tells,
 * so that the same turn seen twice, by whomever, is one event.
 */
final class Events {
  /** Kubernetes allows 1024 bytes. */
  private static final int MAX_MESSAGE = 1000;

  private final Instant now;

  Events(Instant now) {
    this.now = now;
  }

  /** The events that lead from one status to the next. */
  List<Event> between(
      ZfsDiskImage resource, Optional<ZfsDiskImageStatus> before, ZfsDiskImageStatus after) {
    return after.conditions().stream()
        .filter(Events::tells)
        .filter(condition -> isNews(condition, before))
        .map(condition -> event(resource, after, condition))
        .toList();
  }

  /** The summary's turns; steps stand in the status, each with its times. */
  private static boolean tells(ZfsDiskImageStatus.Condition condition) {
    return condition.type() == ConditionType.READY && condition.reason() != Reason.IN_PROGRESS;
  }

  private static boolean isNews(
      ZfsDiskImageStatus.Condition condition, Optional<ZfsDiskImageStatus> before) {
    return before.map(ZfsDiskImageStatus::conditions).orElse(List.of()).stream()
        .noneMatch(
            known ->
                known.type() == condition.type()
                    && known.status() == condition.status()
                    && known.reason() == condition.reason());
  }

  private Event event(
      ZfsDiskImage resource, ZfsDiskImageStatus status, ZfsDiskImageStatus.Condition condition) {
    ObjectMeta about = resource.getMetadata();
    boolean normal = condition.reason().handling() == Reason.Handling.NORMAL;
    String reason = isTrue(condition) ? condition.type().word() : condition.reason().word();
    String identity =
        String.join(
            "\n",
            about.getUid(),
            String.valueOf(status.revision()),
            String.valueOf(status.attempt()),
            condition.type().word(),
            condition.status().name(),
            condition.reason().word());
    String at = Times.format(now);
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(about.getNamespace())
        .withName(about.getName() + "." + Revision.digest(identity).substring(0, 16))
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(ZfsDiskImage.GROUP + "/" + ZfsDiskImage.VERSION)
        .withKind(ZfsDiskImage.KIND)
        .withNamespace(about.getNamespace())
        .withName(about.getName())
        .withUid(about.getUid())
        .endInvolvedObject()
        .withType(normal ? "Normal" : "Warning")
        .withReason(reason)
        .withMessage(message(condition, status))
        .withFirstTimestamp(at)
        .withLastTimestamp(at)
        .withCount(1)
        .withNewSource()
        .withComponent(Labels.OPERATOR)
        .endSource()
        .build();
  }

  private static String message(ZfsDiskImageStatus.Condition condition, ZfsDiskImageStatus status) {
    String text =
        condition.message() == null
            ? condition.type().word() + " in attempt " + status.attempt()
            : condition.message();
    return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE - 1) + "…";
  }

  private static boolean isTrue(ZfsDiskImageStatus.Condition condition) {
    return condition.status() == ZfsDiskImageStatus.Status.TRUE;
  }
}
