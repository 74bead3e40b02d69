#!/usr/bin/env bash
# Gives the pool's free blocks back to the disk's file; a storage that cannot discard loses nothing but space.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

run zpool trim -w "$(pool_name)" || printf 'the root disk cannot discard blocks; going on\n'
