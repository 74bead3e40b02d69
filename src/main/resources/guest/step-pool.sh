#!/usr/bin/env bash
# A pool that owns the whole root disk: ZFS makes its own GPT, and the pool can grow with the disk.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

read_list arguments pool.args
disk=/dev/disk/by-id/virtio-zdi-root
[[ -e $disk ]] || disk=$(disk_of zdi-root)
# The links of a disk go and come again while udev is at work on its new partitions, on a slow machine for longer than ZFS waits for them
# (a second): it then says that there is no such pool. Nothing was made by then, so it is asked once more when udev is done.
link_was_away() { grep -q 'no such pool or dataset' /run/zdi/pool.errors; }
for try in 1 2 3; do
  udevadm settle --timeout=30
  if run zpool create "${arguments[@]}" "$disk" 2>/run/zdi/pool.errors; then break; fi
  cat /run/zdi/pool.errors >&2
  if ((try == 3)) || ! link_was_away; then exit 1; fi
done
pool=$(pool_name)
version=$(cat /sys/module/zfs/version)
printf '%s %s %s\n' "$(zpool get -Hpo value guid "$pool")" "$(zpool get -Hpo value size "$pool")" "${version%%-*}" >/run/zdi/pool
