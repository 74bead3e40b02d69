#!/usr/bin/env bash
# The user's own files and trees.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"
source "${BASH_SOURCE[0]%/*}/place.sh"

each_record contents.args place
