package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Troubles that are shown for a moment only, and must not be forgotten while their VM exists. After
 * a restart of the operator they are unknown, and the VM's end is told in more general words.
 */
final class Latches {
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();
  private final Map<String, Instant> machines = new ConcurrentHashMap<>();

  /** A trouble and when it was first seen. */
  record Seen(Reason reason, String message, Instant since) {}

  /** Keeps the first trouble of this VM. */
  void trouble(String vmUid, Reason reason, String message, Instant now) {
    seen.putIfAbsent(vmUid, new Seen(reason, message, now));
  }

  Optional<Seen> of(String vmUid) {
    return Optional.ofNullable(seen.get(vmUid));
  }

  /** Keeps that a VM of this name was there. */
  void exists(String namespace, String name, Instant now) {
    machines.putIfAbsent(namespace + "/" + name, now);
  }

  /** When a VM of this name was first seen. */
  Optional<Instant> existed(String namespace, String name) {
    return Optional.ofNullable(machines.get(namespace + "/" + name));
  }

  /** The VM is gone, and was accounted for. */
  void forget(String namespace, String name, String vmUid) {
    machines.remove(namespace + "/" + name);
    seen.remove(vmUid);
  }
}
