# Makes disk.img of exactly the bytes asked for, sparse, in each volume: FOLDER BYTES [FOLDER BYTES ...]
set -euo pipefail

while [ $# -gt 0 ]; do
  disk=$1/disk.img
  if [ -e "$disk" ] && [ "$(stat -c %s "$disk")" != "$2" ]; then
    printf '%s has %s bytes and %s are wanted: the volume was not empty\n' "$disk" "$(stat -c %s "$disk")" "$2" >&2
    exit 1
  fi
  truncate -s "$2" "$disk"
  shift 2
done
sync
