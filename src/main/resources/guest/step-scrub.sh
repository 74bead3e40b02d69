#!/usr/bin/env bash
# Reads every block back before the pool leaves the builder.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

pool=$(pool_name)
run zpool scrub -w "$pool"
run zpool status "$pool"
health=$(zpool get -Hpo value health "$pool")
[[ $health == ONLINE && $(zpool status "$pool") == *"errors: No known data errors"* ]] ||
  fail StepFailed "the scrub of $pool found errors; its health is $health"
