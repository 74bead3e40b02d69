# shellcheck shell=bash
# Puts files and trees into the target. Sourced by the steps configure and contents, after protocol.sh and disks.sh.

# place KIND NAME PATH TARGET MODE OWNER
place() {
  local from to mode=$5 owner=$6
  local -a recursive=()
  # A link in the target must not lead out of it.
  to=$(realpath_in_target "$4")
  from=$(source_path "$1" "$2" "$3")
  [[ -e $from ]] || fail PayloadInvalid "the source of $4 is not there: $1 $2 $3"
  mkdir -p "$(dirname "$to")"
  if [[ -d $from ]]; then
    mkdir -p "$to"
    recursive=(--recursive)
    run cp -a --no-preserve=ownership "$from/." "$to"
  else
    run cp --no-preserve=ownership,mode "$from" "$to"
  fi
  if [[ -n $mode ]]; then run chmod "$mode" "$to"; fi
  if [[ -n $owner ]]; then
    owner=$(numeric_owner "$owner")
    run chown --no-dereference ${recursive[@]+"${recursive[@]}"} "$owner" "$to"
  fi
}

# realpath_in_target PATH: where the path leads when the target is the root. Its last part need not exist, and is replaced when it is a link.
realpath_in_target() {
  local at=/mnt part next hops=0
  local -a parts
  IFS=/ read -r -d '' -a parts <<<"$(dirname "$1")" || true
  parts[-1]=${parts[-1]%$'\n'}
  while ((${#parts[@]})); do
    part=${parts[0]}
    parts=("${parts[@]:1}")
    case $part in
      '' | .) continue ;;
      ..)
        if [[ $at != /mnt ]]; then at=${at%/*}; fi
        continue
        ;;
    esac
    if [[ -L $at/$part ]]; then
      ((++hops < 40)) || fail StepFailed "the target's $1 goes through too many links"
      next=$(readlink "$at/$part")
      if [[ $next == /* ]]; then at=/mnt; fi
      local -a link
      IFS=/ read -r -d '' -a link < <(printf '%s\0' "$next") || true
      parts=("${link[@]}" ${parts[@]+"${parts[@]}"})
    else
      at=$at/$part
    fi
  done
  printf '%s/%s' "$at" "$(basename "$1")"
}

# numeric_owner USER:GROUP: by the target's own passwd and group files
numeric_owner() {
  local user=${1%%:*} group=${1#*:}
  user=$(numeric_id "$user" passwd)
  group=$(numeric_id "$group" group)
  printf '%s:%s' "$user" "$group"
}

numeric_id() {
  local id
  if [[ $1 =~ ^[0-9]+$ ]]; then
    printf '%s' "$1"
  elif id=$(awk -F: -v name="$1" '$1 == name {print $3; found = 1; exit} END {exit !found}' "/mnt/etc/$2" 2>/dev/null); then
    printf '%s' "$id"
  else
    fail StepFailed "the target's /etc/$2 knows no $1; use a number, or a name that the installed system has"
  fi
}
