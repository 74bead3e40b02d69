package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A program's text; exactly one of its kinds. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "[has(self.inline), has(self.configMapKeyRef), has(self.path)].filter(given, given).size() == 1",
    message = "a script has exactly one of inline, configMapKeyRef, path; keep one of them")
public record ScriptSpec(
    @JsonPropertyDescription("The text itself.") @Size(min = 1, max = 262144) String inline,
    @JsonPropertyDescription("A key of a ConfigMap that holds the text.")
        KeyReference configMapKeyRef,
    @JsonPropertyDescription(
            "A file of this machine, relative to the resource's own file, or absolute. In one-machine builds only.")
        @Pattern(Patterns.PATH)
        @Size(min = 1, max = 1024)
        String path) {}
