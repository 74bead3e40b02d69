# shellcheck shell=bash
# What every builder script needs around its work: progress lines, the tools it asks for, a working folder that goes away.
# Sourced. Data goes to stdout, progress to stderr.

ZDI_CACHE=${ZDI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zfs-disk-image}
workspace=
script_arguments=("$@")
declare -i step_started=0

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

begin() {
  step_started=$(date +%s%N)
  say "$*"
}

end() { say "  done in $(((($(date +%s%N) - step_started) + 500000000) / 1000000000)) s${1:+: $1}"; }

# require_root PURPOSE: begins again under sudo where that asks no question; what it then leaves in the cache still belongs to the user.
require_root() {
  if [ "$(id -u)" = 0 ]; then return; fi
  if ! sudo -n true 2>/dev/null; then
    die "$1 needs root (it makes a root file system with device nodes and owners); run 'sudo -v' and then this again, or run it as root"
  fi
  say "$1 needs root: going on with sudo"
  if [ -n "$workspace" ]; then rm -rf "$workspace"; fi
  exec sudo -n env ZDI_CACHE="$ZDI_CACHE" ZDI_OWNER="$(id -u):$(id -g)" ZDI_DEBIAN_KEYRING="${ZDI_DEBIAN_KEYRING:-}" \
    ZDI_DEBIAN_MIRROR="${ZDI_DEBIAN_MIRROR:-}" ZDI_DEBIAN_SECURITY_MIRROR="${ZDI_DEBIAN_SECURITY_MIRROR:-}" \
    "$0" ${script_arguments[@]+"${script_arguments[@]}"}
}

# require_tools COMMAND:PACKAGE…
require_tools() {
  local pair missing=() packages=()
  for pair; do
    command -v "${pair%%:*}" >/dev/null && continue
    missing+=("${pair%%:*}")
    packages+=("${pair#*:}")
  done
  [ ${#missing[@]} = 0 ] || die "not found: ${missing[*]}; install with: apt-get install ${packages[*]}"
}

# The working folder lives in the cache, so that files can be hard-linked to and from it and renamed out of it.
open_workspace() {
  mkdir -p "$ZDI_CACHE/work"
  workspace=$(mktemp -d "$ZDI_CACHE/work/${0##*/}.XXXXXX")
  trap close_workspace EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

close_workspace() {
  local status=$? mount
  trap - EXIT
  trap '' HUP INT TERM
  [ -n "$workspace" ] || exit "$status"
  # Deepest mount first; /proc/self/mounts writes a space as \040, which no folder made here has.
  while read -r mount; do
    umount --lazy "$mount" 2>/dev/null || true
  done < <(awk -v under="$workspace/" 'index($2, under) == 1 {print $2}' /proc/self/mounts | sort -r)
  rm -rf --one-file-system "$workspace"
  if [ -n "${ZDI_OWNER:-}" ]; then chown -R --no-dereference "$ZDI_OWNER" "$ZDI_CACHE"; fi
  exit "$status"
}

# publish DIRECTORY TARGET: the target appears whole or not at all, and takes the place of an older one.
publish() {
  local source=$1 target=$2 beside
  mkdir -p "$(dirname "$target")"
  beside=$(mktemp -d "$(dirname "$target")/.publish.XXXXXX")
  if ! cp -a --reflink=auto "$source" "$beside/new"; then
    rm -rf "$beside"
    die "cannot write to $(dirname "$target")"
  fi
  if [ -e "$target" ]; then mv "$target" "$beside/old"; fi
  mv -T "$beside/new" "$target"
  rm -rf "$beside"
}

# hash_files FILE…: one hash over names (without folders) and bytes
hash_files() {
  local file
  for file; do printf '%s %s\n' "${file##*/}" "$(sha256sum <"$file")"; done | sha256sum | cut -c1-16
}
