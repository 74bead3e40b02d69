package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A program run beside the finished images. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostBuildSpec(
    @JsonPropertyDescription(
            "A bash script; the variables bootDiskImage, rootDiskImage and out tell it the two images' files and the folder that they are in.")
        @Required
        ScriptSpec script,
    @JsonPropertyDescription(
            "OCI image in which the script is run; in a cluster only. Left out, it is the operator's own tool image.")
        @Pattern(Patterns.IMAGE)
        @Size(min = 1, max = 512)
        String image) {}
