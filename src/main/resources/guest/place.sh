# shellcheck shell=bash
# Puts files and trees into the target. Sourced by the steps configure and contents, after protocol.sh and disks.sh.
#
# What is put there takes the place of files and links and never follows the latter. A folder that is there stays, with its mode, owner and
# attributes, and so does a link to one: what a tree has below goes to where it leads within the target.

extract=("${extract[@]:?disks.sh sets it}")
# A tree's hidden files are files, too.
shopt -s dotglob nullglob

# place KIND NAME PATH TARGET MODE OWNER
place() {
  local from to owner what="$1 $2${3:+ $3}"
  from=$(source_path "$1" "$2" "$3")
  [[ -e $from ]] || fail PayloadInvalid "the source of $4 is not there: $what"
  owner=$(numeric_owner "${6:-0:0}")
  to=$(realpath_in_target "$4")
  mkdir -p "$(dirname "$to")"
  if [[ -d $from ]]; then
    if [[ -L $to ]]; then to=$(behind "$to"); fi
    place_tree "$what" "$from" "$to" "$owner"
    # A folder that was there is changed only as the resource says.
    if [[ -n $6 ]]; then run chown --no-dereference "$owner" "$to"; fi
    if [[ -n $5 ]]; then run chmod "$5" "$to"; fi
  elif is_folder "$to"; then
    fail StepFailed "$4 is a folder in the target, and what is to be put there is a file ($what): have the target end with the file's own name"
  else
    run install --no-target-directory --owner="${owner%:*}" --group="${owner#*:}" --mode="${5:-0644}" "$from" "$to"
  fi
}

# place_tree WHAT FROM TO OWNER
place_tree() {
  local what=$1 from=$2 to=$3 owner=$4 i
  local -a entries=() merges=()
  if is_folder "$to"; then
    survey "$from" "$to" .
  elif [[ -e $to && ! -L $to ]]; then
    fail StepFailed "${to#/mnt} is a file in the target, and what is to be put there is a folder ($what): choose another target"
  else
    if [[ -L $to ]]; then run rm "$to"; fi
    run mkdir "$to"
    entries=(.)
  fi
  if ((${#entries[@]})); then copy "$from" "$to" "$owner" "${entries[@]}"; fi
  for ((i = 0; i < ${#merges[@]}; i += 2)); do place_tree "$what" "${merges[i]}" "${merges[i + 1]}" "$owner"; done
}

# survey FROM TO PATH: sorts what the tree's folder PATH has into entries, which can be copied whole, and merges, pairs of a tree's folder and
# where it goes when the target has a link in its place
survey() {
  local source name there
  for source in "$1"/*; do
    name=${source##*/}
    there=$2/$name
    if ! is_folder "$source"; then
      if is_folder "$there"; then
        fail StepFailed "${there#/mnt} is a folder in the target and no folder in the tree that is to be put there ($what): remove it from the tree"
      fi
      entries+=("$3/$name")
    elif is_folder "$there"; then
      survey "$source" "$there" "$3/$name"
    elif [[ -L $there ]]; then
      merges+=("$source" "$(behind "$there")")
    elif [[ -e $there ]]; then
      fail StepFailed "${there#/mnt} is a file in the target and a folder in the tree that is to be put there ($what): remove it from the tree"
    else
      entries+=("$3/$name")
    fi
  done
}

# behind LINK: the folder of the target that the link leads to, or else the link itself
behind() {
  local through
  through=$(inside /mnt "${1#/mnt}")
  if [[ -d $through ]]; then printf '%s' "$through"; else printf '%s' "$1"; fi
}

is_folder() { [[ -d $1 && ! -L $1 ]]; }

# copy FROM TO OWNER ENTRY…: all that is in the entries, with modes, times, capabilities, ACLs and other extended attributes
copy() {
  local -a names=(--null --no-unquote --files-from -)
  printf 'copying from %q\n' "$1"
  printf '%s\0' "${@:4}" |
    tar --create --file - --directory "$1" --owner="${3%:*}" --group="${3#*:}" --numeric-owner --sparse --acls --xattrs '--xattrs-include=*' "${names[@]}" |
    run "${extract[@]}" --directory "$2" --file -
}

# realpath_in_target PATH: where the path leads when the target is the root. Its last part need not exist, and is not followed when it is a link.
realpath_in_target() {
  local parent
  parent=$(inside /mnt "$(dirname "$1")")
  if [[ $1 == / ]]; then printf '%s' "$parent"; else printf '%s/%s' "$parent" "$(basename "$1")"; fi
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
  elif id=$(awk -F: -v name="$1" '$1 == name {print $3; found = 1; exit} END {exit !found}' "$(inside /mnt "/etc/$2")" 2>/dev/null); then
    printf '%s' "$id"
  else
    fail StepFailed "the target's /etc/$2 knows no $1; use a number, or a name that the installed system has"
  fi
}
