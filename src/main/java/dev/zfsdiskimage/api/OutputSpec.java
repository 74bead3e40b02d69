package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/** What becomes of the finished images. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "!has(self.storage) || !has(self.storage.volumeMode) || self.storage.volumeMode != 'Block' || self.format == 'raw'",
    fieldPath = ".storage.volumeMode",
    message =
        "a Block volume takes a raw disk, not a file of another format; set output.format to raw, or volumeMode to Filesystem")
public record OutputSpec(
    @JsonPropertyDescription(
            "Format of both images, and with it the ending of their files: raw .img, qcow2 and qcow2-compressed .qcow2, vdi .vdi, vpc .vhd.")
        @Default(Defaults.FORMAT)
        Format format,
    @JsonPropertyDescription(
            "How the images' file names begin: <prefix>.boot.<ending> and <prefix>.root.<ending>. Left out, it is the resource's name.")
        @Pattern("^[a-zA-Z0-9][-a-zA-Z0-9._]*$")
        @Size(min = 1, max = 128)
        String filePrefix,
    @JsonPropertyDescription("The PersistentVolumeClaims that hold the images; in a cluster only.")
        @Default("{}")
        Storage storage,
    @JsonPropertyDescription(
            "How many finished builds are kept, the newest one included; in a cluster only.")
        @Default(Defaults.REVISIONS_TO_KEEP)
        @Min(1)
        @Max(100)
        Integer revisionsToKeep,
    @JsonPropertyDescription(
            "Whether the images are deleted with the resource or retained; in a cluster only.")
        @Default(Defaults.ON_DELETE)
        OnDelete onDelete,
    @JsonPropertyDescription(
            "Labels of the claims that hold good images, and of their DataSources, such as instancetype.kubevirt.io/default-instancetype; a change of them builds nothing. In a cluster only.")
        @Size(max = 32)
        @ValidationRule(
            value =
                "self.all(key, !key.startsWith('zfsdiskimage.dev/') && !key.startsWith('kubevirt.io/') && key != 'app.kubernetes.io/managed-by')",
            message =
                "labels under zfsdiskimage.dev/ and kubevirt.io/, and app.kubernetes.io/managed-by, are not yours to give; remove them, or use a prefix of your own")
        Map<String, @Size(max = 63) @Pattern(Patterns.LABEL_VALUE) String> labels) {

  /** The PVCs of a cluster build. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Storage(
      @JsonPropertyDescription("StorageClass of the claims. Left out, it is the cluster's default.")
          @Pattern(Patterns.OBJECT_NAME)
          @Size(min = 1, max = 253)
          String storageClassName,
      @JsonPropertyDescription("Access modes of the claims.")
          @Default(Defaults.ACCESS_MODES)
          @Size(min = 1, max = 4)
          List<AccessMode> accessModes,
      @JsonPropertyDescription(
              "Filesystem keeps each image as a file of its exact size; Block takes a device whole, whose size may be rounded up.")
          @Default(Defaults.VOLUME_MODE)
          VolumeMode volumeMode) {}

  /** Kubernetes' access modes. */
  public enum AccessMode {
    @JsonProperty("ReadWriteOnce")
    READ_WRITE_ONCE("ReadWriteOnce"),
    @JsonProperty("ReadWriteMany")
    READ_WRITE_MANY("ReadWriteMany"),
    @JsonProperty("ReadWriteOncePod")
    READ_WRITE_ONCE_POD("ReadWriteOncePod");

    private final String word;

    AccessMode(String word) {
      this.word = word;
    }

    /** The mode as Kubernetes writes it. */
    public String word() {
      return word;
    }
  }

  /** Kubernetes' volume modes. */
  public enum VolumeMode {
    @JsonProperty("Filesystem")
    FILESYSTEM,
    @JsonProperty("Block")
    BLOCK
  }

  /** What happens to the images when the resource is deleted. */
  public enum OnDelete {
    @JsonProperty("Delete")
    DELETE,
    @JsonProperty("Retain")
    RETAIN
  }
}
