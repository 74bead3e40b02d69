#!/usr/bin/env bash
# A pool that owns the whole root disk: ZFS makes its own GPT, and the pool can grow with the disk.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

read_list arguments pool.args
disk=/dev/disk/by-id/virtio-zdi-root
[[ -e $disk ]] || disk=$(disk_of zdi-root)
run zpool create "${arguments[@]}" "$disk"
pool=$(pool_name)
version=$(cat /sys/module/zfs/version)
printf '%s %s %s\n' "$(zpool get -Hpo value guid "$pool")" "$(zpool get -Hpo value size "$pool")" "${version%%-*}" >/run/zdi/pool
