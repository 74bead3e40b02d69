#!/usr/bin/env bash
# Mounts the datasets below /mnt, in the order given.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"

mount_dataset() {
  local target=/mnt${2%/}
  mkdir -p "$target"
  run mount -t zfs ${3:+-o "$3"} "$1" "$target"
}

each_record mount.args mount_dataset
