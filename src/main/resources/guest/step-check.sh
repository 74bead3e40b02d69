#!/usr/bin/env bash
# The offline check: looks at finished disks that are attached read-only, and reports what it sees. It judges nothing.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"

part_bytes=900
# What a report may hold: the reader refuses one of more than 4 MiB or 25,000 lines. A property's value has at most 8191 bytes.
export report_bytes=4100000 report_lines=20000 value_bytes=8192
user_properties=1000
report=/run/zdi/report
boot=$(disk_of zdi-boot)
root=$(disk_of zdi-root)
# "dataset/property" and "dataset" of what is compared with the recipe; without such a list everything is reported.
declare -A asked=()
asked_pool=()

# line SECTION KEY VALUE: ended by NUL, for a value may hold line breaks
line() { printf '%s\t%s\t%s\0' "$1" "$2" "$3"; }

# Thousands of values in one go: a program start for each would take minutes on an emulated processor. What is too much is left out, and said.
percent_encode_all() {
  # shellcheck disable=SC2016 # perl's variables
  perl -0 -ne '
    sub encoded { $_[0] =~ s/([^A-Za-z0-9._-])/sprintf("%%%02X", ord $1)/ger }
    BEGIN { $bytes = $ENV{report_bytes}; $lines = $ENV{report_lines} }
    chomp;
    my ($section, $key, $value) = /^file\t/ ? /^(file)\t(.*)\t([^\t]*)$/s : /^([^\t]*)\t([^\t]*)\t(.*)$/s;
    $key = encoded($key) if $section eq "file";
    if ($section eq "report") { push @cut, $value; next }
    next if $full;
    my $line = "$section\t$key\t" . encoded(substr $value, 0, $ENV{value_bytes}) . "\n";
    $bytes -= length $line;
    if ($bytes < 0 || --$lines < 0) { $full = 1; next }
    print $line;
    END {
      push @cut, "more than $ENV{report_lines} lines or $ENV{report_bytes} bytes" if $full;
      print "report\tcut\t", encoded(join "; ", @cut), "\n" if @cut;
    }
  '
}

disk() {
  local number type
  line "$1" bytes "$(blockdev --getsize64 "$2")"
  line "$1" format "$(guessed_format "$2")"
  line "$1" gpt "$(gpt_verdict "$2")"
  while read -r number; do
    type=$(sgdisk --info="$number" "$2")
    line "$1-partition" "$number" "$(sed -n 's/^First sector: \([0-9]*\).*/\1/p' <<<"$type") $(sed -n 's/^Last sector: \([0-9]*\).*/\1/p' <<<"$type") $(
      sed -n 's/^Partition GUID code: \([0-9A-F-]*\).*/\1/p' <<<"$type") $(sed -n "s/^Partition name: '\(.*\)'/\1/p" <<<"$type")"
  done < <(sgdisk --print "$2" | awk '$1 ~ /^[0-9]+$/ && ++count <= 128 {print $1}')
}

