package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** NixOS: a finished system with its closure, or one that the builder VM builds. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "[has(self.system), has(self.flake), has(self.configuration)].filter(given, given).size() == 1",
    message = "nixos has exactly one of system, flake, configuration; keep one of them")
@ValidationRule(
    value = "!has(self.system) || (has(self.closure) && self.closure.size() > 0)",
    fieldPath = ".closure",
    message =
        "a system needs its closure; name a payload or a substituter that holds its store paths")
@ValidationRule(
    value = "!has(self.configuration) || has(self.channel)",
    fieldPath = ".channel",
    message = "a configuration is built with the channel's nixpkgs; give channel.payload")
public record NixosSpec(
    @JsonPropertyDescription(
            "Store path of the finished system (config.system.build.toplevel); its store paths come from closure.")
        @Pattern(Patterns.STORE_PATH)
        @Size(min = 45, max = 255)
        String system,
    @JsonPropertyDescription(
            "Where store paths come from, tried in this order. Nothing is fetched from anywhere else.")
        @Size(max = 16)
        List<ClosureSource> closure,
    @JsonPropertyDescription(
            "A flake and the name in its nixosConfigurations, such as github:me/hosts#web; the builder VM builds it, which needs the network and at least 3Gi of memory.")
        @Pattern("^[^\\s#\\x00-\\x1f\\x7f]+#[a-zA-Z0-9_][-a-zA-Z0-9_.]*$")
        @Size(min = 3, max = 2048)
        String flake,
    @JsonPropertyDescription(
            "A configuration.nix that the builder VM builds with the channel's nixpkgs, which needs at least 3Gi of memory. It becomes /etc/nixos/configuration.nix.")
        Text configuration,
    @JsonPropertyDescription(
            "The finished system's own /etc/nixos/configuration.nix, kept byte for byte; let it import ./hardware/zfs-file-systems.nix, which is generated beside it. Left out, it is a small working one.")
        Text configFile,
    @JsonPropertyDescription("The nixpkgs source as root's channel.") Channel channel) {

  /** One place that store paths come from; exactly one of its kinds. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "[has(self.payload), has(self.substituter)].filter(given, given).size() == 1",
      message = "a closure source has exactly one of payload, substituter; keep one of them")
  public record ClosureSource(
      @JsonPropertyDescription(
              "A binary cache's folder, a file of nix-store --export, or a store tree with its registration. Its path may also be a store path of this machine's nix, or a link to one.")
          PayloadSpec payload,
      @JsonPropertyDescription("A binary cache on a web server.") Substituter substituter) {}

  /** A binary cache on a web server. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value =
          "(has(self.publicKeys) && self.publicKeys.size() > 0) != (has(self.unsigned) && self.unsigned)",
      message =
          "a substituter has either publicKeys, which its store paths must be signed with, or unsigned: true; give one of them")
  public record Substituter(
      @JsonPropertyDescription("Address of the binary cache: http:// or https://.")
          @Required
          @Pattern(Patterns.WEB_ADDRESS)
          @Size(min = 8, max = 2048)
          String url,
      @JsonPropertyDescription(
              "Keys one of which each store path must be signed with, as nix writes them: name:base64.")
          @Size(max = 16)
          List<@Pattern(Patterns.NIX_PUBLIC_KEY) @Size(min = 46, max = 256) String> publicKeys,
      @JsonPropertyDescription("Whether store paths are taken without a signature.")
          @Default("false")
          Boolean unsigned) {}

  /** A file's text; exactly one of its kinds. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value =
          "[has(self.inline), has(self.configMapKeyRef), has(self.path)].filter(given, given).size() == 1",
      message = "a file has exactly one of inline, configMapKeyRef, path; keep one of them")
  public record Text(
      @JsonPropertyDescription("The text itself.") @Size(min = 1, max = 262144) String inline,
      @JsonPropertyDescription("A key of a ConfigMap that holds the text.")
          KeyReference configMapKeyRef,
      @JsonPropertyDescription(
              "A file of this machine, relative to the resource's own file, or absolute. In one-machine builds only.")
          @Pattern(Patterns.PATH)
          @Size(min = 1, max = 1024)
          String path) {}

  /** The nixpkgs source. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "[has(self.payload), has(self.storePath)].filter(given, given).size() == 1",
      message = "a channel has exactly one of payload, storePath; keep one of them")
  @ValidationRule(
      value = "!has(self.subPath) || has(self.payload)",
      fieldPath = ".subPath",
      message = "subPath says what to take from a payload; remove it or give a payload")
  public record Channel(
      @JsonPropertyDescription(
              "Whether it becomes root's channel; if not, it only serves to build a configuration.")
          @Default("true")
          Boolean include,
      @JsonPropertyDescription("A read-only disk that holds the nixpkgs source.")
          PayloadSpec payload,
      @JsonPropertyDescription(
              "Path in the payload of the nixpkgs source, without a leading slash. Left out, it is all of the payload.")
          @Pattern("^[^/\\x00-\\x1f\\x7f]+(/[^/\\x00-\\x1f\\x7f]+)*$")
          @Size(min = 1, max = 1024)
          @ValidationRule(
              value = "self == '.' || !self.matches('(^|/)[.]{1,2}(/|$)')",
              message = "a subPath has no . or .. in it; write the path that they lead to")
          String subPath,
      @JsonPropertyDescription(
              "A store path of the closure that holds the nixpkgs source or a channel made of it.")
          @Pattern(Patterns.STORE_PATH)
          @Size(min = 45, max = 255)
          String storePath) {}
}
