# Converts both disks and compares the results with them: OUT PREFIX ENDING BOOT_DISK ROOT_DISK -O FORMAT QEMU_IMG_ARGUMENT...
set -euo pipefail

# An argument that is missing or in another's place is told as such, and not by a program that trips over it later.
refuse() {
  printf 'convert.sh: %s\n' "$1" >&2
  exit 2
}
[ $# -ge 7 ] || refuse "$# arguments are given, not at least 7"
[ "$6" = -O ] || refuse "argument 6 is $6 and not -O"
case $7 in raw | qcow2 | vdi | vpc) ;; *) refuse "format $7 is not one of raw qcow2 vdi vpc" ;; esac

out=$1 prefix=$2 ending=$3 boot=$4 root=$5 format=$7
shift 5

convert() {
  local disk=$1 image=$2
  rm -f -- "$image.part"
  qemu-img convert -f raw "${@:3}" -- "$disk" "$image.part"
  qemu-img compare -f raw -F "$format" -- "$disk" "$image.part"
  mv -- "$image.part" "$image"
}

convert "$boot" "$out/$prefix.boot.$ending" "$@"
convert "$root" "$out/$prefix.root.$ending" "$@"
sync
