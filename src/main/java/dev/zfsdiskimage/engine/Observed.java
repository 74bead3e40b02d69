package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.Progress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything an adapter sees of one revision at one moment.
 *
 * <p>What has once come to an end (a stopped VM, work that is done or has failed, with its times
 * and its report) is remembered by the adapter for as long as the attempt exists, also after the
 * objects it was seen on are gone.
 *
 * @param suspended {@code spec.suspend}
 * @param ahead how many other builds must end before this one may begin
 * @param attempt the attempt of which something exists, from 1; 0 when nothing does
 * @param failures every recorded failure of this revision, oldest first
 * @param disks the attempt's disks
 * @param vm the attempt's builder VM
 * @param progress what the builder VM's console told
 * @param check the offline check
 * @param report what the check saw, once it is done
 * @param save conversion, hashes, {@code postBuild}
 * @param boots a boot of the images under each firmware that was begun
 * @param grow the boot with a larger root disk
 * @param published this revision's published images, if any ever were
 * @param lastGood the older revision whose published images still stand, when there is one
 * @param cleanupBlocked what keeps the attempt's remains from going away, once it has for too long
 * @param refused why nothing can be done at the moment; the adapter leaves it out now and then, so
 *     that it is tried again
 */
public record Observed(
    boolean suspended,
    int ahead,
    int attempt,
    List<Failure> failures,
    Work disks,
    Vm vm,
    Progress progress,
    Work check,
    Optional<DiskReport> report,
    Work save,
    Map<Firmware, Work> boots,
    Work grow,
    Optional<Published> published,
    Optional<String> lastGood,
    Optional<String> cleanupBlocked,
    Optional<Vm.Trouble> refused) {

  /**
   * Images that {@link Action.Publish} made the resource's newest good ones.
   *
   * @param attempt the attempt that built them; its failures and earlier ones no longer count
   * @param present whether both are still there
   */
  public record Published(int attempt, boolean present) {}

  /** Nothing exists yet. */
  public static Observed nothing() {
    return new Observed(
        false,
        0,
        0,
        List.of(),
        Work.ABSENT,
        Vm.ABSENT,
        Progress.NONE,
        Work.ABSENT,
        Optional.empty(),
        Work.ABSENT,
        Map.of(),
        Work.ABSENT,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The boot under {@code firmware}. */
  public Work boot(Firmware firmware) {
    return boots.getOrDefault(firmware, Work.ABSENT);
  }
}
