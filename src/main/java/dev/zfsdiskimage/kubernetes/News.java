package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ZfsDiskImage;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.function.Consumer;

/**
 * Has resources looked at again, and hears of their end. A reconciler without a finalizer is not
 * called for what is gone; JOSDK's {@code triggerReconcilerOnAllEvents} would do so, and is not
 * passed on by Quarkus' configuration of it.
 */
final class News extends SimpleInboundEventSource<ZfsDiskImage>
    implements ResourceEventAware<ZfsDiskImage> {
  private final Consumer<ZfsDiskImage> gone;

  /**
   * @param gone takes each resource that was deleted
   */
  News(Consumer<ZfsDiskImage> gone) {
    super("consoles");
    this.gone = gone;
  }

  @Override
  public void onResourceDeleted(ZfsDiskImage resource) {
    gone.accept(resource);
  }

  /** Who lists anew sees only that the name stands for another resource now. */
  @Override
  public void onResourceUpdated(ZfsDiskImage resource, ZfsDiskImage before) {
    if (!resource.getMetadata().getUid().equals(before.getMetadata().getUid())) {
      gone.accept(before);
    }
  }
}
