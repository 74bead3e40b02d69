# shellcheck shell=bash
# shellcheck disable=SC2154 # repo is scenario.sh's
# What a person sees while zdi builds, in a real terminal.

# In a terminal of its own, COLUMNS wide: in_terminal COLUMNS LOCALE COMMAND
in_terminal() {
  tmux -S "$PWD/tmux" -f /dev/null new-session -d -s screen -x "$1" -y 30 "env LC_ALL=$2 PS1='$ ' NO_COLOR=${3:-} bash --norc"
  # The socket's server goes with the scenario's folder.
  trap 'tmux -S "$PWD/tmux" kill-server 2>/dev/null || true' EXIT
}

type_in_terminal() { tmux -S "$PWD/tmux" send-keys -t screen "$@"; }

screen() { tmux -S "$PWD/tmux" capture-pane -t screen -p "$@"; }

# Waits until the screen shows a line like REGEX: await_screen REGEX SECONDS
await_screen() {
  local until=$((SECONDS + $2))
  until screen | grep -qE -- "$1"; do
    if ((SECONDS > until)); then
      printf 'the terminal did not show %s within %s s, but:\n' "$1" "$2"
      screen
      return 1
    fi
    read -rt 0.2 <> <(:) || true
  done
}

scenario_terminal_shows_steps_and_ctrl_c_leaves_nothing() {
  # The installer never ends by itself: the build is stopped by hand.
  small_resource endless >endless.yaml <<<'while :; do read -rt 60 <> <(:) || true; done'
  in_terminal 60 C.UTF-8
  type_in_terminal "'$repo/zdi' build endless.yaml -o out; echo ended with \$?" Enter
  await_screen '^. install +[0-9]+:[0-9][0-9]' 300

  story "finished steps stand above the one that runs"
  screen
  expect_equal "finished steps" 'partition pool datasets mount boot-filesystem ' \
    "$(screen | sed -n 's/^✓ \([a-z-]*\) .*/\1/p' | grep -vE 'provision|start-vm' | tr '\n' ' ')"
  expect_equal "lines of the running step" 1 "$(screen | grep -cE '^[^✓] install')"

  story "Ctrl-C"
  type_in_terminal C-c
  await_screen '^ended with [0-9]' 90
  screen
  screen -J >screen.txt
  expect_text screen.txt '^Interrupted: the VM is stopped and the unfinished disks are removed'
  expect_text screen.txt '^✗ install'
  expect_text screen.txt '^ended with 130'
  expect_no_image out
  if pgrep -f "qemu-system.*$PWD"; then return 1; fi
}

scenario_terminal_without_unicode_or_colour_gets_plain_characters() {
  small_resource plain >plain.yaml <<<'exit 7'
  in_terminal 40 C 1
  type_in_terminal "'$repo/zdi' build plain.yaml -o out; echo ended with \$?" Enter
  await_screen '^ended with [0-9]' 400
  screen -e -S - >screen.txt
  cat screen.txt
  expect_text screen.txt '^\+ partition +0:'
  expect_text screen.txt '^x install +0:'
  expect_text screen.txt '^ended with 1$'
  expect_equal "bytes beyond printable ASCII" "" "$(LC_ALL=C tr -d '\n\040-\176' <screen.txt)"
}
