package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * What to build. A component is null where the resource says nothing and nobody filled in the
 * schema's default.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "!has(self.root.datasets) || self.root.datasets.all(d, d.name == self.root.pool.name || d.name.startsWith(self.root.pool.name + '/'))",
    fieldPath = ".root.datasets",
    message =
        "a dataset is not in the pool; begin every dataset's name with the pool's name and a slash",
    messageExpression =
        "'dataset %s is not in pool %s; begin every dataset\\'s name with %s/'.format([self.root.datasets.filter(d, d.name != self.root.pool.name && !d.name.startsWith(self.root.pool.name + '/'))[0].name, self.root.pool.name, self.root.pool.name])")
@ValidationRule(
    value =
        "!has(self.verify.boot) || !has(self.install.rootfs) || self.install.rootfs.bootloader != 'none' || !self.verify.boot.firmware.exists(f, f == 'bios')",
    fieldPath = ".verify.boot.firmware",
    message =
        "nothing writes BIOS boot code with install.rootfs.bootloader none; set verify.boot.firmware to [uefi], or the bootloader to grub")
public record ZfsDiskImageSpec(
    @JsonPropertyDescription(
            "The disk that firmware boots from: a GUID partition table, a BIOS boot partition and a FAT EFI system partition, mounted at /boot.")
        @Default("{}")
        BootSpec boot,
    @JsonPropertyDescription("The disk that belongs to ZFS as a whole, its pool and its datasets.")
        @Default("{}")
        RootSpec root,
    @JsonPropertyDescription(
            "The operating system to put on the disks: exactly one of nixos, debian, rootfs, script.")
        @Required
        InstallSpec install,
    @JsonPropertyDescription(
            "Files and trees to put on the disks after the operating system, in this order.")
        @Size(max = 64)
        List<ContentSpec> contents,
    @JsonPropertyDescription("What becomes of the finished images.") @Default("{}")
        OutputSpec output,
    @JsonPropertyDescription(
            "A program that is run beside the finished images; when it fails, the build fails.")
        PostBuildSpec postBuild,
    @JsonPropertyDescription("The virtual machine that builds.") @Default("{}") BuilderSpec builder,
    @JsonPropertyDescription("Checks beyond the offline check of both disks, which is always made.")
        @Default("{}")
        VerifySpec verify,
    @JsonPropertyDescription(
            "While true, no new build is started; one that runs is stopped and its virtual machine removed.")
        @Default(Defaults.SUSPEND)
        Boolean suspend,
    @JsonPropertyDescription(
            "Any text; a new one asks for a new build though nothing else has changed.")
        @Default("\"" + Defaults.REBUILD + "\"")
        @Size(max = 256)
        String rebuild) {}
