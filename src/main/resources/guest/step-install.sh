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
  local status=0 source boot root script=/run/zdi/install-script
  local -a interpreter=()
  source=$(source_path "$@")
  boot=$(disk_of zdi-boot)
  root=$(disk_of zdi-root)
  install -m 755 "$source" "$script"
  # Left to env, a script that names no interpreter would be sh's.
  [[ $(head -c 2 "$script" | tr -d '\0') == '#!' ]] || interpreter=(bash)
  run env ZDI_TARGET=/mnt ZDI_BOOT_DISK="$boot" ZDI_ROOT_DISK="$root" ZDI_POOL="$(pool_name)" "${interpreter[@]}" "$script" || status=$?
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
