#!/usr/bin/env bash
# GRUB from the target's own packages, for BIOS (in the BIOS-boot partition) and UEFI (the removable path of the ESP).
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

read_list arguments bootloader.args
[[ ${arguments[0]} == grub ]] || exit 0
root=${arguments[1]}
kernel_arguments=("${arguments[@]:2}")
boot=$(disk_of zdi-boot)

in_target grub-install --target=i386-pc --boot-directory=/boot "$boot"
in_target grub-install --target=x86_64-efi --efi-directory=/boot --boot-directory=/boot --removable --no-nvram

# grub_word TEXT: as GRUB's own shell reads it
grub_word() {
  local quote="'\\''"
  printf "'%s'" "${1//\'/$quote}"
}

# initramfs_of VERSION: by the names that Debian, Fedora, Alpine and Arch give it
initramfs_of() {
  local name
  for name in "initrd.img-$1" "initramfs-$1.img" "initramfs-$1" "initrd-$1" "initrd-$1.img"; do
    if [[ -e /mnt/boot/$name ]]; then
      printf '%s' "$name"
      return
    fi
  done
  fail StepFailed "the target has the kernel /boot/vmlinuz-$1 but no initramfs for it; a root on ZFS needs one"
}

# zfs-initramfs reads + as a space.
command_line="$(grub_word "root=ZFS=${root// /+}") ro"
for argument in "${kernel_arguments[@]}"; do
  command_line+=" $(grub_word "$argument")"
done

# entries: the newest kernel first, for GRUB boots the first
entries() {
  local kernel version initramfs
  while IFS= read -r -d '' kernel; do
    version=${kernel##*/vmlinuz-}
    initramfs=$(initramfs_of "$version")
    printf 'menuentry %s {\n  linux %s %s\n  initrd %s\n}\n' \
      "$(grub_word "Linux $version")" "$(grub_word "/vmlinuz-$version")" "$command_line" "$(grub_word "/$initramfs")"
  done < <(printf '%s\0' "$@" | sort --zero-terminated --version-sort --reverse)
}

kernels=(/mnt/boot/vmlinuz-*)
[[ -e ${kernels[0]} ]] || fail StepFailed "the target has no kernel /boot/vmlinuz-*; install a kernel package, or set bootloader: none"
{
  printf 'set timeout=1\nserial --unit=0 --speed=115200\nterminal_input serial console\nterminal_output serial console\n'
  printf 'search --no-floppy --label ESP --set=root\n'
  entries "${kernels[@]}"
} >/mnt/boot/grub/grub.cfg
