# shellcheck shell=bash
# NixOS as nixos-install leaves it, by plain nix: a closure in the target's store, the system profile, activation, the boot loader step.
# Sourced by step-install.sh, after protocol.sh and disks.sh.

# On the pool, so that nothing large has to fit into the builder's memory.
nixos_scratch_name=.zdi-install
nixos_scratch=/mnt/nix/$nixos_scratch_name
nixos_log=/run/zdi/log/nix
# Evaluating a NixOS takes that much, in MiB.
nixos_evaluation_memory=2560
nix_options=()
nixos_substituters=()
nixos_public_keys=()
nixos_sources=()

# install_nixos system STORE_PATH · flake REFERENCE · configuration
install_nixos() {
  local system=${2:-}
  if [[ $1 != system ]]; then check_evaluation_memory; fi
  mkdir -p "$nixos_scratch/tmp" "$nixos_scratch/build"
  export TMPDIR=$nixos_scratch/tmp XDG_CACHE_HOME=$nixos_scratch/cache HOME=/root NIX_CONF_DIR=/nonexistent
  each_record nixos-closure.args nixos_source
  set_nix_options
  case $1 in
    system) fetch_system "$system" ;;
    flake)
      build_flake "$2"
      system=$(<"$nixos_log.out")
      ;;
    configuration)
      build_configuration
      system=$(<"$nixos_log.out")
      ;;
    *) fail StepFailed "no NixOS install is called $1" ;;
  esac
  check_system "$system"
  check_store
  nix_command "setting the system profile" nix-env "${nix_options[@]}" -p /mnt/nix/var/nix/profiles/system --set "$system"
  install_channel "$system"
  if [[ $1 != system ]]; then
    nix_command "collecting what only the build needed" nix-store "${nix_options[@]}" --gc
  fi
  # Grub needs an mtab; without /etc/NIXOS, switch-to-configuration refuses to run.
  mkdir -p /mnt/etc
  ln -sfn /proc/mounts /mnt/etc/mtab
  touch /mnt/etc/NIXOS
  doing "activating $system and installing its boot loader"
  run unshare --mount --uts --pid --fork --kill-child --propagation private \
    bash "${BASH_SOURCE[0]%/*}/nixos-enter.sh" "$(disk_of zdi-boot)" "$(disk_of zdi-root)" "$system" ||
    fail StepFailed "the boot loader step of $system ended with status $?; the console's last lines say why"
  rm -rf "$nixos_scratch"
  # What kept nix's own results from being collected pointed there.
  find /mnt/nix/var/nix/gcroots/auto -xtype l -lname "*$nixos_scratch_name*" -delete
}

# nixos_source payload NUMBER · substituter URL yes|no PUBLIC_KEY…: where store paths come from; `yes` takes unsigned ones, too
nixos_source() {
  case $1 in
    payload) nixos_payload "$2" ;;
    substituter)
      if [[ $3 == yes ]]; then
        nixos_substituters+=("$(with_parameter "$2" trusted=1)")
      else
        nixos_substituters+=("$2")
      fi
      nixos_public_keys+=("${@:4}")
      nixos_sources+=("$2")
      ;;
  esac
}

with_parameter() {
  if [[ $1 == *\?* ]]; then printf '%s&%s' "$1" "$2"; else printf '%s?%s' "$1" "$2"; fi
}

# A payload was handed over as it is, with a digest of its own where that matters: its paths need no signature.
nixos_payload() {
  local device tree
  device=$(disk_of "zdi-payload-$1")
  nixos_sources+=("payload $1")
  set_nix_options
  if is_export "$device"; then
    import_export "payload $1" "$device"
    return
  fi
  tree=$(nixos_payload_tree "$1")
  if [[ -e $tree/nix-cache-info ]]; then
    nixos_substituters+=("file://$tree?trusted=1")
  elif [[ -e $tree/nix-path-registration ]]; then
    import_tree "payload $1" "$tree" nix-path-registration
  elif [[ -e $tree/registration ]]; then
    import_tree "payload $1" "$tree" registration
  else
    import_exports_in "$1" "$tree"
  fi
}

# nixos_payload_tree NUMBER: where the payload's tree can be read; an archive is unpacked on the pool
nixos_payload_tree() {
  local device form tree=$nixos_scratch/payload-$1
  device=$(disk_of "zdi-payload-$1")
  form=$(payload_form "$device")
  case $form in
    squashfs | erofs)
      open_payload "$1"
      tree=/run/zdi/disk/zdi-payload-$1
      ;;
    *)
      if [[ ! -d $tree ]]; then
        mkdir -p "$tree"
        unpack "$device" "$form" 0 "$tree" >&2 || fail PayloadInvalid "payload $1 cannot be unpacked as $form; is it whole?"
      fi
      ;;
  esac
  printf '%s' "$tree"
}

