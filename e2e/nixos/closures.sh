# shellcheck shell=bash
# Closures for scenarios, in every form that a NixOS install takes. Sourced after scenario.sh; needs root.

repo=${repo:?scenario.sh sets it}

# make_closure FOLDER [OPTION]…: see make-closure; the store path of what was built is left in $system
make_closure() {
  "$repo/e2e/nixos/make-closure" "${@:2}" "$1"
  # shellcheck disable=SC2034 # for the scenario that asked for the closure
  if [[ -e $1/toplevel ]]; then system=$(<"$1/toplevel"); fi
}

# in_store FOLDER COMMAND…: with FOLDER/nix as /nix
in_store() { "$repo/e2e/nixos/in-store" "$@"; }

# closure_paths FOLDER: the store paths of its system
closure_paths() { in_store "$1" nix-store --query --requisites "$(<"$1/toplevel")"; }

# path_named FOLDER GLOB: the one store path of its closure whose name matches
path_named() {
  local path
  while IFS= read -r path; do
    # shellcheck disable=SC2053 # it is a pattern
    if [[ ${path#/nix/store/*-} == $2 ]]; then printf '%s\n' "$path"; fi
  done < <(closure_paths "$1")
}

# pack_export FOLDER FILE [PATH…]: a file of nix-store --export, of the whole closure or of these paths
pack_export() {
  local -a paths=("${@:3}")
  if ((${#paths[@]} == 0)); then mapfile -t paths < <(closure_paths "$1"); fi
  in_store "$1" nix-store --export "${paths[@]}" >"$2"
}

# pack_cache FOLDER CACHE [KEY_FILE]: a binary cache's folder, signed with the secret key when there is one
pack_cache() {
  if [[ -n ${3:-} ]]; then in_store "$1" nix store sign --recursive --key-file "$(realpath "$3")" "$(<"$1/toplevel")"; fi
  mkdir -p "$2"
  in_store "$1" nix copy --to "file://$(realpath "$2")?compression=zstd" "$(<"$1/toplevel")"
}

# leave_in_cache CACHE GLOB…: takes all store paths out of a binary cache but those whose names match
leave_in_cache() {
  local info name glob
  for info in "$1"/*.narinfo; do
    name=$(sed -n 's|^StorePath: /nix/store/[^-]*-||p' "$info")
    for glob in "${@:2}"; do
      # shellcheck disable=SC2053 # it is a pattern
      if [[ $name == $glob ]]; then continue 2; fi
    done
    rm "$info" "$1/$(sed -n 's/^URL: //p' "$info")"
  done
}

# pack_tree FOLDER TREE PATH…: a store tree with its registration
pack_tree() {
  local path
  mkdir -p "$2/store"
  for path in "${@:3}"; do cp -a "$1$path" "$2/store/"; done
  in_store "$1" nix-store --dump-db "${@:3}" >"$2/registration"
}

# make_key NAME FOLDER: a signing key, FOLDER/NAME.secret and FOLDER/NAME.public
make_key() { in_store "$2" nix-store --generate-binary-cache-key "$1" "$(realpath "$2")/$1.secret" "$(realpath "$2")/$1.public"; }

# nixos_resource NAME SYSTEM CLOSURE [EXTRA YAML UNDER spec] [EXTRA YAML UNDER nixos]: a resource with the predecessor's file systems.
# CLOSURE is YAML, the list's one line.
nixos_resource() {
  printf 'apiVersion: zfsdiskimage.dev/v1alpha1\nkind: ZfsDiskImage\nmetadata: {name: %s}\nspec:\n' "$1"
  printf '  boot: {size: 128Mi}\n  root:\n    size: 512Mi\n    datasets:\n'
  printf '      - {name: tank/root, mount: /}\n      - {name: tank/nix, mount: /nix}\n'
  fields_on_one_core "${4:-}"
  printf '  install:\n    nixos:\n      system: %s\n      closure: %s\n' "$2" "$3"
  if [[ -n ${5:-} ]]; then printf '      %s\n' "${5//$'\n'/$'\n      '}"; fi
}
