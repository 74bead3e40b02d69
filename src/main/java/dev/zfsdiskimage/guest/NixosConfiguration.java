package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Content;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import dev.zfsdiskimage.recipe.Recipe.Install;
import dev.zfsdiskimage.recipe.Recipe.Source;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What lies in {@code /etc/nixos} of an installed NixOS: the user's configuration.nix byte for
 * byte, and the file systems of these disks in a file of its own beside it, for the former to
 * import. Neither is ever pasted into the other. Laid out as nixfmt does.
 */
final class NixosConfiguration {
  static final String CONFIGURATION = "/etc/nixos/configuration.nix";
  static final String FILE_SYSTEMS = "/etc/nixos/hardware/zfs-file-systems.nix";

  private static final String DEFAULT_CONFIGURATION =
      """
      # This machine's configuration; after a change: nixos-rebuild switch
      { ... }:

      {
        imports = [ ./hardware/zfs-file-systems.nix ];

        boot.kernelParams = [ "console=ttyS0" ];

        services.openssh.enable = true;
      }
      """;

  private final Recipe recipe;
  private final Layout layout;

  NixosConfiguration(Recipe recipe) {
    this.recipe = recipe;
    this.layout = new Layout(recipe);
  }

  List<Content> files(Install.Nixos nixos) {
    return List.of(
        file(
            CONFIGURATION,
            nixos.configFile().orElse(new Source.Inline(Bytes.of(DEFAULT_CONFIGURATION)))),
        file(FILE_SYSTEMS, new Source.Inline(Bytes.of(fileSystems()))));
  }

  /**
   * A NixOS module. All but the file systems are defaults, which configuration.nix overrides by
   * saying otherwise.
   */
  String fileSystems() {
    StringBuilder text =
        new StringBuilder(
            """
            # The disks that this system was installed on; configuration.nix imports this file.
            { lib, ... }:

            {
              fileSystems = {
            """);
    for (Dataset dataset : layout.mounts()) {
      fileSystem(
          text,
          dataset.mount().orElseThrow(),
          dataset.name(),
          "zfs",
          dataset.legacy() ? Optional.empty() : Optional.of("zfsutil"));
    }
    fileSystem(text, "/boot", "/dev/disk/by-label/ESP", "vfat", Optional.of("umask=0077"));
    text.append("  };\n\n");
    text.append(
        "  # ZFS wants every machine to have an id of its own: eight hexadecimal digits.\n");
    line(text, "networking.hostId", NixString.of(hostId()));
    text.append("\n  # Disks of virtual machines often have no name in /dev/disk/by-id.\n");
    line(text, "boot.zfs.devNodes", NixString.of("/dev"));
    text.append("\n  # The pool takes what its disk has grown by.\n");
    line(text, "services.zfs.expandOnBoot", "[ " + NixString.of(recipe.pool().name()) + " ]");
    text.append(
        "\n  # GRUB for BIOS on the first disk, and for UEFI where firmware looks for it.\n");
    line(text, "boot.loader.grub.devices", "[ \"/dev/vda\" ]");
    line(text, "boot.loader.grub.efiSupport", "true");
    line(text, "boot.loader.grub.efiInstallAsRemovable", "true");
    return text.append("}\n").toString();
  }

  /** Eight hexadecimal digits that are the same for every build of this resource. */
  private String hostId() {
    byte[] digest;
    try {
      digest =
          MessageDigest.getInstance("SHA-256")
              .digest(
                  (recipe.name() + '\n' + recipe.pool().name()).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    return HexFormat.of().formatHex(digest, 0, 4);
  }

  private static void fileSystem(
      StringBuilder text, String mount, String device, String type, Optional<String> option) {
    text.append("    ").append(NixString.of(mount)).append(" = {\n");
    text.append("      device = ").append(NixString.of(device)).append(";\n");
    text.append("      fsType = ").append(NixString.of(type)).append(";\n");
    option.ifPresent(
        each -> text.append("      options = [ ").append(NixString.of(each)).append(" ];\n"));
    text.append("    };\n");
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  ").append(name).append(" = lib.mkDefault ").append(value).append(";\n");
  }

  private static Content file(String target, Source source) {
    return new Content(source, target, Optional.of("0644"), Optional.of("0:0"));
  }
}
