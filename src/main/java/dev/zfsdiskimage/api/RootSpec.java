package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/** The root disk. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "!has(self.datasets) || self.datasets.exists(d, has(d.mount) && d.mount == '/') || self.datasets.exists(d, !has(d.mount) && has(d.properties) && 'mountpoint' in d.properties && d.properties['mountpoint'] == '/') || (has(self.pool.filesystemProperties) && 'mountpoint' in self.pool.filesystemProperties && self.pool.filesystemProperties['mountpoint'] == '/')",
    fieldPath = ".datasets",
    message = "no dataset is mounted at /; give one of them mount: /")
@ValidationRule(
    value =
        "!has(self.datasets) || self.datasets.all(d, !has(d.mount) || self.datasets.filter(e, has(e.mount) && e.mount == d.mount).size() == 1)",
    fieldPath = ".datasets",
    message = "two datasets are mounted at the same path; every mount is used once")
public record RootSpec(
    @JsonPropertyDescription(
            "Size of the root disk's image, a whole number of Mi, Gi or Ti; at least 80Mi, of which ZFS keeps 9Mi for its own partition table, and 512Mi for debian.")
        @Default(Defaults.ROOT_SIZE)
        @Pattern(Patterns.SIZE)
        String size,
    @JsonPropertyDescription("The ZFS pool on the root disk.") @Default("{}") Pool pool,
    @JsonPropertyDescription(
            "The pool's datasets, in any order; parents that are left out are created. Exactly one is mounted at /. Left out, there is one: root, in the pool, mounted at /.")
        @Size(min = 1, max = 128)
        List<Dataset> datasets) {

  /** The pool. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Pool(
      @JsonPropertyDescription(
              "Name of the pool: a letter, then letters, digits, '_', '-', ':', '.' or spaces; not log, and nothing that begins with mirror, raidz, draid or spare.")
          @Default(Defaults.POOL_NAME)
          @Pattern("^[a-zA-Z][-a-zA-Z0-9_.: ]*$")
          @Size(min = 1, max = 239)
          @ValidationRule(
              value = "self != 'log' && !self.matches('^(mirror|raidz|draid|spare)')",
              message =
                  "ZFS keeps this name for itself; choose one that is not log and does not begin with mirror, raidz, draid or spare")
          String name,
      @JsonPropertyDescription(
              "Properties of the pool, as for zpool create -o; values are text, so quote on, off and numbers. When given, they replace the default ones, all of them; ashift alone is still 12 unless it is given (0 lets ZFS choose from what the builder's disk reports).")
          @Default(Defaults.POOL_PROPERTIES)
          @Size(max = 64)
          Map<String, @Size(max = 8191) String> properties,
      @JsonPropertyDescription(
              "Properties of the pool's root dataset, which the other datasets inherit, as for zpool create -O; values are text, so quote on and off. When given, they replace the default ones, all of them: without mountpoint: legacy among them, ZFS mounts the pool at its own name.")
          @Default(Defaults.POOL_FILESYSTEM_PROPERTIES)
          @Size(max = 64)
          Map<String, @Size(max = 8191) String> filesystemProperties) {}

  /** One dataset. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value =
          "!has(self.mount) || !has(self.properties) || !('mountpoint' in self.properties) || self.properties['mountpoint'] == 'legacy' || self.properties['mountpoint'] == self.mount",
      fieldPath = ".mount",
      message = "mount and the property mountpoint disagree; remove one of them or make them equal",
      messageExpression =
          "'mount is ' + self.mount + ' but the property mountpoint is ' + self.properties['mountpoint'] + '; remove one of them, make them equal, or set mountpoint to legacy'")
  @ValidationRule(
      value =
          "!has(self.mount) || !has(self.properties) || !('canmount' in self.properties) || self.properties['canmount'] != 'off'",
      fieldPath = ".mount",
      message = "a dataset with canmount off can't be mounted; remove mount or canmount")
  public record Dataset(
      @JsonPropertyDescription(
              "Full name of the dataset, the pool's name first: tank/system/root. The pool's own name stands for its root dataset: it gets its properties when the pool is created.")
          @Required
          @Pattern("^[a-zA-Z][-a-zA-Z0-9_.: ]*(/[-a-zA-Z0-9_.: ]+)*$")
          @Size(min = 1, max = 255)
          String name,
      @JsonPropertyDescription(
              "Where the dataset is mounted in the finished system: an absolute path. With an effective mountpoint of legacy it is mounted through /etc/fstab; otherwise it must be the path that ZFS itself would use. Left out, the dataset is mounted where its mountpoint says, and not at all with legacy or none.")
          @Pattern(Patterns.ABSOLUTE_PATH)
          @Size(min = 1, max = 255)
          @ValidationRule(
              value = "!self.matches('/[.]{1,2}(/|$)')",
              message = "a mount has no . or .. in it; write the path that they lead to")
          @ValidationRule(
              value = "self != '/boot' && !self.startsWith('/boot/')",
              message =
                  "/boot belongs to the EFI system partition of the boot disk; mount the dataset elsewhere")
          @ValidationRule(
              value = "!self.matches('^/(proc|sys|dev)(/|$)')",
              message = "/proc, /sys and /dev belong to the kernel; mount the dataset elsewhere")
          String mount,
      @JsonPropertyDescription(
              "Properties set on this dataset, as for zfs create -o; values are text, so quote on, off and numbers. A name with a colon is a property of your own.")
          @Size(max = 64)
          Map<String, @Size(max = 8191) String> properties) {}
}
