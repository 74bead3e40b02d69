#!/usr/bin/env bash
# FAT on the ESP, mounted at /boot of the target.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

read_list arguments boot-filesystem.args
partition=$(esp)
run mkfs.vfat "${arguments[@]}" "$partition"
mkdir -p /mnt/boot
# quiet: FAT has no owners and modes, and programs that set them must not fail.
run mount -t vfat -o quiet,umask=0077 "$partition" /mnt/boot
udevadm settle
