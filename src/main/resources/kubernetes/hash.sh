# Hashes both images and tells it in the container's last words: BOOT_IMAGE ROOT_IMAGE [OUT MANIFEST BOOT ROOT]
# The others are given where there is a folder for files: OUT, and what is known already, as JSON objects, of all and of each image.
set -euo pipefail
shopt -s inherit_errexit

boot=$1 root=$2 out=${3:-}

# virtual size, length, bytes on disk, sum
measure() {
  local image=$1 sum virtual length stored
  sum=$(sha256sum -- "$image")
  if [ -b "$image" ]; then
    virtual=$(blockdev --getsize64 "$image")
    length=$virtual stored=$virtual
  else
    virtual=$(qemu-img info --output=json -- "$image" | sed -n 's/^ *"virtual-size": \([0-9]*\),*$/\1/p' | tail -n 1)
    length=$(stat -c %s -- "$image")
    stored=$(($(stat -c '%b * %B' -- "$image")))
  fi
  printf '%s %s %s %s\n' "$virtual" "$length" "$stored" "${sum%% *}"
}

# The object of an image with what was measured in it: OBJECT VIRTUAL LENGTH STORED SUM
complete() {
  printf '%s,"virtualBytes":%s,"fileBytes":%s,"allocatedBytes":%s,"sha256":"%s"}' "${1%\}}" "${@:2}"
}

boot_words=$(measure "$boot")
root_words=$(measure "$root")
read -ra of_boot <<<"$boot_words"
read -ra of_root <<<"$root_words"
if [ -n "$out" ]; then
  # Where the images are the disks themselves, they are no files beside this one.
  if [ "${boot%/*}" = "$out" ]; then
    printf '%s  %s\n' "${of_boot[3]}" "${boot##*/}" "${of_root[3]}" "${root##*/}" >"$out/SHA256SUMS"
  fi
  printf '{\n  "images" : {\n    "boot" : %s,\n    "root" : %s\n  },%s' \
    "$(complete "$5" "${of_boot[@]}")" "$(complete "$6" "${of_root[@]}")" "${4#\{}" >"$out/manifest.json"
  sync
fi
printf '%s\n' "boot $boot_words" "root $root_words" >/dev/termination-log
