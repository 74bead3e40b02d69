package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.Progress;
import dev.zfsdiskimage.guest.Progress.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How much of a build is remembered, whatever a guest prints and however often it is tried: an API
 * server takes no ConfigMap of more than 1 MiB (Kubernetes, "ConfigMaps"), and a record that it
 * refuses would stop the build for ever. Bounding twice is the same as bounding once.
 */
final class RecordBounds {
  /** Of a message, in characters. */
  private static final int MESSAGE = 2_000;

  /** Of one line of a console, in characters. */
  private static final int LINE = 500;

  private static final int LINES = 40;

  /** Of what a check saw, in bytes. */
  private static final int REPORT = 512 * 1024;

  private RecordBounds() {}

  /** What of a ledger still matters, with texts cut. */
  static Ledger bounded(Ledger ledger) {
    int attempt =
        Math.max(
            ledger.vms().keySet().stream().mapToInt(number -> number).max().orElse(0),
            ledger.checks().keySet().stream().mapToInt(number -> number).max().orElse(0));
    return new Ledger(
        failures(ledger),
        newest(ledger.vms()).map(RecordBounds::vms).orElse(Map.of()),
        newest(ledger.checks()).map(RecordBounds::checks).orElse(Map.of()),
        ledger.boots().stream().filter(boot -> boot.attempt() >= attempt).toList(),
        ledger.larger().stream().filter(boot -> boot.attempt() >= attempt).toList(),
        ledger.published(),
        ledger.manifest());
  }

  private static <T> Optional<Map.Entry<Integer, T>> newest(Map<Integer, T> byAttempt) {
    return Optional.ofNullable(new TreeMap<>(byAttempt).lastEntry());
  }

  /**
   * Retries are counted from the failures since the last images; of those that a suspended resource
   * has caused only the newest tells something; only the newest console is shown.
   */
  private static List<Failure> failures(Ledger ledger) {
    int published = ledger.published().map(Ledger.Published::attempt).orElse(0);
    List<Failure> all = ledger.failures();
    List<Failure> kept = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Failure failure = all.get(i);
      boolean last = i == all.size() - 1;
      boolean counts = failure.attempt() > published && failure.reason() != Reason.SUSPENDED;
      if (last || counts) {
        kept.add(cut(failure, last ? lines(failure.console()) : List.of()));
      }
    }
    return kept;
  }

  private static Failure cut(Failure failure, List<String> console) {
    return new Failure(
        failure.attempt(),
        failure.stage(),
        failure.run(),
        failure.reason(),
        cut(failure.message(), MESSAGE),
        failure.at(),
        failure.step().map(step -> cut(step, LINE)),
        failure.done(),
        console);
  }

  private static Map<Integer, Ledger.EndedVm> vms(Map.Entry<Integer, Ledger.EndedVm> newest) {
    Vm.Stopped vm = newest.getValue().vm();
    Vm.Stopped stopped =
        new Vm.Stopped(vm.started(), vm.at(), vm.end(), cut(vm.message(), MESSAGE), vm.removed());
    return Map.of(
        newest.getKey(), new Ledger.EndedVm(stopped, progress(newest.getValue().progress())));
  }

  /** A report that the record cannot hold is one that nobody may rely on. */
  private static Map<Integer, Ledger.EndedCheck> checks(
      Map.Entry<Integer, Ledger.EndedCheck> newest) {
    Ledger.EndedCheck check = newest.getValue();
    Optional<DiskReport> report =
        check
            .report()
            .map(
                whole -> {
                  int bytes = RecordJson.write(whole).getBytes(StandardCharsets.UTF_8).length;
                  return bytes <= REPORT
                      ? whole
                      : DiskReport.refused(
                          "it has " + bytes + " bytes, and " + REPORT + " can be kept");
                });
    return Map.of(
        newest.getKey(),
        new Ledger.EndedCheck(check.run(), check.started(), check.finished(), report));
  }

  private static Progress progress(Progress progress) {
    return new Progress(
        progress.messages(),
        progress.step().map(step -> cut(step, LINE)),
        progress.doing().map(doing -> cut(doing, LINE)),
        progress.done(),
        progress.steps().stream()
            .limit(LINES)
            .map(step -> new Progress.Step(cut(step.name(), LINE), step.started(), step.finished()))
            .toList(),
        outcome(progress.outcome()),
        progress.bytes(),
        progress.pool(),
        progress.lost(),
        lines(progress.tail()));
  }

  private static Outcome outcome(Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed) {
      return new Outcome.Failed(
          cut(failed.step(), LINE),
          failed.reason(),
          failed.exitStatus(),
          cut(failed.message(), MESSAGE));
    }
    return outcome instanceof Outcome.Panicked panicked
        ? new Outcome.Panicked(cut(panicked.message(), MESSAGE))
        : outcome;
  }

  private static List<String> lines(List<String> lines) {
    return lines.subList(Math.max(0, lines.size() - LINES), lines.size()).stream()
        .map(line -> cut(line, LINE))
        .toList();
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }
}
