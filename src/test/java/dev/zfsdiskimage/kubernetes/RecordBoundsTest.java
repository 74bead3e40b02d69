package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Stage;
import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.guest.Progress.Outcome;
import dev.zfsdiskimage.guest.SampleRecipes;
import dev.zfsdiskimage.guest.SampleReports;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The record of a build fits into a ConfigMap, whatever happens. */
class RecordBoundsTest {
  private static final int MOST_BYTES = 256 * 1024;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String LONG = "x".repeat(64 * 1024);
  private static final List<String> CONSOLE = Collections.nCopies(40, LONG);

  @Test
  void recordOfManyFailuresWithLongConsolesFitsIntoAConfigMap() {
    Ledger ledger = Ledger.EMPTY;
    for (int attempt = 1; attempt <= 21; attempt++) {
      int number = attempt;
      ledger =
          written(
              ledger,
              known ->
                  known
                      .with(number, new Ledger.EndedVm(stopped(), progress()))
                      .with(failure(number, Reason.GUEST_PANICKED)));
    }

    assertThat(ledger.failures()).hasSize(21);
    assertThat(ledger.failures().get(20).console()).hasSize(40);
    assertThat(RecordJson.write(ledger).length()).isLessThan(MOST_BYTES);
  }

  @Test
  void resourceThatIsSuspendedForEverAndAgainDoesNotFillTheRecord() {
    Ledger ledger = Ledger.EMPTY;
    for (int attempt = 1; attempt <= 1000; attempt++) {
      Failure suspended = failure(attempt, Reason.SUSPENDED);
      ledger = written(ledger, known -> known.with(suspended));
    }

    assertThat(ledger.failures()).singleElement().extracting(Failure::attempt).isEqualTo(1000);
  }

  @Test
  void reportThatARecordCannotHoldIsRefusedInItsPlace() {
    DiskReport good = SampleReports.good(SampleRecipes.minimal());
    Map<String, String> pool = new HashMap<>(good.pool());
    for (int i = 0; i < 1000; i++) {
      pool.put("org.example:" + i, LONG.substring(0, 4000));
    }
    DiskReport report =
        new DiskReport(
            good.boot(),
            good.root(),
            good.esp(),
            good.label(),
            pool,
            good.datasets(),
            good.files(),
            good.bootModes(),
            Optional.empty());

    Ledger ledger =
        written(
            Ledger.EMPTY,
            known -> known.with(1, new Ledger.EndedCheck(1, NOW, NOW, Optional.of(report))));

    assertThat(RecordJson.write(ledger).length()).isLessThan(MOST_BYTES);
    assertThat(ledger.checks().get(1).report().orElseThrow().fault().orElseThrow())
        .contains("can be kept");
    assertThat(RecordBounds.bounded(ledger)).isEqualTo(ledger);
  }

  @Test
  void whatWasBoundedOnceIsNotWrittenAgain() {
    Ledger ledger =
        written(
            Ledger.EMPTY,
            known ->
                known
                    .with(1, new Ledger.EndedVm(stopped(), progress()))
                    .with(failure(1, Reason.GUEST_PANICKED)));

    assertThat(RecordBounds.bounded(ledger)).isEqualTo(ledger);
  }

  /** As it is read again after it was written. */
  private static Ledger written(Ledger ledger, UnaryOperator<Ledger> change) {
    AtomicReference<ConfigMap> made = new AtomicReference<>();
    Revision revision = new Revision("images", "web", "uid", "0123456789");
    new LedgerWriter(revision, Optional.empty(), ledger, new Making(made)).write(change);
    return Ledger.read(made.get()).orElseThrow();
  }

  private record Making(AtomicReference<ConfigMap> made) implements Cluster {
    @Override
    public boolean create(HasMetadata object) {
      made.set((ConfigMap) object);
      return true;
    }

    @Override
    public void replace(HasMetadata object) {
      throw new AssertionError("nothing is there to be replaced");
    }

    @Override
    public void delete(HasMetadata object) {
      throw new AssertionError("nothing is there to be deleted");
    }

    @Override
    public boolean isUsed(String namespace, String claim) {
      return false;
    }
  }

  private static Vm.Stopped stopped() {
    return new Vm.Stopped(Optional.of(NOW), NOW, Vm.End.PANICKED, LONG, false);
  }

  private static Progress progress() {
    return new Progress(
        1,
        Optional.of(LONG),
        Optional.of(LONG),
        Set.of(),
        Collections.nCopies(40, new Progress.Step(LONG, Duration.ZERO, Optional.empty())),
        new Outcome.Failed(LONG, Reason.STEP_FAILED, 1, LONG),
        OptionalLong.empty(),
        Optional.empty(),
        0,
        CONSOLE);
  }

  private static Failure failure(int attempt, Reason reason) {
    return new Failure(
        attempt,
        Stage.BUILD,
        1,
        reason,
        LONG,
        NOW,
        Optional.of("install"),
        Set.of(ConditionType.POOL_CREATED),
        CONSOLE);
  }
}
