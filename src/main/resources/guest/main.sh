#!/usr/bin/env bash
# The guest program: runs the steps that the config disk names, and tells the console how it goes.
# docs/guest-program.md describes the files it reads and the messages it writes.
set -euo pipefail
config=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=protocol.sh
source "$config/protocol.sh"
# shellcheck source=disks.sh
source "$config/disks.sh"

sign_of_life_seconds=8
cgroup=/sys/fs/cgroup/zdi-step
steps=()

main() {
  mkdir -p "$notes/log"
  # A step's output is kept to find out why it failed; a flood of it must not eat the builder's memory.
  mount -t tmpfs -o size=16m tmpfs "$notes/log"
  mkfifo "$notes/output" "$notes/ended"
  mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir "$cgroup"
  # When memory runs out, a step must go, not the one who can tell of it.
  echo -1000 >/proc/self/oom_score_adj
  exec 3<>"$notes/ended"
  read_list steps steps.args
  local step status
  for step in "${steps[@]}"; do
    message "$step" start 0
    status=0
    run_step "$step" || status=$?
    if ((status != 0)); then
      explain "$step" "$status"
      finish "$step" failed "$status"
      return "$status"
    fi
    reach "$step"
    message "$step" "done" 0
  done
  finish "${steps[-1]}" finished 0
}

# Runs one step in a control group of its own. Whatever it leaves running is ended with it, so that nothing keeps the target busy.
run_step() {
  local status
  rm -f "$notes/failure"
  tee "$notes/log/output" <"$notes/output" &
  local tee=$!
  (
    status=0
    (
      # 0 is whoever writes it.
      echo 0 >"$cgroup/cgroup.procs"
      echo 0 >/proc/self/oom_score_adj
      exec setsid --wait bash "$config/step-$1.sh"
    ) >"$notes/output" 2>&1 </dev/null || status=$?
    echo 1 >"$cgroup/cgroup.kill"
    printf '%s\n' "$status" >&3
  ) &
  until read -r -t "$sign_of_life_seconds" -u 3 status; do
    message "$1" run 0
  done
  wait "$tee"
  return "$status"
}

# Notes the condition that a finished step fulfils.
reach() {
  case $1 in
    partition) reached+=(Partitioned) ;;
    datasets) reached+=(PoolCreated) ;;
    export) reached+=(Exported) ;;
    install | configure | contents | bootloader)
      if [[ $1 == "$(last_install_step)" ]]; then reached+=(Installed); fi
      ;;
  esac
}

last_install_step() {
  local step last=
  for step in "${steps[@]}"; do
    case $step in install | configure | contents | bootloader) last=$step ;; esac
  done
  printf '%s' "$last"
}

# Finds out why a step failed, unless it said so itself, and leaves it where messages take it from.
explain() {
  local step=$1 status=$2 killed
  if [[ -e $notes/failure ]]; then return; fi
  if killed=$(dmesg | grep -aoE 'Out of memory: Killed process [0-9]+ \([^)]*\)' | tail -n 1) && [[ -n $killed ]]; then
    give_reason GuestOutOfMemory "$killed; the builder VM has $(awk '$1 == "MemTotal:" {print int($2 / 1024)}' /proc/meminfo) MiB of memory"
  elif no_space_left; then
    full_disk
  elif [[ $step == install ]]; then
    give_reason ScriptFailed "the install ended with status $status"
  else
    give_reason StepFailed "the step $step ended with status $status"
  fi
}

no_space_left() {
  grep -aqE 'No space left on device|Disk quota exceeded|ENOSPC|out of space' "$notes/log/output" || (($(pool_available) == 0))
}

full_disk() {
  local esp_free=1 esp_size=1 free size
  if mountpoint -q /mnt/boot; then
    read -r esp_size esp_free < <(df --output=size,avail -B1 /mnt/boot | tail -n 1)
  fi
  free=$(pool_available)
  size=$(zpool list -Hpo size "$(pool_name)")
  if ((free > size / 50 && esp_free < esp_size / 10)); then
    give_reason BootDiskFull "the boot file system of $((esp_size >> 20)) MiB is full: $((esp_free >> 10)) KiB are left"
  else
    give_reason RootDiskFull "the pool of $((size >> 20)) MiB is full: $(($(zpool list -Hpo allocated "$(pool_name)") >> 20)) MiB are in use, $((free >> 10)) KiB are left for files"
  fi
}

# Says the last word three times, and waits until the console has taken it.
finish() {
  message "$1" "$2" "$3"
  message "$1" "$2" "$3"
  message "$1" "$2" "$3"
  drain_console
}

# The tty's queue is empty when stty can set its parameters "after draining" (TCSADRAIN).
drain_console() { stty -F /dev/console "$(stty -F /dev/console -g)" || true; }

main
