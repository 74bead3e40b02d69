package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One key of a ConfigMap or a Secret in the resource's namespace. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeyReference(
    @JsonPropertyDescription("Name of the object, in the resource's own namespace.")
        @Required
        @Pattern(Patterns.OBJECT_NAME)
        @Size(min = 1, max = 253)
        String name,
    @JsonPropertyDescription("Key in the object's data.")
        @Required
        @Pattern(Patterns.KEY)
        @Size(min = 1, max = 253)
        String key) {}
