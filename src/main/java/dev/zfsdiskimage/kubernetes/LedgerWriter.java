package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Changes a revision's ledger; two writers at once cannot undo each other. */
final class LedgerWriter {
  private final Revision revision;
  private final Optional<ConfigMap> known;
  private final Cluster cluster;
  private final Ledger stored;
  private final Ledger ledger;

  /**
   * @param known the ConfigMap that holds the ledger, if there is one
   * @param ledger what is remembered, which may be more than what it holds
   */
  LedgerWriter(Revision revision, Optional<ConfigMap> known, Ledger ledger, Cluster cluster) {
    this.revision = revision;
    this.known = known;
    this.cluster = cluster;
    this.stored = known.flatMap(Ledger::read).orElse(Ledger.EMPTY);
    this.ledger = ledger;
  }

  Ledger ledger() {
    return ledger;
  }

  /**
   * Writes what is remembered and stands nowhere.
   *
   * @return whether there was such a thing
   */
  boolean complete() {
    return write(UnaryOperator.identity());
  }

  /**
   * Writes what {@code change} makes of the ledger, once in the life of this writer.
   *
   * @return whether anything had to be written
   */
  boolean write(UnaryOperator<Ledger> change) {
    Ledger next = RecordBounds.bounded(change.apply(ledger));
    if (next.equals(stored)) {
      return false;
    }
    ConfigMap configMap = next.write(revision, known);
    if (known.isPresent()) {
      cluster.replace(configMap);
    } else {
      cluster.create(configMap);
    }
    return true;
  }
}
