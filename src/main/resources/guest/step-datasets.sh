#!/usr/bin/env bash
# Datasets, parents before children; properties of those that exist already are set.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"

each_record datasets.args run zfs
