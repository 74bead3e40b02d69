package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;

/** The boot disk. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BootSpec(
    @JsonPropertyDescription(
            "Size of the boot disk's image, a whole number of Mi, Gi or Ti; at least 64Mi, and 256Mi for debian, whose kernels and initial RAM disks lie on it.")
        @Default(Defaults.BOOT_SIZE)
        @Pattern(Patterns.SIZE)
        String size) {}
