#!/usr/bin/env bash
# The offline check: looks at finished disks that are attached read-only, and reports what it sees. It judges nothing.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

part_bytes=900
report=/run/zdi/report
boot=$(disk_of zdi-boot)
root=$(disk_of zdi-root)

# line SECTION KEY VALUE: ended by NUL, for a value may hold line breaks
line() { printf '%s\t%s\t%s\0' "$1" "$2" "$3"; }

# Thousands of values in one go: a program start for each would take minutes on an emulated processor.
percent_encode_all() {
  # shellcheck disable=SC2016 # perl's variables
  perl -0 -ne '
    sub encoded { $_[0] =~ s/([^A-Za-z0-9._-])/sprintf("%%%02X", ord $1)/ger }
    chomp;
    my ($section, $key, $value) = /^file\t/ ? /^(file)\t(.*)\t([^\t]*)$/s : /^([^\t]*)\t([^\t]*)\t(.*)$/s;
    $key = encoded($key) if $section eq "file";
    print "$section\t$key\t", encoded($value), "\n";
  '
}

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
    uefi_boot_mode /run/zdi/esp
    files /run/zdi/esp /boot
    umount /run/zdi/esp
  fi
}

# Where firmware that knows nothing of this disk looks: BIOS runs the boot code before the partition table, UEFI a program of a known name.
bios_boot_mode() {
  if head -c 440 "$boot" | grep -qzv '^$'; then line boot-mode bios yes; else line boot-mode bios no; fi
}

# uefi_boot_mode ESP_FOLDER
uefi_boot_mode() {
  if [[ -n $(find "$1" -maxdepth 3 -ipath "$1/efi/boot/boot*.efi") ]]; then line boot-mode uefi yes; else line boot-mode uefi no; fi
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
  local -a arguments
  read_list arguments check.args
  pool=${arguments[0]}
  # Forced: after a trial boot the label names the system that had the pool. Read-only, so nothing can be lost.
  zpool import -f -N -o readonly=on -R /mnt -d "$(partition_of "$root" 1)" "$pool"
  while IFS=$'\t' read -r property value; do
    line pool "$property" "$value"
  done < <(zpool get -Hpo property,value all "$pool")
  while IFS=$'\t' read -r name value; do
    line dataset "$name" exists
    line usage "$name" "$value"
  done < <(zfs list -Hpo name,used -r -t filesystem,volume "$pool")
  local_properties "$pool"
  mount_for_a_look
  files /mnt ''
  umount --recursive /mnt 2>/dev/null || true
  zpool export "$pool"
}

# local_properties POOL: only a user property, which has a colon in its name, may hold line breaks and tabs; each of them is asked for alone
local_properties() {
  local name property value
  local -A native=()
  while IFS=$'\t' read -r name property; do
    if [[ $property == *:* ]]; then
      value=$(zfs get -Hpo value "$property" "$name" && printf .)
      line property "$name/$property" "${value%$'\n'.}"
    else
      native[$property]=
    fi
  done < <(zfs get -Hpo name,property -s local -r -t filesystem,volume all "$1")
  if ((${#native[@]} == 0)); then return; fi
  while IFS=$'\t' read -r name property value; do
    line property "$name/$property" "$value"
  done < <(zfs get -Hpo name,property,value -s local -r -t filesystem,volume "$(IFS=, && printf '%s' "${!native[*]}")" "$1")
}

mount_for_a_look() {
  if [[ -e $config/mount.args ]]; then
    each_record mount.args look_at
  fi
}

look_at() { mount -t zfs -o "ro${3:+,$3}" "$1" "/mnt${2%/}" || true; }

# files FOLDER PREFIX
files() {
  find "$1" -mindepth 1 -maxdepth 2 -printf "file\t$2/%P\t%y %m %U %G %s\0" | sort -z
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
  bios_boot_mode
  esp_facts
  label_facts
  pool_and_datasets
} | percent_encode_all >"$report"
send
