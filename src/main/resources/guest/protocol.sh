# shellcheck shell=bash
# How the guest program reads its arguments and speaks to the console. Sourced by main.sh and by every step.

# A failed lookup inside $(…) must end the step too.
shopt -s inherit_errexit

config=${config:-$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")}
notes=/run/zdi
sequence=0
reached=()

# read_list ARRAY FILE: the NUL-terminated strings of a file on the config disk
read_list() { mapfile -d '' -t "$1" <"$config/$2"; }

# each_record FILE COMMAND…: runs the command once for each record, with the record's fields behind it
each_record() {
  local -a fields
  local at=0 count
  read_list fields "$1"
  shift
  while ((at < ${#fields[@]})); do
    count=${fields[at]}
    "$@" "${fields[@]:at + 1:count}"
    at=$((at + 1 + count))
  done
}

# run COMMAND…: shows the command as bash would read it, then runs it
run() {
  printf '+'
  printf ' %q' "$@"
  printf '\n'
  "$@"
}

# fail REASON TEXT: ends the step with a reason of the protocol
fail() {
  give_reason "$1" "$2"
  printf '%s: %s\n' "$1" "$2" >&2
  exit 1
}

# doing TEXT: what the signs of life say of the work within a step
doing() { printf '%s' "$1" >"$notes/doing"; }

# give_reason REASON TEXT: what the next message says of the failure
give_reason() { printf '%s\0%s\0' "$1" "$2" >"$notes/failure"; }

# message STEP STATE STATUS: one line of the console protocol. main.sh is the only speaker. An emulated processor takes tens of milliseconds to
# start a program, and a build says dozens of messages: hence so few of them here.
message() {
  local -a nonce failure
  local now line conditions=none guid size version crc doing
  read_list nonce build.args
  read -r now _ </proc/uptime
  sequence=$((sequence + 1))
  if ((${#reached[@]})); then printf -v conditions ',%s' "${reached[@]}"; fi
  line="@@ZDI v=1 build=${nonce[0]} seq=$sequence step=$1 state=$2 done=${conditions#,} t=$now rc=$3"
  if [[ -e $notes/pool ]]; then
    read -r guid size version <"$notes/pool"
    line+=" guid=$guid size=$size zfs=$version"
    case $2 in run | done) line+=$(pool_bytes) ;; esac
  fi
  if [[ $2 == run && -s $notes/doing ]]; then
    doing=$(<"$notes/doing")
    line+=" msg=$(percent_encode "${doing:0:200}")"
  fi
  if [[ $2 == failed && -e $notes/failure ]]; then
    mapfile -d '' -t failure <"$notes/failure"
    line+=" reason=${failure[0]} msg=$(percent_encode "${failure[1]:0:400}")"
  fi
  printf '%s' "$line" >"$notes/line"
  crc=$(exec cksum <"$notes/line")
  # The line break before it ends whatever a program has left unfinished on the console's line.
  printf '\n%s crc=%s\n' "$line" "${crc%% *}"
}

pool_bytes() {
  local allocated
  if allocated=$(zpool list -Hpo allocated "$(pool_name)" 2>/dev/null); then printf ' bytes=%s' "$allocated"; fi
}

checksum() {
  local crc
  read -r crc _ < <(cksum)
  printf '%s' "$crc"
}

# percent_encode TEXT: every byte outside A-Za-z0-9._- as %XX
percent_encode() {
  local LC_ALL=C text=$1 encoded='' byte code i
  if [[ $text =~ ^[A-Za-z0-9._-]*$ ]]; then
    printf '%s' "$text"
    return
  fi
  for ((i = 0; i < ${#text}; i++)); do
    byte=${text:i:1}
    case $byte in
      [A-Za-z0-9._-]) encoded+=$byte ;;
      *)
        printf -v code '%d' "'$byte"
        printf -v byte '%%%02X' "$((code & 255))"
        encoded+=$byte
        ;;
    esac
  done
  printf '%s' "$encoded"
}
