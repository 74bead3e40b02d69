package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Bootloader;
import dev.zfsdiskimage.recipe.Recipe.Content;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import dev.zfsdiskimage.recipe.Recipe.Install;
import dev.zfsdiskimage.recipe.Recipe.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of the installed system that follow from the recipe.
 *
 * <ul>
 *   <li>Debian: {@code /etc/fstab}, {@code /etc/hostname}, {@code /etc/hosts}, GRUB's defaults, and
 *       a service that grows pools with {@code autoexpand=on} at boot.
 *   <li>A root file system with GRUB: {@code /etc/fstab} only, in place of the one that it brings.
 *       It is meant to boot from these disks, and no other fstab can be right for them; {@code
 *       contents} comes later and may replace it.
 *   <li>NixOS: see {@link NixosConfiguration}.
 *   <li>Everything else: nothing. Who brings no boot loader or runs a script wants the last word.
 * </ul>
 */
final class TargetConfiguration {
  private final Recipe recipe;
  private final Layout layout;

  TargetConfiguration(Recipe recipe) {
    this.recipe = recipe;
    this.layout = new Layout(recipe);
  }

  List<Content> files() {
    if (recipe.install() instanceof Install.Debian debian) {
      return debian(debian);
    }
    if (recipe.install() instanceof Install.Nixos nixos) {
      return new NixosConfiguration(recipe).files(nixos);
    }
    if (recipe.install() instanceof Install.Rootfs rootfs
        && rootfs.bootloader() == Bootloader.GRUB) {
      return List.of(file("/etc/fstab", "0644", Bytes.of(fstab())));
    }
    return List.of();
  }

  /** Kernel arguments of the system's own boot loader; empty when it has none. */
  Optional<List<String>> kernelArguments() {
    if (recipe.install() instanceof Install.Debian debian) {
      return Optional.of(debian.kernelArguments());
    }
    if (recipe.install() instanceof Install.Rootfs rootfs
        && rootfs.bootloader() == Bootloader.GRUB) {
      return Optional.of(rootfs.kernelArguments());
    }
    return Optional.empty();
  }

  private List<Content> debian(Install.Debian debian) {
    return List.of(
        file("/etc/fstab", "0644", Bytes.of(fstab())),
        file("/etc/hostname", "0644", Bytes.of(debian.hostname() + "\n")),
        file("/etc/hosts", "0644", Bytes.of(hosts(debian.hostname()))),
        file(
            "/etc/default/grub.d/zfs-disk-image.cfg",
            "0644",
            Bytes.of(grubDefaults(debian.kernelArguments()))),
        file("/usr/local/sbin/grow-zfs-pools", "0755", FixedProgram.debian("grow-zfs-pools")),
        file(
            "/etc/systemd/system/grow-zfs-pools.service",
            "0644",
            FixedProgram.debian("grow-zfs-pools.service")),
        // Enables the service without the symlink that a list of files cannot express.
        file(
            "/etc/systemd/system/multi-user.target.d/grow-zfs-pools.conf",
            "0644",
            Bytes.of("[Unit]\nWants=grow-zfs-pools.service\n")));
  }

  /**
   * Datasets with {@code mountpoint=legacy}, in mount order, then the ESP. ZFS mounts the others by
   * itself.
   */
  private String fstab() {
    List<String> lines = new ArrayList<>();
    for (Dataset dataset : layout.mounts()) {
      if (dataset.legacy()) {
        lines.add(
            new Fstab(dataset.name(), dataset.mount().orElseThrow(), "zfs", "defaults", 0).line());
      }
    }
    // systemd.mount(5): it waits 90 s for a device and then offers an emergency shell; where a slow
    // machine, or one without KVM, takes longer, a late system is better than none.
    lines.add(
        new Fstab("LABEL=ESP", "/boot", "vfat", "umask=0077,x-systemd.device-timeout=10min", 2)
            .line());
    return String.join("", lines);
  }

  private static String hosts(String hostname) {
    return """
        127.0.0.1 localhost
        127.0.1.1 %s
        ::1 localhost ip6-localhost ip6-loopback
        ff02::1 ip6-allnodes
        ff02::2 ip6-allrouters
        """
        .formatted(hostname);
  }

  /**
   * For later runs of {@code update-grub} in the installed system. {@code root=} is given here
   * because grub-probe does not know every feature of today's pools; zfs-initramfs reads {@code +}
   * as a space.
   */
  private String grubDefaults(List<String> kernelArguments) {
    String root = "root=ZFS=" + layout.rootDataset().replace(' ', '+');
    String commandLine = String.join(" ", kernelArguments);
    return """
        GRUB_TIMEOUT=1
        GRUB_DISABLE_OS_PROBER=true
        GRUB_CMDLINE_LINUX=%s
        GRUB_CMDLINE_LINUX_DEFAULT=
        """
        .formatted(singleQuoted((root + " " + commandLine).strip()));
  }

  private static String singleQuoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  private static Content file(String target, String mode, Bytes content) {
    return new Content(new Source.Inline(content), target, Optional.of(mode), Optional.of("0:0"));
  }
}
