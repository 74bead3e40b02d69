# Converts both disks and compares the results with them: OUT PREFIX ENDING BOOT_DISK ROOT_DISK QEMU_IMG_ARGUMENT...
set -euo pipefail

out=$1 prefix=$2 ending=$3 boot=$4 root=$5
shift 5

convert() {
  local disk=$1 image=$2
  rm -f -- "$image.part"
  qemu-img convert -f raw "${@:3}" -- "$disk" "$image.part"
  qemu-img compare -f raw -F "$format" -- "$disk" "$image.part"
  mv -- "$image.part" "$image"
}

format=$2
for ((i = 1; i < $#; i++)); do
  [ "${!i}" != -O ] || { next=$((i + 1)) format=${!next}; }
done
convert "$boot" "$out/$prefix.boot.$ending" "$@"
convert "$root" "$out/$prefix.root.$ending" "$@"
sync
