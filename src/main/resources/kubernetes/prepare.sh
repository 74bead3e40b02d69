# Makes disk.img of exactly the bytes asked for, sparse, in each volume: FOLDER BYTES [FOLDER BYTES ...]
set -euo pipefail

# An argument that is missing or in another's place is told as such, and not by a program that trips over it later.
refuse() {
  printf 'prepare.sh: %s\n' "$1" >&2
  exit 2
}
[ $# -gt 0 ] || refuse 'no arguments are given, but FOLDER BYTES ...'

while [ $# -gt 0 ]; do
  case ${2:-} in '' | *[!0-9]*) refuse "size of $1 is not a number of bytes: ${2:-}" ;; esac
  disk=$1/disk.img
  if [ -e "$disk" ] && [ "$(stat -c %s "$disk")" != "$2" ]; then
    printf '%s has %s bytes and %s are wanted: the volume was not empty\n' "$disk" "$(stat -c %s "$disk")" "$2" >&2
    exit 1
  fi
  truncate -s "$2" "$disk"
  shift 2
done
sync
