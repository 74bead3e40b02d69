package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** The operating system; exactly one of its kinds. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "[has(self.nixos), has(self.debian), has(self.rootfs), has(self.script)].filter(given, given).size() == 1",
    message = "install has exactly one of nixos, debian, rootfs, script; keep one of them")
public record InstallSpec(
    @JsonPropertyDescription(
            "NixOS, installed as nixos-install does: its closure, the system profile, activation and its own boot loader step.")
        NixosSpec nixos,
    @JsonPropertyDescription(
            "Debian, bootstrapped from its packages, with its root on ZFS and GRUB for BIOS and UEFI.")
        Debian debian,
    @JsonPropertyDescription("Any root file system.") Rootfs rootfs,
    @JsonPropertyDescription(
            "Your own installer: a bash script run in the builder VM with the target mounted at /mnt. When it fails, the build fails.")
        ScriptSpec script) {

  /** Debian. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Debian(
      @JsonPropertyDescription("Debian's suite: trixie, bookworm, sid.")
          @Default(Defaults.DEBIAN_SUITE)
          @Pattern("^[a-z][-a-z0-9]*$")
          @Size(min = 1, max = 64)
          String suite,
      @JsonPropertyDescription(
              "Address of the package archive: http://, https:// or file://. Left out, the builder's own sources are used.")
          @Pattern("^(https?|file)://[^\\s]+$")
          @Size(min = 8, max = 2048)
          String mirror,
      @JsonPropertyDescription(
              "Components of the package archive; contrib must be among them, for it holds ZFS.")
          @Default(Defaults.DEBIAN_COMPONENTS)
          @Size(min = 1, max = 16)
          @ValidationRule(
              value = "self.exists(c, c == 'main') && self.exists(c, c == 'contrib')",
              message =
                  "components need main and contrib: Debian's ZFS is in contrib; add what is missing")
          List<@Pattern("^[a-z][-a-z0-9/]*$") @Size(min = 1, max = 64) String> components,
      @JsonPropertyDescription(
              "Packages to install besides what a bootable Debian on ZFS needs by itself.")
          @Size(max = 1024)
          List<@Pattern("^[a-z0-9][-a-z0-9+.]*(:[a-z0-9]+)?$") @Size(min = 2, max = 128) String>
              packages,
      @JsonPropertyDescription("Host name of the finished system.")
          @Default(Defaults.DEBIAN_HOSTNAME)
          @Pattern("^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$")
          @Size(min = 1, max = 63)
          String hostname,
      @JsonPropertyDescription(
              "Password of root. Left out, root has none and can't log in with one.")
          SecretValue rootPassword,
      @JsonPropertyDescription(
              "SSH keys with which root may log in, in the format of authorized_keys.")
          SecretValue authorizedKeys,
      @JsonPropertyDescription(
              "What the kernel is told besides the root file system, one argument an entry.")
          @Default(Defaults.KERNEL_ARGUMENTS)
          @Size(max = 64)
          List<@Pattern(Patterns.WORD) @Size(min = 1, max = 256) String> kernelArguments) {}

  /** Text that a Secret holds. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SecretValue(
      @JsonPropertyDescription(
              "A key of a Secret that holds the text; it may be a crypt(5) hash where it is a password.")
          @Required
          KeyReference secretKeyRef) {}

  /** Any root file system. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Rootfs(
      @JsonPropertyDescription("The root file system: a tar, tar.zst, squashfs or erofs.") @Required
          PayloadSpec payload,
      @JsonPropertyDescription(
              "grub installs GRUB for BIOS and UEFI with the root file system's own grub-install; none leaves booting to what the payload brings.")
          @Default(Defaults.BOOTLOADER)
          Bootloader bootloader,
      @JsonPropertyDescription(
              "What GRUB tells the kernel besides the root file system, one argument an entry; not used with bootloader none.")
          @Default(Defaults.KERNEL_ARGUMENTS)
          @Size(max = 64)
          List<@Pattern(Patterns.WORD) @Size(min = 1, max = 256) String> kernelArguments) {}

  /** Who makes the images bootable. */
  public enum Bootloader {
    @JsonProperty("grub")
    GRUB,
    @JsonProperty("none")
    NONE
  }
}
