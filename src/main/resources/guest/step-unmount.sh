#!/usr/bin/env bash
# Unmounts the whole target.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

# Gives the ESP's free blocks back to the disk's file; a storage that cannot discard loses nothing but space.
run fstrim --verbose /mnt/boot || true
run umount --recursive /mnt
