# shellcheck shell=bash
# What every scenario may use. A scenario is a function scenario_<behaviour> in e2e/scenarios/*.sh; it runs in an empty folder of its own
# and fails with the first command that fails.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export NO_COLOR=1

zdi() { "$repo/zdi" "$@"; }

# Says what the log is about to show.
story() { printf '\n== %s\n' "$*"; }

# fails WITH STATUS, saying TEXT: expect_failure STATUS REGEX COMMAND…
# Under QEMU's emulation a kernel panics now and then. Builds try again; one that may not is begun anew here.
expect_failure() {
  local status wanted=$1 text=$2 try
  shift 2
  for try in 1 2 3; do
    status=0
    "$@" >failure.log 2>&1 || status=$?
    cat failure.log
    if ((status == wanted)) && grep -qE -- "$text" failure.log; then return; fi
    if ! grep -q GuestPanicked failure.log; then break; fi
    story "try $try ended in a panic that nobody asked for"
  done
  if ((status != wanted)); then
    printf 'expected exit status %s, got %s from: %s\n' "$wanted" "$status" "$*" >&2
    return 1
  fi
  expect_text failure.log "$text"
}

# expect_text FILE REGEX
expect_text() {
  if ! grep -qE -- "$2" "$1"; then
    printf 'expected %s to hold a line like: %s\nit holds:\n' "$1" "$2" >&2
    tail -n 40 "$1" >&2
    return 1
  fi
}

# expect_equal WHAT WANTED GOT
expect_equal() {
  if [[ $2 != "$3" ]]; then
    printf '%s: expected %q, got %q\n' "$1" "$2" "$3" >&2
    return 1
  fi
}

# No image stands under a final name, and no work folder beside it: expect_no_image DIR
expect_no_image() {
  local found
  found=$(find "$1" -name '*.img' -o -name '*.qcow2' -o -name '*.vdi' -o -name '*.vhd' -o -name '.zdi-*' 2>/dev/null)
  expect_equal "images and work folders in $1" "" "$found"
}

# fields_on_one_core [YAML]: these fields, as lines under spec, with a builder VM of one core. Scenarios run side by side: emulated, two cores of
# one VM would only wait for each other.
fields_on_one_core() {
  local fields=${1:-}
  if [[ $fields == *'builder: {'* ]]; then
    fields=${fields/builder: \{/builder: \{cores: 1, }
  else
    fields="builder: {cores: 1}${fields:+$'\n'$fields}"
  fi
  printf '  %s\n' "${fields//$'\n'/$'\n  '}"
}

# A sample with these fields added under spec: sample NAME [EXTRA YAML UNDER spec]
sample() { sed '/^spec:$/r /dev/stdin' "$repo/operator/samples/$1.yaml" < <(fields_on_one_core "${2:-}"); }

# A small resource: root 256 MiB, install by the script on standard input. small_resource NAME [EXTRA YAML UNDER spec]
small_resource() {
  local name=$1
  printf 'apiVersion: zfsdiskimage.dev/v1alpha1\nkind: ZfsDiskImage\nmetadata: {name: %s}\nspec:\n' "$name"
  printf '  boot: {size: 64Mi}\n  root:\n    size: 256Mi\n    datasets:\n      - {name: tank/root, mount: /}\n'
  fields_on_one_core "${2:-}"
  printf '  install:\n    script:\n      inline: |\n'
  sed 's/^/        /'
}

# Both images are sound, of the exact size, of the format that they say, and what SHA256SUMS says:
# expect_images DIRECTORY PREFIX FORMAT BOOT_MIB ROOT_MIB
expect_images() {
  local format=$3 extension=$3 kind=$3 disk file size
  case $format in raw) extension=img ;; qcow2*) extension=qcow2 kind=qcow2 ;; vpc) extension=vhd ;; esac
  for disk in boot root; do
    file=$1/$2.$disk.$extension
    if [[ $disk == boot ]]; then size=$4; else size=$5; fi
    expect_equal "format of $file" "$kind" "$(qemu-img info --output json -f "$kind" "$file" | jq -r .format)"
    expect_equal "size of $file" "$((size << 20))" "$(qemu-img info --output json -f "$kind" "$file" | jq -r '."virtual-size"')"
    case $kind in qcow2 | vdi) qemu-img check -f "$kind" "$file" ;; esac
  done
  (cd "$1" && sha256sum --check SHA256SUMS)
}

# wait_for SECONDS COMMAND…: until the command succeeds
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS > deadline)); then
      printf 'gave up waiting for: %s\n' "$*" >&2
      return 1
    fi
    sleep 0.2
  done
}

# serve FOLDER: over HTTP on a free port, which is left in $port; the server goes with the scenario
serve() {
  local try
  for try in $(seq 20); do
    port=$((20000 + (RANDOM % 20000) + try))
    busybox httpd -f -p "127.0.0.1:$port" -h "$1" &
    local server=$!
    if wait_for 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null && kill -0 "$server"; then
      # shellcheck disable=SC2064 # this server
      trap "kill $server 2>/dev/null || true" EXIT
      return
    fi
    kill "$server" 2>/dev/null || true
  done
  printf 'no free port\n' >&2
  return 1
}

# json FILE FILTER
json() { jq -r "$2" "$1"; }
