package dev.zfsdiskimage.kubernetes;

import java.util.Optional;

/**
 * How this operator was installed.
 *
 * @param builderImage OCI image with {@code /boot/vmlinuz}, {@code /boot/initrd.img} and {@code
 *     /disk/toolbox.squashfs}, for resources that name none
 * @param toolsImage OCI image with bash, coreutils and qemu-img, for the Jobs
 * @param debianImage OCI image whose {@code /disk/} holds Debian's root file system, for {@code
 *     install.debian}; empty where there is none
 * @param imagePullPolicy of all of them
 * @param panicDevices whether builder VMs may have a panic device (KubeVirt 1.8 on, behind a gate)
 * @param rebootPolicy whether VMs may end at a reboot (KubeVirt 1.8 on, behind a gate)
 * @param watchSecrets whether Secrets that resources refer to are read and watched
 * @param storageClass for resources that name none; empty for the cluster's own default
 * @param filesystemOverhead the part of a Filesystem volume that KubeVirt keeps free, from 0 to 1
 * @param builds how many builds may be under way at once
 * @param buildsPerNamespace how many of them in one namespace
 */
public record Settings(
    String builderImage,
    String toolsImage,
    Optional<String> debianImage,
    String imagePullPolicy,
    boolean panicDevices,
    boolean rebootPolicy,
    boolean watchSecrets,
    Optional<String> storageClass,
    double filesystemOverhead,
    int builds,
    int buildsPerNamespace) {

  static Settings of(OperatorProperties properties) {
    return new Settings(
        properties.builderImage(),
        properties.toolsImage(),
        properties.debianImage(),
        properties.imagePullPolicy(),
        properties.kubevirt().panicDevices(),
        properties.kubevirt().rebootPolicy(),
        properties.watchSecrets(),
        properties.storageClass(),
        properties.filesystemOverhead(),
        properties.builds().max(),
        properties.builds().maxPerNamespace());
  }
}
