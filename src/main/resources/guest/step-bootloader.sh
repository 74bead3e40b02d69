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

kernels=(/mnt/boot/vmlinuz-*)
[[ -e ${kernels[0]} ]] || fail StepFailed "the target has no kernel /boot/vmlinuz-*; install a kernel package, or set bootloader: none"
{
  printf 'set timeout=1\nserial --unit=0 --speed=115200\nterminal_input serial console\nterminal_output serial console\n'
  printf 'search --no-floppy --label ESP --set=root\n'
  for kernel in "${kernels[@]}"; do
    version=${kernel##*/vmlinuz-}
    printf "menuentry 'Linux %s' {\n  linux /vmlinuz-%s root=ZFS=%s ro %s\n  initrd /initrd.img-%s\n}\n" \
      "$version" "$version" "$root" "${kernel_arguments[*]}" "$version"
  done
} >/mnt/boot/grub/grub.cfg
