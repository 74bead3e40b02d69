#!/usr/bin/env bash
# The offline check: looks at finished disks that are attached read-only, and reports what it sees. It judges nothing.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

part_bytes=900
report=/run/zdi/report
boot=$(disk_of zdi-boot)
root=$(disk_of zdi-root)

# line SECTION KEY VALUE
line() { printf '%s\t%s\t%s\n' "$1" "$2" "$(percent_encode "$3")"; }

disk() {
  local number type
  line "$1" bytes "$(blockdev --getsize64 "$2")"
  line "$1" gpt "$(gpt_verdict "$2")"
  while read -r number; do
    type=$(sgdisk --info="$number" "$2")
    line "$1-partition" "$number" "$(sed -n 's/^First sector: \([0-9]*\).*/\1/p' <<<"$type") $(sed -n 's/^Last sector: \([0-9]*\).*/\1/p' <<<"$type") $(
      sed -n 's/^Partition GUID code: \([0-9A-F-]*\).*/\1/p' <<<"$type") $(sed -n "s/^Partition name: '\(.*\)'/\1/p" <<<"$type")"
  done < <(sgdisk --print "$2" | awk '$1 ~ /^[0-9]+$/ {print $1}')
}

gpt_verdict() {
  local text
  text=$(sgdisk --verify "$1" 2>&1) || true
  if [[ $text == *"No problems found."* && $text != *Caution* && $text != *"invalid"* ]]; then printf 'ok'; else printf '%s' "$text" | tr '\n' ' '; fi
}

esp_facts() {
  local partition text
  partition=$(esp)
  if text=$(fsck.vfat -n "$partition" 2>&1); then line esp fsck clean; else line esp fsck "$text"; fi
  line esp label "$(blkid -p -o value -s LABEL "$partition" || true)"
  mkdir -p /run/zdi/esp
  if mount -t vfat -o ro "$partition" /run/zdi/esp; then
    line esp size "$(df --output=size -B1 /run/zdi/esp | tail -n 1 | tr -d ' ')"
    line esp used "$(df --output=used -B1 /run/zdi/esp | tail -n 1 | tr -d ' ')"
    files /run/zdi/esp /boot
    umount /run/zdi/esp
  fi
}

# The label as zdb prints it: the pool-wide part first, then the vdev tree.
label_facts() {
  local text partition state
  partition=$(partition_of "$root" 1)
  text=$(zdb -l "$partition") || true
  # Numbers of spa.h's pool_state_t.
  case $(label_value state "$text") in
    0) state=active ;;
    1) state=exported ;;
    2) state=destroyed ;;
    *) state=$(label_value state "$text") ;;
  esac
  line label state "$state"
  line label name "$(label_value name "$text")"
  line label guid "$(label_value pool_guid "$text")"
  line label whole_disk "$(label_value whole_disk "$text")"
  line label hostname "$(label_value hostname "$text")"
}

label_value() { sed -n "s/^ *$1: '\{0,1\}\([^']*\)'\{0,1\}$/\1/p" <<<"$2" | head -n 1; }

pool_and_datasets() {
  local pool name property value
  local -a arguments names
  read_list arguments check.args
  pool=${arguments[0]}
  # Forced: after a trial boot the label names the system that had the pool. Read-only, so nothing can be lost.
  zpool import -f -N -o readonly=on -R /mnt -d "$(partition_of "$root" 1)" "$pool"
  while IFS=$'\t' read -r property value; do
    line pool "$property" "$value"
  done < <(zpool get -Hpo property,value all "$pool")
  mapfile -t names < <(zfs list -Hpo name -r -t filesystem,volume "$pool")
  for name in "${names[@]}"; do
    line dataset "$name" exists
    line usage "$name" "$(zfs list -Hpo used "$name")"
    while IFS= read -r property; do
      # A value may hold line breaks: one property at a time, and its own last one kept.
      value=$(zfs get -Hpo value "$property" "$name" && printf .)
      line property "$name/$property" "${value%$'\n'.}"
    done < <(zfs get -Hpo property,source all "$name" | awk -F'\t' '$2 == "local" {print $1}' | sort -u)
  done
  mount_for_a_look
  files /mnt ''
  umount --recursive /mnt 2>/dev/null || true
  zpool export "$pool"
}

mount_for_a_look() {
  if [[ -e $config/mount.args ]]; then
    each_record mount.args look_at
  fi
}

look_at() { mount -t zfs -o "ro${3:+,$3}" "$1" "/mnt${2%/}" || true; }

# files FOLDER PREFIX
files() {
  local type mode owner group size path
  while IFS=$'\t' read -r -d '' type mode owner group size path; do
    line file "$(percent_encode "$2/$path")" "$type $mode $owner $group $size"
  done < <(find "$1" -mindepth 1 -maxdepth 2 -printf '%y\t%m\t%U\t%G\t%s\t%P\0' | sort -z -t $'\t' -k 6)
}

send() {
  local nonce data parts part text
  read_list nonce build.args
  data=$(gzip -9 <"$report" | base64 -w 0)
  parts=$(((${#data} + part_bytes - 1) / part_bytes))
  # Twice, in case the console loses lines.
  for _ in 1 2; do
    for ((part = 1; part <= parts; part++)); do
      text="@@ZDI-REPORT v=1 build=${nonce[0]} part=$part/$parts data=${data:(part - 1) * part_bytes:part_bytes}"
      printf '%s crc=%s\n' "$text" "$(printf '%s' "$text" | checksum)"
    done
  done
}

{
  disk boot "$boot"
  disk root "$root"
  esp_facts
  label_facts
  pool_and_datasets
} >"$report"
send
