package dev.zfsdiskimage.api;

/**
 * What a field is when the resource says nothing. The CRD's schema and the recipe take their
 * defaults from here, so that a resource means the same whether an API server filled it in or not.
 *
 * <p>They are those of nixpkgs' two-disk ZFS image builder, but for {@link #BUILDER_MEMORY} and the
 * {@code ashift} in {@link #POOL_PROPERTIES}.
 */
public final class Defaults {
  public static final String BOOT_SIZE = "1Gi";
  public static final String ROOT_SIZE = "2Gi";
  public static final String POOL_NAME = "tank";

  /** Added even when the resource gives pool properties of its own without an {@code ashift}. */
  public static final String ASHIFT = "12";

  /**
   * As JSON. {@code ashift} is 12 because a virtio disk reports sectors of 512 bytes, from which
   * ZFS would choose 9, and an ashift of 9 is slow for ever on the disks of today.
   */
  public static final String POOL_PROPERTIES =
      "{\"ashift\":\"" + ASHIFT + "\",\"autoexpand\":\"on\"}";

  /** As JSON. */
  public static final String POOL_FILESYSTEM_PROPERTIES =
      "{\"acltype\":\"posixacl\",\"atime\":\"off\",\"compression\":\"on\","
          + "\"mountpoint\":\"legacy\",\"xattr\":\"sa\"}";

  public static final String DEBIAN_SUITE = "trixie";

  /** As JSON. {@code contrib} holds Debian's ZFS. */
  public static final String DEBIAN_COMPONENTS = "[\"main\",\"contrib\"]";

  public static final String DEBIAN_HOSTNAME = "debian";

  /** As JSON: the login prompt is on the screen and on the serial line. */
  public static final String KERNEL_ARGUMENTS = "[\"console=tty0\",\"console=ttyS0\"]";

  public static final String BOOTLOADER = "grub";

  public static final String FORMAT = "raw";

  /** As JSON. */
  public static final String ACCESS_MODES = "[\"ReadWriteOnce\"]";

  public static final String VOLUME_MODE = "Filesystem";
  public static final String REVISIONS_TO_KEEP = "2";
  public static final String ON_DELETE = "Delete";

  /** 2 GiB: with 1 GiB, builders on ZFS are known to run out of memory. */
  public static final String BUILDER_MEMORY = "2Gi";

  public static final String BUILDER_CORES = "2";
  public static final String NETWORK = "None";
  public static final String RETRIES = "2";
  public static final String START_TIMEOUT = "5m";
  public static final String BUILD_TIMEOUT = "2h";
  public static final String SAVE_TIMEOUT = "1h";

  public static final String SCRUB = "true";

  /** As JSON. */
  public static final String FIRMWARE = "[\"bios\",\"uefi\"]";

  public static final String EXPECT = "login:";
  public static final String BOOT_TIMEOUT = "10m";

  public static final String SUSPEND = "false";
  public static final String REBUILD = "";

  private Defaults() {}
}
