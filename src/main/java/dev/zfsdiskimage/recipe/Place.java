package dev.zfsdiskimage.recipe;

/** Where a build takes place. */
public enum Place {
  /** QEMU and files on this machine. */
  ONE_MACHINE,
  /** KubeVirt and PersistentVolumeClaims. */
  CLUSTER
}
