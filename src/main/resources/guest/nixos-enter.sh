#!/usr/bin/env bash
# The last part of a NixOS install, with the target as the root: activation and the boot loader step, in one run of nixos-enter's and with what it
# sets up. Runs in mount, host name and process namespaces of its own, and leaves nothing mounted behind.
#
# nixos-enter.sh BOOT_DISK ROOT_DISK SYSTEM
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
boot=$1
root=$2
system=$3

main() {
  mkdir -p /mnt/dev /mnt/proc /mnt/sys /mnt/run
  mount -t proc proc /mnt/proc
  mount --rbind /sys /mnt/sys
  mount -t tmpfs -o mode=0755 run /mnt/run
  if [[ -d /run/udev ]]; then
    mkdir /mnt/run/udev
    mount --bind /run/udev /mnt/run/udev
  fi
  own_devices
  inside IN_NIXOS_ENTER=1 "$system/activate" ||
    printf 'the activation script ended with status %s; as nixos-install does, going on\n' "$?"
  inside IN_NIXOS_ENTER=1 "$system/sw/bin/systemd-tmpfiles" --create --remove -E || true
  target_as_the_builder_sees_it
  inside NIXOS_INSTALL_BOOTLOADER=1 "$system/bin/switch-to-configuration" boot
}

# A /dev of its own: systems made for a certain machine call their boot disk by one of these names.
own_devices() {
  local name
  mount -t tmpfs -o mode=0755 dev /mnt/dev
  cp -a --one-file-system /dev/. /mnt/dev/
  mount --rbind /dev/pts /mnt/dev/pts
  mount --rbind /dev/shm /mnt/dev/shm
  for name in vda sda xvda; do
    if [[ /dev/$name != "$boot" && /dev/$name != "$root" ]]; then
      rm -f "/mnt/dev/$name"
      ln -s "${boot##*/}" "/mnt/dev/$name"
    fi
  done
}

# A boot loader step may name files as the evaluation saw them, such as those of boot.initrd.secrets: /mnt/etc/nixos/….
target_as_the_builder_sees_it() {
  if [[ ! -d /mnt/mnt ]]; then
    mkdir /mnt/mnt
    trap 'umount --recursive /mnt/mnt && rmdir /mnt/mnt' EXIT
  fi
  mount --rbind /mnt /mnt/mnt
  mount --make-rslave /mnt/mnt
}

# inside VARIABLE=VALUE COMMAND…
inside() {
  run env -i HOME=/root TERM=dumb PATH="$system/sw/bin:$system/sw/sbin" LOCALE_ARCHIVE="$system/sw/lib/locale/locale-archive" "$1" \
    /usr/sbin/chroot /mnt "${@:2}"
}

main
