package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A read-only disk for the builder VM; exactly one of its kinds. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "[has(self.image), has(self.volumeClaim), has(self.http), has(self.path)].filter(given, given).size() == 1",
    message = "a payload has exactly one of image, volumeClaim, http, path; keep one of them")
@ValidationRule(
    value = "!has(self.sha256) || has(self.path)",
    fieldPath = ".sha256",
    message = "sha256 here goes with path only; for http it is http.sha256")
public record PayloadSpec(
    @JsonPropertyDescription(
            "An OCI image whose folder /disk holds one file: a tar, tar.zst, squashfs or erofs. One-machine builds pull it with the credentials in ~/.docker/config.json.")
        @Pattern(Patterns.IMAGE)
        @Size(min = 1, max = 512)
        String image,
    @JsonPropertyDescription(
            "A file in a PersistentVolumeClaim of the resource's namespace; in a cluster only.")
        VolumeClaim volumeClaim,
    @JsonPropertyDescription("A file fetched over HTTP or HTTPS.") Http http,
    @JsonPropertyDescription(
            "A tar, tar.zst, squashfs or erofs of this machine, or a folder; relative to the resource's own file, or absolute. In one-machine builds only.")
        @Pattern(Patterns.PATH)
        @Size(min = 1, max = 1024)
        String path,
    @JsonPropertyDescription(
            "SHA-256 that the file at path must have: 64 lower-case hexadecimal digits. Not for a folder.")
        @Pattern(Patterns.SHA256)
        @Size(min = 64, max = 64)
        String sha256) {

  /** A file in a PVC. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record VolumeClaim(
      @JsonPropertyDescription("Name of the PersistentVolumeClaim.")
          @Required
          @Pattern(Patterns.OBJECT_NAME)
          @Size(min = 1, max = 253)
          String claimName,
      @JsonPropertyDescription("Path of the file in the volume, without a leading slash.")
          @Required
          @Pattern("^[^/\\x00-\\x1f\\x7f]+(/[^/\\x00-\\x1f\\x7f]+)*$")
          @Size(min = 1, max = 1024)
          @ValidationRule(
              value = "!self.matches('(^|/)[.]{1,2}(/|$)')",
              message = "a path in a volume has no . or .. in it; write the path that they lead to")
          String path) {}

  /** A file from a web server. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Http(
      @JsonPropertyDescription("Address of the file: http:// or https://.")
          @Required
          @Pattern("^https?://[^\\s/]+[^\\s]*$")
          @Size(min = 8, max = 2048)
          String url,
      @JsonPropertyDescription(
              "SHA-256 of the file: 64 lower-case hexadecimal digits, as sha256sum prints them.")
          @Required
          @Pattern(Patterns.SHA256)
          @Size(min = 64, max = 64)
          String sha256) {}
}
