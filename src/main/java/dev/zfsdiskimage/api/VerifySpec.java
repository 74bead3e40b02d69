package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Checks beyond the offline one. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!has(self.grow) || has(self.boot)",
    fieldPath = ".grow",
    message =
        "verify.grow boots the image to let its pool grow, and needs verify.boot; add boot: {}")
public record VerifySpec(
    @JsonPropertyDescription(
            "Whether the pool is scrubbed at the end of the build: every block is read back and compared with its checksum.")
        @Default(Defaults.SCRUB)
        Boolean scrub,
    @JsonPropertyDescription(
            "Boot the images, on copies that are thrown away, until the expected text stands on the console.")
        Boot boot,
    @JsonPropertyDescription(
            "Boot the images with a larger root disk, and see that the pool has grown with it.")
        Grow grow) {

  /** Boot the result. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Boot(
      @JsonPropertyDescription("Under which firmware to boot, one after the other.")
          @Default(Defaults.FIRMWARE)
          @Size(min = 1, max = 2)
          @ValidationRule(
              value = "self.size() < 2 || self[0] != self[1]",
              message = "each firmware is named once; remove the second")
          List<Firmware> firmware,
      @JsonPropertyDescription("Text that the serial console must show.")
          @Default("\"" + Defaults.EXPECT + "\"")
          @Pattern("^[^\\x00-\\x1f\\x7f]+$")
          @Size(min = 1, max = 256)
          String expect,
      @JsonPropertyDescription("How long each boot may take, such as 10m.")
          @Default(Defaults.BOOT_TIMEOUT)
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 16)
          String timeout) {}

  /** Grow the result. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Grow(
      @JsonPropertyDescription(
              "By how much the root disk is larger then, a whole number of Mi, Gi or Ti; at least 64Mi.")
          @Required
          @Pattern(Patterns.SIZE)
          String by) {}
}
