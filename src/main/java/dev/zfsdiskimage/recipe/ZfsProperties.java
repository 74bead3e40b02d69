package dev.zfsdiskimage.recipe;

import dev.zfsdiskimage.schema.Closest;
import dev.zfsdiskimage.schema.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which properties can be set on a pool and on a file system, by zpoolprops(7) and zfsprops(7) of
 * OpenZFS 2.3. Values are left to ZFS, but for those on which the build itself depends.
 */
final class ZfsProperties {
  /** What the properties are set on. */
  enum Target {
    /** {@code zpool create -o}. */
    POOL,
    /** {@code zpool create -O} and {@code zfs create -o}. */
    FILESYSTEM
  }

  private static final int NAME_LENGTH = 255;
  private static final int VALUE_BYTES = 8191;
  private static final Pattern USER_NAME = Pattern.compile("[a-z0-9_.:][-a-z0-9_.:]*");

  private static final Set<String> POOL_SETTABLE =
      Set.of(
          "ashift",
          "autoexpand",
          "autoreplace",
          "autotrim",
          "comment",
          "compatibility",
          "dedup_table_quota",
          "delegation",
          "expand",
          "failmode",
          "listsnaps",
          "listsnapshots",
          "replace",
          "version");

  private static final Set<String> POOL_READ_ONLY =
      Set.of(
          "allocated",
          "bcloneratio",
          "bclonesaved",
          "bcloneused",
          "cap",
          "capacity",
          "checkpoint",
          "dedup_table_size",
          "dedupcached",
          "dedupratio",
          "expandsize",
          "frag",
          "fragmentation",
          "free",
          "freeing",
          "guid",
          "health",
          "leaked",
          "load_guid",
          "maxblocksize",
          "maxdnodesize",
          "name",
          "size",
          "tname");

  /** Settable on a pool, but not by this build; the text says why and what to do. */
  private static final Map<String, String> POOL_REFUSED =
      Map.of(
          "altroot", "the builder mounts the pool under a root of its own; remove it",
          "cachefile",
              "the builder exports the pool, which no cache file survives; set it in the installed system",
          "bootfs", "its dataset does not exist yet when the pool is created; remove it",
          "multihost",
              "the builder has no host id; set it with 'zpool set' in the installed system",
          "readonly", "a read-only pool can't be built on; remove it",
          "rdonly", "a read-only pool can't be built on; remove it");

  private static final Set<String> FILESYSTEM_SETTABLE =
      Set.of(
          "aclinherit",
          "aclmode",
          "acltype",
          "atime",
          "canmount",
          "casesensitivity",
          "checksum",
          "compress",
          "compression",
          "context",
          "copies",
          "dedup",
          "defcontext",
          "devices",
          "direct",
          "dnodesize",
          "exec",
          "filesystem_limit",
          "fscontext",
          "logbias",
          "mlslabel",
          "mountpoint",
          "nbmand",
          "normalization",
          "overlay",
          "prefetch",
          "primarycache",
          "quota",
          "rdonly",
          "readonly",
          "recordsize",
          "recsize",
          "redundant_metadata",
          "refquota",
          "refreserv",
          "refreservation",
          "relatime",
          "reserv",
          "reservation",
          "rootcontext",
          "secondarycache",
          "setuid",
          "sharenfs",
          "sharesmb",
          "snapdev",
          "snapdir",
          "snapshot_limit",
          "special_small_blocks",
          "sync",
          "utf8only",
          "version",
          "volmode",
          "vscan",
          "xattr",
          "zoned");

  private static final Set<String> FILESYSTEM_READ_ONLY =
      Set.of(
          "avail",
          "available",
          "clones",
          "compressratio",
          "createtxg",
          "creation",
          "defer_destroy",
          "encryptionroot",
          "filesystem_count",
          "guid",
          "inconsistent",
          "ivsetguid",
          "keystatus",
          "logicalreferenced",
          "logicalused",
          "lrefer",
          "lused",
          "mounted",
          "name",
          "numclones",
          "objsetid",
          "origin",
          "prevsnap",
          "ratio",
          "receive_resume_token",
          "redact_snaps",
          "redacted",
          "refcompressratio",
          "refer",
          "referenced",
          "refratio",
          "snapshot_count",
          "snapshots_changed",
          "type",
          "used",
          "usedbychildren",
          "usedbydataset",
          "usedbyrefreservation",
          "usedbysnapshots",
          "usedchild",
          "usedds",
          "usedrefreserv",
          "usedsnap",
          "userrefs",
          "written");

  private static final Set<String> VOLUME_ONLY =
      Set.of("volblocksize", "volblock", "volsize", "volthreading");

  private static final Set<String> ENCRYPTION =
      Set.of("encryption", "keyformat", "keylocation", "pbkdf2iters");

  private static final Pattern QUOTA = Pattern.compile("(user|group|project)(obj)?quota@.+");
  private static final Pattern STATISTIC =
      Pattern.compile("((user|group|project)(obj)?used|written)@.*|written#.*|unsupported@.*");

  private final boolean knownRelease;
  private final Problems problems;