# is_export FILE: whether it begins as nix-store --export writes: the number 1, then a NAR's magic string behind its length
is_export() {
  [[ $(head -c 29 "$1" | od -An -v -tx1 | tr -d ' \n') == 01000000000000000d000000000000006e69782d617263686976652d31 ]]
}

import_export() {
  nix_command "importing $1" nix-store "${nix_options[@]}" --import <"$2"
}

import_exports_in() {
  local file found=
  while IFS= read -r -d '' file; do
    if is_export "$file"; then
      import_export "payload $1" "$file"
      found=yes
    fi
  done < <(find "$2/" -maxdepth 1 -type f -print0 | sort -z)
  [[ -n $found ]] || fail PayloadInvalid "payload $1 is no closure: it is no file of nix-store --export, and holds neither a binary cache (nix-cache-info) nor a store tree with its registration (registration or nix-path-registration); it holds: $(find "$2/" -mindepth 1 -maxdepth 1 -printf '%f ' | head -c 200)"
}

# import_tree NAME FOLDER REGISTRATION: the store paths that the registration lists, from FOLDER/nix/store, FOLDER/store or FOLDER
import_tree() {
  local tree=$2 registration=$2/$3 store path
  store=$tree
  if [[ -d $tree/store ]]; then store=$tree/store; fi
  if [[ -d $tree/nix/store ]]; then store=$tree/nix/store; fi
  mkdir -p /mnt/nix/store
  chmod 1775 /mnt/nix/store
  while IFS= read -r path; do
    [[ -e $store/${path##*/} || -L $store/${path##*/} ]] || fail PayloadInvalid "$1 registers $path, which is not in it"
    if [[ -e /mnt$path || -L /mnt$path ]]; then continue; fi
    if [[ $store == "$nixos_scratch"/* ]]; then
      mv "$store/${path##*/}" /mnt/nix/store/
    else
      cp -a --no-preserve=ownership "$store/${path##*/}" /mnt/nix/store/
    fi
    as_in_a_store "/mnt$path"
  done < <(registered_paths "$registration")
  nix_command "registering $1" nix-store "${nix_options[@]}" --load-db <"$registration"
}

# The lines of a registration: path, hash, size, deriver, number of references, the references.
registered_paths() {
  awk 'skip > 0 {skip--; next} field == 0 {print} field == 4 {skip = $1; field = 0; next} {field++}' "$1"
}

# Owner, modes and times that every path of a store has.
as_in_a_store() {
  chown --no-dereference --recursive root:root "$1"
  find "$1" ! -type l -perm /111 -exec chmod 0555 {} + -o ! -type l -exec chmod 0444 {} +
  find "$1" -exec touch --no-dereference --date=@1 {} +
}

# Nothing is fetched from anywhere that the resource does not name.
set_nix_options() {
  nix_options=(--store /mnt --option substituters "${nixos_substituters[*]}" --option trusted-public-keys "${nixos_public_keys[*]}"
    --option require-sigs true --option build-users-group '' --option experimental-features 'nix-command flakes'
    --option fsync-metadata false --option connect-timeout 20 --option stalled-download-timeout 60 --option download-attempts 3
    --option sandbox true --option sandbox-fallback false --option build-dir "$nixos_scratch/build" --option sandbox-paths /bin/sh=/usr/bin/busybox --option log-lines 60)
}

fetch_system() {
  if nix-store "${nix_options[@]}" --check-validity "$1" 2>/dev/null; then return; fi
  ((${#nixos_substituters[@]})) ||
    fail PayloadInvalid "$1 is not in the closure that was given ($(sources_in_words)): $(systems_in_store)"
  check_substitutes "$1"
  nix_command "fetching $1" nix-store "${nix_options[@]}" --realise "$1" --add-root "$nixos_scratch/system"
}

# Asks the substituters for the whole closure before anything is copied: what they lack, and whether it fits.
check_substitutes() {
  local missing need room
  nix_command "asking for $1" nix-store "${nix_options[@]}" --realise --dry-run "$1"
  missing=$(missing_paths)
  if [[ -n $missing ]]; then explain_nix "asking for $1"; fi
  need=$(sed -n 's/.*[(,] *\([0-9.]*\) MiB unpacked).*/\1/p' "$nixos_log" | head -n 1)
  room=$(($(pool_available) >> 20))
  # ZFS's compression makes a store a half to a third of its size.
  if [[ -n $need ]] && ((${need%.*} > 3 * room)); then
    fail RootDiskFull "the closure of $1 unpacks to ${need%.*} MiB and the pool has room for $room MiB; even compressed three to one it does not fit"
  fi
}

# The paths that the last nix command found no substitute for.
missing_paths() { sed -n "/know how to build these paths:/,/^[^ ]/s/^  \(\/.*\)/\1/p" "$nixos_log" | paste -sd ' ' | head -c 250; }

sources_in_words() {
  local IFS=,
  printf '%s' "${nixos_sources[*]}"
}

systems_in_store() {
  local found
  found=$(find /mnt/nix/store -mindepth 1 -maxdepth 1 -name '*-nixos-system-*' ! -name '*.drv' -printf '/nix/store/%f ' 2>/dev/null | head -c 200)
  if [[ -n $found ]]; then printf 'the store holds %s' "$found"; else printf 'the store holds no NixOS system'; fi
}

check_evaluation_memory() {
  local available
  available=$(awk '$1 == "MemAvailable:" {print int($2 / 1024)}' /proc/meminfo)
  ((available >= nixos_evaluation_memory)) ||
    fail GuestOutOfMemory "evaluating a NixOS takes $nixos_evaluation_memory MiB of memory; the builder VM has $available MiB free: raise builder.memory"
}

# Both leave the built system's store path as their output.
build_flake() {
  local reference=${1%%#*} name=${1#*#}
  nix_command "building $1" nix build "${nix_options[@]}" --no-link --no-write-lock-file --print-build-logs --print-out-paths \
    "$reference#nixosConfigurations.\"$name\".config.system.build.toplevel"
}

build_configuration() {
  local -a channel
  local source
  read_list channel nixos-channel.args
  source=$(channel_tree "${channel[@]:1}")
  nix_command "building /etc/nixos/configuration.nix" nix-build "${nix_options[@]}" --no-out-link \
    -I "nixpkgs=$source" -I nixos-config=/mnt/etc/nixos/configuration.nix '<nixpkgs/nixos>' -A system
}

# nix_command WHAT COMMAND…: shows it and its output; what it prints goes to a file of its own, too, which nixos_log names
nix_command() {
  local what=$1
  shift
  printf '+'
  printf ' %q' "$@"
  printf '\n'
  doing "nix: $what"
  { "$@" >"$nixos_log.out"; } 2>&1 | tee "$nixos_log" | nix_progress "$what" || explain_nix "$what"
}

# nix_progress WHAT: passes nix's output on, and counts what nix has announced
nix_progress() {
  local line fetch=0 fetched=0 build=0 built=0 text
  while IFS= read -r line || [[ -n $line ]]; do
    printf '%s\n' "$line"
    case $line in
      'this path will be fetched'*) fetch=1 ;;
      'these '*' paths will be fetched'*) fetch=${line#these } fetch=${fetch%% *} ;;
      'this derivation will be built'*) build=1 ;;
      'these '*' derivations will be built'*) build=${line#these } build=${build%% *} ;;
      'copying path '*) fetched=$((fetched + 1)) ;;
      "building '/nix/store/"*) built=$((built + 1)) ;;
      *) continue ;;
    esac
    text="nix: $1"
    if ((fetched > 0)); then text+=", store path $fetched of $fetch"; fi
    if ((built > 0)); then text+=", derivation $built of $build"; fi
    doing "$text"
  done
}

# Turns nix's own words into a reason. A full disk and a lack of memory are left to main.sh, which knows both better.
explain_nix() {
  local line
  nix_said() { line=$(grep -aE "$1" "$nixos_log" | sed 's/\x1b\[[0-9;]*m//g' | tail -n 1) && [[ -n $line ]]; }
  if nix_said 'No space left on device|out of memory|Killed|Cannot allocate memory|signal 9'; then
    exit 1
  elif nix_said 'lacks a (valid )?signature|not signed by any|lacks a signature'; then
    fail PayloadInvalid "$1: a store path has no signature by the public keys given (${nixos_public_keys[*]%%:*}); give the key that signed it, or set unsigned: true for that substituter. nix: $line"
  elif nix_said 'hash mismatch|is corrupt|was modified'; then
    fail PayloadInvalid "$1: a store path is not what its hash says. nix: $line"
  elif nix_said 'unexpected end-of-file|is incomplete|truncated|compressed data|Lzma|zstd|nar .*(bad|invalid|not)|input doesn|bad archive'; then
    fail PayloadInvalid "$1: a store path ends too early or is damaged. nix: $line"
  elif nix_said 'unable to download|Could ?n.t (connect|resolve)|HTTP error|Connection (reset|refused)|[Tt]imed? ?out|transfer closed'; then
    fail PayloadUnavailable "$1: the substituter failed. nix: $line"
  elif nix_said 'know how to build|does not exist in binary cache|no substituter|is required, but|does not exist|is not valid'; then
    fail PayloadInvalid "$1: store paths are missing from what was given ($(sources_in_words)): $(missing_paths). nix: $line"
  fi
  line=$(grep -a 'error' "$nixos_log" | sed 's/\x1b\[[0-9;]*m//g' | tail -n 1)
  fail StepFailed "$1 failed. nix: ${line:-$(tail -n 1 "$nixos_log")}"
}

check_store() {
  nix_command "verifying the store" nix-store "${nix_options[@]}" --verify --check-contents
}

check_system() {
  local file for
  nix-store "${nix_options[@]}" --check-validity "$1" 2>/dev/null ||
    fail PayloadInvalid "$1 is not in the closure that was given ($(sources_in_words)): $(systems_in_store)"
  # A link in a store path is absolute in the target's view.
  for file in init activate bin/switch-to-configuration; do
    [[ -e /mnt$1/$file || -L /mnt$1/$file ]] || fail PayloadInvalid "$1 is no NixOS system: it has no $file"
  done
  if [[ -f /mnt$1/system ]]; then
    for=$(<"/mnt$1/system")
    [[ $for == "$(uname -m)-linux" ]] || fail PayloadInvalid "$1 is for $for; this builder is $(uname -m)-linux and cannot install it"
  fi
}

# channel_tree KIND NUMBER PATH · store PATH: the folder of the nixpkgs source
channel_tree() {
  case ${1:-} in
    payload) printf '%s/%s' "$(nixos_payload_tree "$2")" "$3" ;;
    store) printf '/mnt%s' "$2" ;;
    *) fail StepFailed "building a configuration needs the nixpkgs source; give install.nixos.channel" ;;
  esac
}

