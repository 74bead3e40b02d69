# Hashes both images and tells it in the container's last words: OUT BOOT_IMAGE ROOT_IMAGE; OUT is empty where there is none
set -euo pipefail

out=$1

report() {
  local name=$1 image=$2 sum virtual stored
  sum=$(sha256sum -- "$image")
  if [ -b "$image" ]; then
    virtual=$(blockdev --getsize64 "$image")
    stored=$virtual
  else
    virtual=$(qemu-img info --output=json -- "$image" | sed -n 's/^ *"virtual-size": \([0-9]*\),*$/\1/p' | tail -n 1)
    stored=$(($(stat -c '%b * %B' -- "$image")))
  fi
  printf '%s %s %s %s\n' "$name" "$virtual" "$stored" "${sum%% *}"
}

lines=$(report boot "$2" && report root "$3")
if [ -n "$out" ]; then
  while read -r name virtual stored sum; do
    image=$2
    [ "$name" = boot ] || image=$3
    printf '%s  %s\n' "$sum" "$(basename -- "$image")" >&3
    printf '%s\t%s\tvirtual %s\tstored %s\tsha256 %s\n' "$name" "$(basename -- "$image")" "$virtual" "$stored" "$sum" >&4
  done <<<"$lines" 3>"$out/SHA256SUMS" 4>"$out/MANIFEST"
  sync
fi
printf '%s\n' "$lines" >/dev/termination-log
