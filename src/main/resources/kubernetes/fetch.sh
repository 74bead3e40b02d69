# Puts payloads into the volumes that the builder VM reads them from: (http FOLDER URL SHA256 | file FOLDER FILE) ...
# It ends with 3 when a server does not give one, with 4 when one is not what it should be, with 5 when it has no room.
set -euo pipefail

give_up() {
  printf '%s\n' "$2" >&2
  exit "$1"
}

no_room() {
  give_up 5 "$1 does not fit into its volume, which has as much room as the root disk"
}

download() {
  local file=$1 url=$2 wanted=$3 status=0 sum
  curl --fail --location --silent --show-error --proto '=http,https' --connect-timeout 30 --speed-limit 1 --speed-time 120 \
    --output "$file" -- "$url" || status=$?
  case $status in
    0) ;;
    23) no_room "$url" ;;
    *) give_up 3 "$url could not be fetched (curl ended with $status)" ;;
  esac
  sum=$(sha256sum -- "$file")
  [ "${sum%% *}" = "$wanted" ] || give_up 4 "$url has the SHA-256 ${sum%% *} and not $wanted"
}

copy() {
  local file=$1 from=$2
  [ -f "$from" ] || give_up 4 "${from#/sources/*/} is no file of the claim"
  cp --sparse=always -- "$from" "$file" || no_room "${from#/sources/*/}"
}

while [ $# -gt 0 ]; do
  kind=$1 disk=$2/disk.img
  # A volume's own folder may hold what an interrupted run has left.
  case $kind in
    http)
      [ -e "$disk" ] || download "$disk.part" "$3" "$4"
      shift 4
      ;;
    file)
      [ -e "$disk" ] || copy "$disk.part" "$3"
      shift 3
      ;;
  esac
  if [ ! -e "$disk" ]; then
    # A disk has whole sectors.
    truncate -s %512 -- "$disk.part"
    mv -- "$disk.part" "$disk"
  fi
done
sync
