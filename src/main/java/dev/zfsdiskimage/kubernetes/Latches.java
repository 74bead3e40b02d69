package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Troubles that are shown for a moment only, and must not be forgotten while their VM exists. After
 * a restart of the operator they are unknown, and the VM's end is told in more general words.
 *
 * <p>What is known of a VM goes with the resource that it was made for: another resource of the
 * same name has VMs of the same names.
 */
final class Latches {
  private final Map<String, Known> byResource = new ConcurrentHashMap<>();

  /** A trouble and when it was first seen. */
  record Seen(Reason reason, String message, Instant since) {}

  /** What is known of one resource's VMs: troubles by the VM's uid, and the first sight by name. */
  private record Known(Map<String, Seen> troubles, Map<String, Instant> machines) {
    private Known() {
      this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    }
  }

  /** Keeps the first trouble of this VM. */
  void trouble(String resourceUid, String vmUid, Reason reason, String message, Instant now) {
    known(resourceUid).troubles().putIfAbsent(vmUid, new Seen(reason, message, now));
  }

  Optional<Seen> of(String resourceUid, String vmUid) {
    return Optional.ofNullable(known(resourceUid).troubles().get(vmUid));
  }

  /** Keeps that the resource's VM of this name was there. */
  void exists(String resourceUid, String name, Instant now) {
    known(resourceUid).machines().putIfAbsent(name, now);
  }

  /** When the resource's VM of this name was first seen. */
  Optional<Instant> existed(String resourceUid, String name) {
    return Optional.ofNullable(known(resourceUid).machines().get(name));
  }

  /** The VM is gone, and was accounted for. */
  void forget(String resourceUid, String name, String vmUid) {
    known(resourceUid).machines().remove(name);
    known(resourceUid).troubles().remove(vmUid);
  }

  /** The resource is gone, and its VMs with it. */
  void forget(String resourceUid) {
    byResource.remove(resourceUid);
  }

  private Known known(String resourceUid) {
    return byResource.computeIfAbsent(resourceUid, uid -> new Known());
  }
}
