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
  local status part digits=''
  rm -f "$notes/failure" "$notes/doing"
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
    while grep -q 'populated 1' "$cgroup/cgroup.events"; do sleep 0.05; done
    printf '%s\n' "$status" >&3
  ) &
  # A read that runs out of time may have taken the status' first digits.
  until read -r -t "$sign_of_life_seconds" -u 3 part; do
    digits+=$part
    message "$1" run 0
  done
  wait "$tee"
  return "$digits$part"
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
    give_reason GuestOutOfMemory "$killed; the builder VM has $(memory_mebibytes) MiB of memory: raise builder.memory"
  elif said 'Disk quota exceeded'; then
    give_reason RootDiskFull "a dataset is full to its quota: $(last_words 'Disk quota exceeded')"
  elif said 'No space left on device|ENOSPC|out of space' || (($(pool_available) == 0)); then
    full_disk
  elif [[ $step == install ]]; then
    case $(install_kind) in
      script) give_reason ScriptFailed "the install script ended with status $status; its last words: $(last_words)" ;;
      rootfs) give_reason PayloadInvalid "the root file system could not be unpacked (status $status): $(last_words)" ;;
      *) give_reason StepFailed "the install ended with status $status: $(last_words)" ;;
    esac
  else
    give_reason StepFailed "the step $step ended with status $status: $(last_words)"
  fi
}

said() { grep -aqE "$1" "$notes/log/output"; }

# last_words [PATTERN]: the last line of the step's output that matches it, or speaks of a failure, or has words at all; without control characters
last_words() {
  local pattern
  for pattern in "${1:-error|fail|cannot|invalid|denied|no such|not found|unable}" '[[:alnum:]]'; do
    if grep -aiE "$pattern" "$notes/log/output" | tail -n 1 | tr -d '[:cntrl:]' | cut -c 1-200; then return; fi
  done
}

install_kind() {
  local -a fields
  read_list fields install.args
  printf '%s' "${fields[1]}"
}

memory_mebibytes() { awk '$1 == "MemTotal:" {print int($2 / 1024)}' /proc/meminfo; }

# Who has no room left: the boot disk, the root disk, or the builder's own file system, which lives in its memory.
full_disk() {
  local esp_size=0 esp_free=0 free size
  if mountpoint -q /mnt/boot; then
    read -r esp_size esp_free < <(df --output=size,avail -B1 /mnt/boot | tail -n 1)
  fi
  free=$(pool_available)
  if ! size=$(zpool list -Hpo size "$(pool_name)" 2>/dev/null); then size=0; fi
  if ((free <= size / 50)); then
    give_reason RootDiskFull "the pool of $((size >> 20)) MiB is full: $(($(zpool list -Hpo allocated "$(pool_name)") >> 20)) MiB are in use, $((free >> 10)) KiB are left for files; raise root.size"
  elif ((esp_size > 0 && esp_free <= esp_size / 20)); then
    give_reason BootDiskFull "the boot file system of $((esp_size >> 20)) MiB is full: $((esp_free >> 10)) KiB are left; raise boot.size"
  else
    give_reason GuestOutOfMemory "neither disk is full, but the builder's own file system, which lives in its $(memory_mebibytes) MiB of memory: raise builder.memory, or write to the target instead; last words: $(last_words)"
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
