package dev.zfsdiskimage.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.engine.Vm;
import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.Progress;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What must not be forgotten of a revision, though the objects that it was seen on are gone. It is
 * kept in a ConfigMap of its own; status is never read.
 *
 * @param failures oldest first
 * @param vms the builder VMs that have stopped, by attempt
 * @param checks the offline checks that were done, by attempt
 * @param boots the boots of the result that showed what was expected
 * @param larger the boots with a larger root disk that showed what was expected
 * @param published the images, once they are good
 * @param manifest the document that tells of them; it has a key of its own beside the others'
 */
record Ledger(
    List<Failure> failures,
    Map<Integer, EndedVm> vms,
    Map<Integer, EndedCheck> checks,
    List<GoodBoot> boots,
    List<LargerBoot> larger,
    Optional<Published> published,
    @JsonIgnore Optional<String> manifest) {

  private static final String KEY = "ledger.json";

  /** For others to read; the images' names are in it, and everything that was measured. */
  private static final String MANIFEST_KEY = "manifest.json";

  /** A stopped builder VM, and all that its console said. */
  record EndedVm(Vm.Stopped vm, Progress progress) {}

  /** A check that came to its end. */
  record EndedCheck(int run, Instant started, Instant finished, Optional<DiskReport> report) {}

  /** A copy of the images has booted. */
  record GoodBoot(int attempt, Firmware firmware, int run, Instant started, Instant finished) {}

  /**
   * A copy of the images with a larger root disk has booted; how its pool did is seen later.
   *
   * @param started when the copy was begun
   * @param finished when the expected text was read
   */
  record LargerBoot(int attempt, int run, Instant started, Instant finished) {}

  /**
   * Good images.
   *
   * @param claims the claims that hold them
   */
  record Published(
      int attempt,
      Instant at,
      List<ImageClaim> claims,
      ZfsDiskImageStatus.Images images,
      ZfsDiskImageStatus.Pool pool) {
    Published {
      claims = claims == null ? List.of() : List.copyOf(claims);
    }

    /** Whether nothing is missing that images always have; what somebody wrote may lack it. */
    @JsonIgnore
    boolean isWhole() {
      return at != null
          && images != null
          && images.boot() != null
          && images.root() != null
          && !claims.isEmpty()
          && claims.stream().allMatch(claim -> claim.uid() != null);
    }
  }

  /** A claim, and no other that may have its name later. */
  record ImageClaim(String name, String uid) {
    static ImageClaim of(PersistentVolumeClaim claim) {
      return new ImageClaim(claim.getMetadata().getName(), claim.getMetadata().getUid());
    }
  }

  /** Nothing was ever noted. */
  static final Ledger EMPTY =
      new Ledger(
          List.of(), Map.of(), Map.of(), List.of(), List.of(), Optional.empty(), Optional.empty());

  Ledger {
    failures = failures == null ? List.of() : List.copyOf(failures);
    vms = vms == null ? Map.of() : Map.copyOf(vms);
    checks = checks == null ? Map.of() : Map.copyOf(checks);
    boots = boots == null ? List.of() : List.copyOf(boots);
    larger = larger == null ? List.of() : List.copyOf(larger);
    published = published == null ? Optional.empty() : published;
    manifest = manifest == null ? Optional.empty() : manifest;
  }

  /** What a ConfigMap holds; empty when it is not what this operator, or an older one, wrote. */
  static Optional<Ledger> read(ConfigMap configMap) {
    Map<String, String> data = Optional.ofNullable(configMap.getData()).orElse(Map.of());
    return RecordJson.read(data.get(KEY), Ledger.class)
        .filter(ledger -> ledger.published().stream().allMatch(Published::isWhole))
        .map(ledger -> ledger.withManifest(Optional.ofNullable(data.get(MANIFEST_KEY))));
  }

  /** The ConfigMap that holds this, to be created or to replace {@code known}. */
  ConfigMap write(Revision revision, Optional<ConfigMap> known) {
    Map<String, String> data = new TreeMap<>();
    manifest.ifPresent(text -> data.put(MANIFEST_KEY, text));
    data.put(KEY, RecordJson.write(this));
    return new ConfigMapBuilder()
        .withMetadata(known.map(ConfigMap::getMetadata).orElseGet(revision::ledger))
        .withData(data)
        .build();
  }

  /** With one failure more; one of the same attempt, stage and run is there already. */
  Ledger with(Failure failure) {
    boolean known =
        failures.stream()
            .anyMatch(
                other ->
                    other.attempt() == failure.attempt()
                        && other.stage() == failure.stage()
                        && other.run() == failure.run());
    if (known) {
      return this;
    }
    List<Failure> more = new ArrayList<>(failures);
    more.add(failure);
    return new Ledger(more, vms, checks, boots, larger, published, manifest);
  }

  /** With the end of a builder VM; the first one noted stands. */
  Ledger with(int attempt, EndedVm vm) {
    Map<Integer, EndedVm> more = new TreeMap<>(vms);
    more.putIfAbsent(attempt, vm);
    return new Ledger(failures, more, checks, boots, larger, published, manifest);
  }

  Ledger with(int attempt, EndedCheck check) {
    Map<Integer, EndedCheck> more = new TreeMap<>(checks);
    more.put(attempt, check);
    return new Ledger(failures, vms, more, boots, larger, published, manifest);
  }

  Ledger with(GoodBoot boot) {
    if (boot(boot.attempt(), boot.firmware()).isPresent()) {
      return this;
    }
    List<GoodBoot> more = new ArrayList<>(boots);
    more.add(boot);
    return new Ledger(failures, vms, checks, more, larger, published, manifest);
  }

  Optional<GoodBoot> boot(int attempt, Firmware firmware) {
    return boots.stream()
        .filter(boot -> boot.attempt() == attempt && boot.firmware() == firmware)
        .findFirst();
  }

  Ledger with(LargerBoot boot) {
    if (largerBoot(boot.attempt(), boot.run()).isPresent()) {
      return this;
    }
    List<LargerBoot> more = new ArrayList<>(larger);
    more.add(boot);
    return new Ledger(failures, vms, checks, boots, more, published, manifest);
  }

  Optional<LargerBoot> largerBoot(int attempt, int run) {
    return larger.stream()
        .filter(boot -> boot.attempt() == attempt && boot.run() == run)
        .findFirst();
  }

  Ledger with(Published images, Optional<String> document) {
    return new Ledger(failures, vms, checks, boots, larger, Optional.of(images), document);
  }

  private Ledger withManifest(Optional<String> text) {
    return new Ledger(failures, vms, checks, boots, larger, published, text);
  }
}
