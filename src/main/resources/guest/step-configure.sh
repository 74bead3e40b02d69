#!/usr/bin/env bash
# The files that the recipe generates (fstab, hostname, …), then accounts.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/protocol.sh"
source "${BASH_SOURCE[0]%/*}/disks.sh"
source "${BASH_SOURCE[0]%/*}/place.sh"

# account ACTION USER [SOURCE]
account() {
  local text file
  case $1 in
    lock) in_target passwd --lock "$2" ;;
    password)
      file=$(source_path "${@:3}")
      text=$(<"$file")
      printf 'setting the password of %s\n' "$2"
      if [[ $text == \$* ]]; then
        chroot /mnt chpasswd --encrypted <<<"$2:$text"
      else
        chroot /mnt chpasswd <<<"$2:$text"
      fi
      ;;
    keys)
      file=$(source_path "${@:3}")
      authorize "$2" "$file"
      ;;
  esac
}

# authorize USER FILE: the file's lines become the user's authorized_keys. Links lead where they lead in the finished system, never out of it.
authorize() {
  local passwd home ids folder
  passwd=$(inside /mnt /etc/passwd)
  home=$(awk -F: -v name="$1" '$1 == name {print $6}' "$passwd")
  ids=$(awk -F: -v name="$1" '$1 == name {print $3 ":" $4}' "$passwd")
  [[ -n $home && -n $ids ]] || fail StepFailed "the target has no user $1"
  printf 'authorizing keys of %s\n' "$1"
  folder=$(inside /mnt "$home/.ssh")
  install -d -m 700 "$folder"
  install --no-target-directory -m 600 "$2" "$folder/authorized_keys"
  chown --no-dereference "$ids" "$folder" "$folder/authorized_keys"
}

each_record configure.args place
each_record accounts.args account
