package dev.zfsdiskimage.kubernetes.cluster;

import dev.zfsdiskimage.kubevirt.VirtualMachineInstance;
import dev.zfsdiskimage.kubevirt.VirtualMachineInstanceSpec.ClaimVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The claims of a VM's launcher, and what KubeVirt does to them. It gives the top folder of a
 * Filesystem claim to its own user, and that fails where the claim as a whole is read-only, unless
 * it was given to that user before (seen on KubeVirt 1.9).
 */
final class LauncherVolumes {
  private final ApiServer api;
  private final Set<String> owned = new HashSet<>();

  LauncherVolumes(ApiServer api) {
    this.api = api;
  }

  /** The volumes of the launcher's pod. */
  List<Volume> of(VirtualMachineInstance vm) {
    return vm.getSpec().volumes().stream()
        .flatMap(
            volume ->
                Stream.ofNullable(
                        volume.persistentVolumeClaim() != null
                            ? volume.persistentVolumeClaim()
                            : volume.ephemeral() == null
                                ? null
                                : volume.ephemeral().persistentVolumeClaim())
                    .map(
                        claim ->
                            new VolumeBuilder()
                                .withName(volume.name())
                                .withNewPersistentVolumeClaim(claim.claimName(), claim.readOnly())
                                .build()))
        .toList();
  }

  /** Why the VM cannot start with them, in KubeVirt's words. */
  synchronized Optional<String> trouble(VirtualMachineInstance vm) {
    Optional<String> trouble = Optional.empty();
    for (var volume : vm.getSpec().volumes()) {
      ClaimVolume claim = volume.persistentVolumeClaim();
      Optional<PersistentVolumeClaim> there =
          Optional.ofNullable(claim)
              .flatMap(
                  known ->
                      api.get(
                          PersistentVolumeClaim.class,
                          vm.getMetadata().getNamespace(),
                          known.claimName()))
              .filter(known -> "Filesystem".equals(known.getSpec().getVolumeMode()));
      if (there.isEmpty()) {
        continue;
      }
      String uid = there.get().getMetadata().getUid();
      if (!Boolean.TRUE.equals(claim.readOnly())) {
        owned.add(uid);
      } else if (!owned.contains(uid)) {
        trouble =
            Optional.of(
                "Failed to change ownership of HostDisk dir "
                    + volume.name()
                    + ", chown: read-only file system");
      }
    }
    return trouble;
  }
}