# Root's channel, as nix-channel would have made it: a store path with the source in its folder nixos.
install_channel() {
  local -a channel
  local tree version suffix made
  read_list channel nixos-channel.args
  [[ ${channel[0]:-no} == yes ]] || return 0
  tree=$(channel_tree "${channel[@]:1}")
  if [[ -d $tree/nixos/nixos ]]; then
    # It is a channel already.
    made=$tree
    version=$(basename "$tree")
  else
    [[ -e $tree/nixos/default.nix ]] || fail PayloadInvalid "the channel's payload holds no nixpkgs source: it has no nixos/default.nix"
    version=$(<"$tree/.version")
    suffix=$(channel_suffix "$tree" "$version" "$1")
    made=$nixos_scratch/channel/nixos-$version$suffix
    mkdir -p "$made"
    cp -a "$tree" "$made/nixos"
    chmod u+w "$made/nixos"
    [[ -e $made/nixos/nixpkgs ]] || ln -s . "$made/nixos/nixpkgs"
    rm -rf "$made/nixos/.git"
    rm -f "$made/nixos/.version-suffix"
    printf '%s' "$suffix" >"$made/nixos/.version-suffix"
  fi
  if [[ $made != /mnt/nix/store/* ]]; then
    nix_command "adding the channel $version" nix-store "${nix_options[@]}" --add "$made"
    made=$(<"$nixos_log.out")
  fi
  mkdir -p /mnt/nix/var/nix/profiles/per-user/root
  nix_command "setting root's channel" nix-env "${nix_options[@]}" -p /mnt/nix/var/nix/profiles/per-user/root/channels --set "${made#/mnt}"
  install -m 0700 -d /mnt/root /mnt/root/.nix-defexpr
  ln -sfn /nix/var/nix/profiles/per-user/root/channels /mnt/root/.nix-defexpr/channels
}

# channel_suffix TREE VERSION SYSTEM: what the source says, else what the system was made with
channel_suffix() {
  local version
  if [[ -e $1/.version-suffix ]]; then
    printf '%s' "$(<"$1/.version-suffix")"
  elif [[ -e /mnt$3/nixos-version ]]; then
    version=$(<"/mnt$3/nixos-version")
    if [[ $version == "$2"* ]]; then printf '%s' "${version#"$2"}"; fi
  fi
}