# guessed_format DISK: what programs that are not told a disk's format take it for, by its first and its last 512 bytes. The tests are those of
# QEMU's and libvirt's drivers; in a VMDK's descriptor QEMU skips comments and empty lines.
guessed_format() {
  # shellcheck disable=SC2016 # perl's variables
  perl -e '
    open my $disk, "<:raw", $ARGV[0] or die "$ARGV[0]: $!\n";
    read $disk, my $first, 512;
    seek $disk, -512, 2 or die "$ARGV[0]: $!\n";
    read $disk, my $last, 512;
    my @tests = (
      [qcow2 => qr/^QFI\xfb\0\0\0[^\0\1]/s], [qcow => qr/^QFI\xfb/],
      [vmdk => qr/^(KDMV|COWD|# Disk DescriptorFile)/], [vmdk => qr/^(#[^\n]*\n| +\r?\n)*version=[0-9]/],
      [vdi => qr/^.{64}\x7f\x10\xda\xbe/s], [vdi => qr/^.{64}\xbe\xda\x10\x7f/s], [vdi => qr/^<<< /],
      [vpc => qr/^conectix/], [vhdx => qr/^vhdxfile/], [qed => qr/^QED\0/], [luks => qr/^LUKS\xba\xbe/],
      [parallels => qr/^(WithoutFreeSpace|WithouFreSpacExt)/], [bochs => qr/^Bochs Virtual HD Image/],
      [cloop => qr/^#!\/bin\/sh\n#V2\.0 Format/],
    );
    for (@tests) { if ($first =~ $_->[1]) { print $_->[0]; exit } }
    print $last =~ /^conectix/ ? "vpc" : $last =~ /^koly/ ? "dmg" : "raw";
  ' "$1"
}

gpt_verdict() {
  local text
  text=$(sgdisk --verify "$1" 2>&1 | head -c "$value_bytes") || true
  if [[ $text == *"No problems found."* && $text != *Caution* && $text != *"invalid"* ]]; then printf 'ok'; else printf '%s' "$text" | tr '\n' ' '; fi
}

esp_facts() {
  local partition text
  partition=$(esp)
  if text=$(fsck.vfat -n "$partition" 2>&1 | head -c "$value_bytes"); then line esp fsck clean; else line esp fsck "$text"; fi
  line esp label "$(blkid -p -o value -s LABEL "$partition" || true)"
  mkdir -p /run/zdi/esp
  if mount -t vfat -o ro "$partition" /run/zdi/esp; then
    line esp size "$(df --output=size -B1 /run/zdi/esp | tail -n 1 | tr -d ' ')"
    line esp used "$(df --output=used -B1 /run/zdi/esp | tail -n 1 | tr -d ' ')"
    uefi_boot_mode /run/zdi/esp
    if lists_files; then files /run/zdi/esp /boot; fi
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
  local pool name value
  local -a arguments
  read_list arguments check.args
  pool=${arguments[0]}
  if [[ -e $config/asked.args ]]; then each_record asked.args ask; fi
  if [[ -e $config/asked-pool.args ]]; then read_list asked_pool asked-pool.args; fi
  # Forced: after a trial boot the label names the system that had the pool. Read-only, so nothing can be lost.
  zpool import -f -N -o readonly=on -R /mnt -d "$(partition_of "$root" 1)" "$pool"
  pool_properties "$pool"
  while IFS=$'\t' read -r name value; do
    if wanted "$name"; then
      line dataset "$name" exists
      line usage "$name" "$value"
    fi
  done < <(zfs list -Hpo name,used -r -t filesystem,volume "$pool")
  local_properties "$pool"
  if lists_files; then
    each_record mount.args look_at
    files /mnt ''
    umount --recursive /mnt 2>/dev/null || true
  fi
  zpool export "$pool"
}

# pool_properties POOL: a user's own, which have a colon in their names, may be thousands, and hold line breaks that look like other properties
pool_properties() {
  local property value
  local -a names known=() own=()
  mapfile -t names < <(zpool get -Hpo property all "$1")
  for property in "${names[@]}"; do
    if [[ $property == *:* ]]; then own+=("$property"); else known+=("$property"); fi
  done
  while IFS=$'\t' read -r property value; do
    line pool "$property" "$value"
  done < <(zpool get -Hpo property,value "$(IFS=, && printf '%s' "${known[*]}")" "$1")
  if ((${#asked[@]} > 0)); then own=("${asked_pool[@]}"); fi
  for property in "${own[@]:0:user_properties}"; do
    if value=$(zpool get -Hpo value "$property" "$1" && printf .); then line pool "$property" "${value%$'\n'.}"; fi
  done
  if ((${#own[@]} > user_properties)); then line report cut "more than $user_properties user properties of the pool"; fi
}

# ask DATASET PROPERTY…
ask() {
  local property
  asked[$1]=yes
  for property in "${@:2}"; do asked[$1/$property]=yes; done
}

# wanted NAME: whether something is to be reported of it
wanted() { ((${#asked[@]} == 0)) || [[ -n ${asked[$1]:-} ]]; }

# Files are for a person to see; a build's check compares none.
lists_files() { [[ -e $config/mount.args ]]; }

# local_properties POOL: only a user property, which has a colon in its name, may hold line breaks and tabs; each of them is asked for alone
local_properties() {
  local name property value count=0
  local -A native=()
  while IFS=$'\t' read -r name property; do
    if ! wanted "$name/$property"; then continue; fi
    if [[ $property == *:* ]]; then
      # Each takes the start of a program.
      count=$((count + 1))
      if ((count > user_properties && ${#asked[@]} == 0)); then continue; fi
      value=$(zfs get -Hpo value "$property" "$name" && printf .)
      line property "$name/$property" "${value%$'\n'.}"
    else
      native[$property]=
    fi
  done < <(zfs get -Hpo name,property -s local -r -t filesystem,volume all "$1")
  if ((count > user_properties && ${#asked[@]} == 0)); then line report cut "more than $user_properties user properties"; fi
  if ((${#native[@]} == 0)); then return; fi
  while IFS=$'\t' read -r name property value; do
    if wanted "$name/$property"; then line property "$name/$property" "$value"; fi
  done < <(zfs get -Hpo name,property,value -s local -r -t filesystem,volume "$(IFS=, && printf '%s' "${!native[*]}")" "$1")
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