  /**
   * @param knownRelease whether the builder's ZFS is the one whose properties are listed here: then
   *     an unknown property is a problem
   */
  ZfsProperties(boolean knownRelease, Problems problems) {
    this.knownRelease = knownRelease;
    this.problems = problems;
  }

  /** Says what is wrong with {@code properties}, which stand at {@code map}. */
  void check(FieldPath map, Target target, Map<String, String> properties) {
    properties.forEach(
        (name, value) -> {
          String field = map.field(name).text();
          if (value == null) {
            problems.add(field, null, "has no value", "give it one, in quotes, or remove it");
            return;
          }
          name(field, name, value, target);
          value(field, name, value);
        });
  }

  private void name(String field, String name, String value, Target target) {
    if (name.length() > NAME_LENGTH) {
      problems.add(
          field,
          null,
          "is a property name of " + name.length() + " characters",
          "use at most " + NAME_LENGTH);
    } else if (name.contains(":")) {
      if (!USER_NAME.matcher(name).matches()) {
        problems.add(
            field,
            null,
            "is no name that ZFS allows for a property of your own",
            "use lower-case letters, digits, ':', '-', '.' and '_', and no '-' at the beginning");
      }
    } else if (target == Target.POOL) {
      poolProperty(field, name, value);
    } else {
      filesystemProperty(field, name, value);
    }
  }

  private void poolProperty(String field, String name, String value) {
    if (name.startsWith("feature@")) {
      if (!value.equals("enabled") && !value.equals("disabled")) {
        problems.add(field, value, "is no state of a feature", "write enabled or disabled");
      }
    } else if (POOL_REFUSED.containsKey(name)) {
      String[] why = POOL_REFUSED.get(name).split("; ", 2);
      problems.add(field, value, why[0], why[1]);
    } else if (POOL_READ_ONLY.contains(name) || STATISTIC.matcher(name).matches()) {
      readOnly(field, "pool");
    } else if (FILESYSTEM_SETTABLE.contains(name) && !POOL_SETTABLE.contains(name)) {
      problems.add(
          field,
          null,
          "is a property of file systems, not of the pool",
          "move it to spec.root.pool.filesystemProperties");
    } else if (!POOL_SETTABLE.contains(name)) {
      unknown(field, name, POOL_SETTABLE, "a pool");
    }
  }

  private void filesystemProperty(String field, String name, String value) {
    if (ENCRYPTION.contains(name)) {
      if (!(name.equals("encryption") && value.equals("off"))) {
        problems.add(
            field,
            value,
            "encryption needs a key when the dataset is created, and this resource has no field that hands one to the builder",
            "remove the property and encrypt after the first boot");
      }
    } else if (VOLUME_ONLY.contains(name)) {
      problems.add(
          field, null, "is a property of volumes, and only file systems are made", "remove it");
    } else if (FILESYSTEM_READ_ONLY.contains(name) || STATISTIC.matcher(name).matches()) {
      readOnly(field, "file system");
    } else if (POOL_SETTABLE.contains(name) && !FILESYSTEM_SETTABLE.contains(name)) {
      problems.add(
          field,
          null,
          "is a property of the pool, not of file systems",
          "move it to spec.root.pool.properties");
    } else if (!FILESYSTEM_SETTABLE.contains(name) && !QUOTA.matcher(name).matches()) {
      unknown(field, name, FILESYSTEM_SETTABLE, "a file system");
    }
  }

  private void readOnly(String field, String kind) {
    problems.add(
        field,
        null,
        "is read-only: ZFS computes it",
        "remove it, or give a property of your own a name with a colon to note something on the "
            + kind);
  }

  private void unknown(String field, String name, Set<String> known, String kind) {
    var meant = Closest.to(name, new TreeSet<>(known));
    if (meant.isPresent() || knownRelease) {
      problems.add(
          field,
          null,
          "is no property of " + kind + " in OpenZFS 2.3",
          meant
              .map(word -> "did you mean " + word + "?")
              .orElse("a property of your own has a colon in its name, such as org.example:note"));
    }
  }

  private void value(String field, String name, String value) {
    if (value.indexOf('\0') >= 0) {
      problems.add(field, null, "has a NUL character in its value", "remove it");
      return;
    }
    if (value.getBytes(StandardCharsets.UTF_8).length > VALUE_BYTES) {
      problems.add(
          field,
          null,
          "has a value of more than " + VALUE_BYTES + " bytes",
          "shorten it; ZFS keeps no longer ones");
    }
    switch (name) {
      case "ashift" -> {
        if (!value.matches("0|9|1[0-6]")) {
          problems.add(
              field, value, "is no sector size exponent", "write 0 or 9 to 16, such as 12");
        }
      }
      case "canmount" -> {
        if (!Set.of("on", "off", "noauto").contains(value)) {
          problems.add(field, value, "is no value of canmount", "write on, off or noauto");
        }
      }
      case "mountpoint" -> {
        if (!value.equals("legacy") && !value.equals("none") && !value.startsWith("/")) {
          problems.add(field, value, "is no mountpoint", "write legacy, none or an absolute path");
        }
      }
      default -> {}
    }
  }
}
