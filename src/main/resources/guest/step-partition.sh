#!/usr/bin/env bash
# Boot disk: GPT with a BIOS-boot partition (GRUB's core image goes there) and an ESP. Both disks must be blank and of the size asked for.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

expected=()
read_list expected partition.args
boot=$(disk_of zdi-boot)
root=$(disk_of zdi-root)

assert_size() {
  local bytes
  bytes=$(blockdev --getsize64 "$2")
  if (($3 != 0 && bytes != $3)); then
    fail DiskSizeWrong "the $1 disk has $bytes bytes; $3 were asked for"
  fi
}

assert_blank() {
  local found
  found=$(wipefs --noheadings --output TYPE "$2" | sort -u | tr '\n' ' ')
  if [[ -n $found ]]; then
    fail DiskNotBlank "the $1 disk already holds: $found"
  fi
}

assert_size boot "$boot" "${expected[0]}"
assert_size root "$root" "${expected[1]}"
assert_blank boot "$boot"
assert_blank root "$root"

# The last MiB stays free for the backup GPT, and so that the partition ends on a whole MiB.
sectors=$(blockdev --getsz "$boot")
last=$(((sectors / 2048 - 1) * 2048 - 1))
run sgdisk --clear --set-alignment=2048 \
  --new=1:2048:4095 --typecode=1:EF02 --change-name=1:bios-boot \
  --new="2:4096:$last" --typecode=2:EF00 --change-name=2:ESP "$boot"
udevadm settle
