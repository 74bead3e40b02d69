package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A file or a tree to put on the disks. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ContentSpec(
    @JsonPropertyDescription("Where the bytes come from.") @Required Source source,
    @JsonPropertyDescription(
            "Absolute path in the finished system; folders on the way are created. Below /boot it lies on the boot disk. A file or link that is there is replaced; a tree is merged into a folder that is there.")
        @Required
        @Pattern(Patterns.ABSOLUTE_PATH)
        @Size(min = 1, max = 1024)
        @ValidationRule(
            value = "!self.matches('/[.]{1,2}(/|$)')",
            message = "a target has no . or .. in it; write the path that they lead to")
        @ValidationRule(
            value = "!self.matches('^/(proc|sys|dev)(/|$)')",
            message = "/proc, /sys and /dev belong to the kernel; choose another target")
        String target,
    @JsonPropertyDescription(
            "Permissions as three or four octal digits, in quotes: \"0644\". Left out, a single file gets 0644 and a tree keeps its own. Given for a tree, they are those of its topmost folder; left out, a folder that is there keeps its own.")
        @Pattern("^[0-7]{3,4}$")
        @Size(min = 3, max = 4)
        String mode,
    @JsonPropertyDescription(
            "Owner as user:group, names of the finished system or numbers. Left out, it is root:root. Given for a tree, all that it brings gets this owner, and the folder that it is put into.")
        @Pattern("^[a-zA-Z0-9_][-a-zA-Z0-9_.]*:[a-zA-Z0-9_][-a-zA-Z0-9_.]*$")
        @Size(min = 3, max = 65)
        String owner) {

  /** Where the bytes come from; exactly one of its kinds. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value =
          "[has(self.inline), has(self.configMap), has(self.secret), has(self.payload)].filter(given, given).size() == 1",
      message = "a source has exactly one of inline, configMap, secret, payload; keep one of them")
  @ValidationRule(
      value = "!has(self.subPath) || has(self.payload)",
      fieldPath = ".subPath",
      message = "subPath says what to take from a payload; remove it or give a payload")
  public record Source(
      @JsonPropertyDescription("The file's text itself.") @Size(max = 262144) String inline,
      @JsonPropertyDescription("A key of a ConfigMap that holds the file.") KeyReference configMap,
      @JsonPropertyDescription("A key of a Secret that holds the file.") KeyReference secret,
      @JsonPropertyDescription("A read-only disk that holds the file or the tree.")
          PayloadSpec payload,
      @JsonPropertyDescription(
              "Path in the payload of the file or folder to take, without a leading slash. Left out, it is all of the payload.")
          @Pattern("^[^/\\x00-\\x1f\\x7f]+(/[^/\\x00-\\x1f\\x7f]+)*$")
          @Size(min = 1, max = 1024)
          @ValidationRule(
              value = "self == '.' || !self.matches('(^|/)[.]{1,2}(/|$)')",
              message = "a subPath has no . or .. in it; write the path that they lead to")
          String subPath) {}
}
