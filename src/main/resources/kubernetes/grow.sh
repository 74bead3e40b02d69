# Copies a disk into a larger one and makes it of exactly the bytes asked for, sparse: FROM TO BYTES
set -euo pipefail

from=$1 to=$2 bytes=$3

if [ -b "$to" ]; then
  room=$(blockdev --getsize64 "$to")
  if [ "$room" -lt "$bytes" ]; then
    printf '%s has %s bytes and %s are wanted\n' "$to" "$room" "$bytes" >&2
    exit 1
  fi
  # It need not have been blank: -n without --target-is-zero writes the zeros too.
  qemu-img convert -n -f raw -O raw -- "$from" "$to"
else
  # The volume's own folder may hold what an interrupted run has left.
  cp --sparse=always -- "$from" "$to.part"
  truncate -s "$bytes" -- "$to.part"
  mv -- "$to.part" "$to"
fi
sync
