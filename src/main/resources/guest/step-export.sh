#!/usr/bin/env bash
# The pool leaves the builder clean, so that any system can import it without force.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

run zpool export "$(pool_name)"
sync
run blockdev --flushbufs "$(disk_of zdi-boot)"
run blockdev --flushbufs "$(disk_of zdi-root)"
