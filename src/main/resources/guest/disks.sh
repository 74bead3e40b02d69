# shellcheck shell=bash
# Disks by serial, sources by kind, the target's chroot. Sourced after protocol.sh by main.sh and by the steps.

config=${config:?protocol.sh sets it}

# disk_of SERIAL: the device with that serial. virtio-blk cuts serials at 20 characters.
disk_of() {
  local file serial
  for file in /sys/block/*/serial; do
    serial=
    # The file has no line end, so read reports one missing.
    read -r serial <"$file" || true
    if [[ $serial == "${1:0:20}" ]]; then
      file=${file%/serial}
      printf '/dev/%s' "${file##*/}"
      return
    fi
  done
  fail DiskMissing "no disk has the serial $1"
}

# partition_of DISK NUMBER
partition_of() {
  local disk=${1##*/} file number
  for file in "/sys/block/$disk/$disk"*/partition; do
    [[ -e $file ]] || continue
    read -r number <"$file"
    if [[ $number == "$2" ]]; then
      file=${file%/partition}
      printf '/dev/%s' "${file##*/}"
      return
    fi
  done
  fail StepFailed "the disk $1 has no partition $2"
}

esp() {
  local disk
  disk=$(disk_of zdi-boot)
  partition_of "$disk" 2
}

# The pool's name is the last of zpool create's arguments.
pool_name() {
  local -a arguments
  if [[ -e $config/pool.args ]]; then
    read_list arguments pool.args
  else
    read_list arguments check.args
  fi
  printf '%s' "${arguments[-1]}"
}

# Bytes that files may still take.
pool_available() {
  local name
  name=$(pool_name)
  zpool sync "$name" 2>/dev/null || true
  zfs get -Hpo value available "$name" 2>/dev/null || printf '%s' 1
}

# inside ROOT PATH: where PATH leads when ROOT is the root, as in a chroot: an absolute link starts at ROOT, and no `..` climbs above it.
# Parts that are missing stay as they are written.
inside() {
  local root=$1 at=$1 part next hops=0
  local -a parts link
  IFS=/ read -r -d '' -a parts < <(printf '%s\0' "$2") || true
  while ((${#parts[@]})); do
    part=${parts[0]}
    parts=("${parts[@]:1}")
    case $part in
      '' | .) continue ;;
      ..)
        if [[ $at != "$root" ]]; then at=${at%/*}; fi
        continue
        ;;
    esac
    if [[ -L $at/$part ]]; then
      ((++hops < 40)) || fail StepFailed "$2 goes through too many links"
      next=$(readlink "$at/$part")
      if [[ $next == /* ]]; then at=$root; fi
      IFS=/ read -r -d '' -a link < <(printf '%s\0' "$next") || true
      parts=("${link[@]}" ${parts[@]+"${parts[@]}"})
    else
      at=$at/$part
    fi
  done
  printf '%s' "$at"
}

# source_path KIND NAME PATH: where the bytes of a source can be read
source_path() {
  case $1 in
    file) printf '%s/%s' "$config" "$2" ;;
    secret)
      mount_disk "zdi-secret-$2" iso9660
      printf '%s/%s' "/run/zdi/disk/zdi-secret-$2" "$3"
      ;;
    payload)
      open_payload "$2"
      # A link in a payload must not lead to what the builder itself has there.
      inside "/run/zdi/disk/zdi-payload-$2" "$3"
      ;;
    *) fail StepFailed "no source is of the kind $1" ;;
  esac
}

# mount_disk SERIAL FILESYSTEM: read-only at /run/zdi/disk/SERIAL
mount_disk() {
  local at=/run/zdi/disk/$1 disk
  if [[ -d $at ]]; then return; fi
  disk=$(disk_of "$1")
  mkdir -p "$at"
  mount -t "$2" -o ro "$disk" "$at"
}

# payload_form DEVICE: what its first bytes say it is
payload_form() {
  local head
  head=$(head -c 2048 "$1" | od -An -v -tx1 | tr -d ' \n')
  case $head in
    68737173*) printf 'squashfs' ;;
    28b52ffd*) printf 'tar.zst' ;;
    1f8b*) printf 'tar.gz' ;;
    fd377a585a00*) printf 'tar.xz' ;;
    *)
      if [[ ${head:2048:8} == e2e1f5e0 ]]; then
        printf 'erofs'
      elif [[ ${head:514:10} == 7573746172 ]]; then
        printf 'tar'
      else
        fail PayloadInvalid "the payload on $1 is neither a tar (plain, gzip, xz, zstd) nor squashfs nor erofs; it begins with the bytes ${head:0:16}"
      fi
      ;;
  esac
}

# open_payload NUMBER: its tree at /run/zdi/disk/zdi-payload-NUMBER
open_payload() {
  local serial=zdi-payload-$1 form disk
  if [[ -d /run/zdi/disk/$serial ]]; then return; fi
  disk=$(disk_of "$serial")
  form=$(payload_form "$disk")
  case $form in
    squashfs | erofs) mount_disk "$serial" "$form" ;;
    *)
      mkdir -p "/run/zdi/disk/$serial"
      # stdout may be somebody's $(source_path …).
      unpack "$disk" "$form" 0 "/run/zdi/disk/$serial" >&2
      ;;
  esac
}

# Owners first, then modes, then capabilities: a change of owner drops setuid bits and capabilities, and tar knows that.
extract=(tar --extract --preserve-permissions --same-owner --numeric-owner --acls --xattrs '--xattrs-include=*')

# unpack DEVICE FORM BYTES FOLDER: all of a payload, with owners, modes, capabilities, ACLs and other extended attributes.
# BYTES is the payload's length on a disk that is rounded up to whole sectors; 0 when it is not known.
unpack() {
  local device=$1 form=$2 bytes=$3 folder=$4
  local -a tar=("${extract[@]}" --directory "$folder")
  case $form in
    squashfs)
      # FAT has no extended attributes, and unsquashfs fails for each that it cannot set.
      if mountpoint -q "$folder/boot"; then
        run unsquashfs -force -no-progress -dest "$folder" -excludes "$device" boot
        run unsquashfs -force -no-progress -no-xattrs -dest "$folder" "$device" boot
      else
        run unsquashfs -force -no-progress -dest "$folder" "$device"
      fi
      ;;
    erofs)
      mkdir -p /run/zdi/unpack
      mount -t erofs -o ro "$device" /run/zdi/unpack
      run cp -a /run/zdi/unpack/. "$folder"
      umount /run/zdi/unpack
      ;;
    tar) run "${tar[@]}" --file "$device" ;;
    tar.gz) payload_bytes "$device" "$bytes" | decompress gzip "$bytes" | run "${tar[@]}" --file - ;;
    tar.xz) payload_bytes "$device" "$bytes" | decompress xz "$bytes" | run "${tar[@]}" --file - ;;
    tar.zst) payload_bytes "$device" "$bytes" | decompress zstd "$bytes" | run "${tar[@]}" --file - ;;
  esac
}

payload_bytes() {
  if (($2 > 0)); then head -c "$2" "$1"; else cat "$1"; fi
}

# Zeros that round a disk up are no part of the compressed stream; without its length, only tar's own end mark can tell that all came.
decompress() {
  if (($2 > 0)); then "$1" -dc; else "$1" -dc 2>/dev/null || true; fi
}

# in_target COMMAND…: runs it with the target as its root, /dev, /proc, /sys and /run mounted for as long as it runs
in_target() {
  printf '+ chroot /mnt'
  printf ' %q' "$@"
  printf '\n'
  # shellcheck disable=SC2016 # the inner bash expands them
  unshare --mount --propagation private bash -c '
    set -e
    for folder in dev proc sys; do
      mkdir -p "/mnt/$folder"
      mount --rbind "/$folder" "/mnt/$folder"
    done
    mkdir -p /mnt/run
    mount -t tmpfs tmpfs /mnt/run
    if [[ -d /run/udev ]]; then
      mkdir -p /mnt/run/udev
      mount --bind /run/udev /mnt/run/udev
    fi
    exec chroot /mnt "$@"' in_target env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}
