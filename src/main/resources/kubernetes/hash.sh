# Hashes both images and tells it in the container's last words: FORMAT BOOT_IMAGE ROOT_IMAGE [OUT MANIFEST BOOT ROOT]
# The others are given where there is a folder for files: OUT, and what is known already, as JSON objects, of all and of each image.
set -euo pipefail
shopt -s inherit_errexit

# An argument that is missing or in another's place is told as such, and not by a program that trips over it later.
refuse() {
  printf 'hash.sh: %s\n' "$1" >&2
  exit 2
}
case ${1:-} in raw | qcow2 | vdi | vpc) ;; *) refuse "format ${1:-} is not one of raw qcow2 vdi vpc" ;; esac
case $# in 3 | 7) ;; *) refuse "$# arguments are given, not 3 or 7" ;; esac

format=$1 boot=$2 root=$3 out=${4:-}

# virtual size, length, bytes on disk, sum
measure() {
  local image=$1 sum virtual length stored
  sum=$(sha256sum -- "$image")
  if [ -b "$image" ]; then
    virtual=$(blockdev --getsize64 "$image")
    length=$virtual stored=$virtual
  else
    length=$(stat -c %s -- "$image")
    # What is in the image may look like another format: nobody is to guess.
    if [ "$format" = raw ]; then virtual=$length; else virtual=$(virtual_size "$image"); fi
    stored=$(($(stat -c '%b * %B' -- "$image")))
  fi
  printf '%s %s %s %s\n' "$virtual" "$length" "$stored" "${sum%% *}"
}

virtual_size() {
  qemu-img info -f "$format" --output=json -- "$1" | sed -n 's/^ *"virtual-size": \([0-9]*\),*$/\1/p' | tail -n 1
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
    "$(complete "$6" "${of_boot[@]}")" "$(complete "$7" "${of_root[@]}")" "${5#\{}" >"$out/manifest.json"
  sync
fi
printf '%s\n' "boot $boot_words" "root $root_words" >/dev/termination-log
