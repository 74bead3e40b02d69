#!/usr/bin/env bash
# The operating system: a root file system unpacked, a NixOS, or the user's own installer.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"
source "${BASH_SOURCE[0]%/*}/nixos.sh"

install_rootfs() {
  local device form
  device=$(disk_of "zdi-payload-$1")
  form=$(payload_form "$device")
  unpack "$device" "$form" "$2" /mnt
}

install_script() {
  local status=0 script=/run/zdi/install-script
  install -m 755 "$(source_path "$@")" "$script"
  run env ZDI_TARGET=/mnt ZDI_BOOT_DISK="$(disk_of zdi-boot)" ZDI_ROOT_DISK="$(disk_of zdi-root)" ZDI_POOL="$(pool_name)" \
    "$script" || status=$?
  exit "$status"
}

install_target() {
  case $1 in
    rootfs) install_rootfs "${@:2}" ;;
    script) install_script "${@:2}" ;;
    nixos) install_nixos "${@:2}" ;;
    none) ;;
    *) fail StepFailed "no install is called $1" ;;
  esac
}

cd /
each_record install.args install_target
