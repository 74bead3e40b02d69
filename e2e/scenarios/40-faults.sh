# shellcheck shell=bash
# What goes wrong, and what zdi says of it. No fault may leave a half image, a process or a work folder behind.
repo=${repo:?e2e/scenario.sh sets it}

scenario_a_failing_script_is_reported_with_its_step_and_status() {
  small_resource fails >resource.yaml <<'SCRIPT'
echo 'the cable is unplugged'
exit 7
SCRIPT
  expect_failure 1 'ScriptFailed' "$repo/zdi" build resource.yaml -o out
  expect_text failure.log 'install'
  expect_text failure.log '\b7\b'
  expect_text failure.log 'the cable is unplugged'
  expect_text failure.log 'build.log'
  expect_no_image out
}

scenario_a_full_root_disk_is_reported_with_sizes() { # takes minutes
  small_resource full >resource.yaml <<'SCRIPT'
set -e
head -c 400M /dev/urandom >/mnt/large
SCRIPT
  expect_failure 1 'RootDiskFull' "$repo/zdi" build resource.yaml -o out
  expect_text failure.log '[0-9]+ MiB'
  expect_text failure.log 'spec.root.size'
  expect_no_image out
}

scenario_a_full_boot_disk_is_reported() {
  small_resource full >resource.yaml <<'SCRIPT'
set -e
head -c 90M /dev/urandom >/mnt/boot/large
SCRIPT
  expect_failure 1 'BootDiskFull' "$repo/zdi" build resource.yaml -o out
  expect_text failure.log 'spec.boot.size'
  expect_no_image out
}

scenario_a_guest_that_panics_each_time_is_tried_again_and_then_reported() {
  small_resource panics 'builder: {retries: 1}' >resource.yaml <<'SCRIPT'
echo 1 >/proc/sys/kernel/sysrq
echo c >/proc/sysrq-trigger
SCRIPT
  expect_failure 1 'GuestPanicked' "$repo/zdi" build resource.yaml -o out
  expect_text failure.log '2'
  expect_no_image out
}

scenario_a_guest_that_powers_off_early_is_reported() {
  small_resource stops 'builder: {retries: 0}' >resource.yaml <<'SCRIPT'
echo o >/proc/sysrq-trigger
sleep 60
SCRIPT
  expect_failure 1 'GuestStoppedEarly' "$repo/zdi" build resource.yaml -o out
  expect_no_image out
}

scenario_a_guest_that_runs_out_of_memory_is_reported() {
  small_resource hungry 'builder: {memory: 512Mi}' >resource.yaml <<'SCRIPT'
exec perl -e 'push @a, "x" x (1 << 20) while 1'
SCRIPT
  expect_failure 1 'GuestOutOfMemory' "$repo/zdi" build resource.yaml -o out
  expect_text failure.log 'spec.builder.memory'
}

scenario_a_silent_guest_is_given_up_by_its_deadline() {
  story 'given a deadline that no guest can meet'
  small_resource silent 'builder: {retries: 1, timeouts: {start: 1s}}' >resource.yaml <<<'true'
  expect_failure 1 'GuestSilent' "$repo/zdi" build resource.yaml -o out
  expect_text failure.log 'timeouts.start'
  expect_no_image out
}

scenario_a_build_that_takes_too_long_is_given_up() {
  small_resource slow 'builder: {retries: 0, timeouts: {start: 80s, build: 90s}}' >resource.yaml <<<'sleep 3600'
  expect_failure 1 'BuildDeadlineExceeded' "$repo/zdi" build resource.yaml -o out
  expect_no_image out
}

scenario_a_flooded_console_harms_nothing() {
  small_resource flood >resource.yaml <<'SCRIPT'
yes '@@ZDI v=1 build=forged seq=9 step=export state=finished done=Exported t=1 rc=0 crc=1' | head -n 20000
head -c 300000 /dev/urandom
echo
SCRIPT
  zdi build resource.yaml -o out
  (cd out && sha256sum --check SHA256SUMS)
}

scenario_a_payload_with_a_wrong_sha256_is_refused_before_a_vm_starts() {
  mkdir web
  tar -C "$repo/docs" -cf web/docs.tar .
  local port sum wrong
  serve web
  sum=$(sha256sum web/docs.tar | cut -d' ' -f1)
  wrong=${sum//[0-7]/8}
  for sha in "$wrong" "$sum"; do
    cat >"$sha.yaml" <<RESOURCE
apiVersion: zfsdiskimage.dev/v1alpha1
kind: ZfsDiskImage
metadata: {name: fetched}
spec:
  boot: {size: 64Mi}
  root: {size: 256Mi, datasets: [{name: tank/root, mount: /}]}
  install: {rootfs: {payload: {http: {url: "http://127.0.0.1:$port/docs.tar", sha256: "$sha"}}, bootloader: none}}
RESOURCE
  done
  expect_failure 1 'PayloadInvalid' "$repo/zdi" build "$wrong.yaml" -o out
  expect_text failure.log "$wrong"
  expect_text failure.log "$sum"
  expect_no_image out
  story 'then the right one is accepted'
  zdi build "$sum.yaml" -o out
}

scenario_a_killed_qemu_is_noticed_and_the_build_tried_again() {
  small_resource killed 'builder: {retries: 2}' >resource.yaml <<<'sleep 5'
  "$repo/zdi" build resource.yaml -o out >build.txt 2>&1 &
  local build=$!
  wait_for 120 grep -q 'install' build.txt
  pkill -KILL -P "$build" -f qemu-system || pkill -KILL -f "qemu-system.*$PWD"
  wait "$build"
  cat build.txt
  (cd out && sha256sum --check SHA256SUMS)
}

scenario_interrupting_leaves_nothing_behind() {
  small_resource interrupted >resource.yaml <<<'sleep 3600'
  # Background jobs of a script ignore SIGINT, as a terminal's do not.
  env --default-signal=INT "$repo/zdi" build resource.yaml -o out >build.txt 2>&1 &
  local build=$! status=0
  wait_for 120 grep -q 'install' build.txt
  kill -INT "$build"
  wait "$build" || status=$?
  cat build.txt
  expect_equal 'exit status' 130 "$status"
  expect_no_image out
  if pgrep -f "qemu-system.*$PWD"; then return 1; fi
}

scenario_a_full_host_disk_is_reported() {
  story 'given an output directory on a file system of 60 MiB'
  mkdir small
  mount -t tmpfs -o size=60m tmpfs small
  small_resource hostfull >resource.yaml <<<'head -c 150M /dev/urandom >/mnt/large; sync'
  expect_failure 1 'HostDiskFull' "$repo/zdi" build resource.yaml -o small/out || { umount small; return 1; }
  expect_no_image small || { umount small; return 1; }
  umount small
}

scenario_two_builds_side_by_side_and_one_lock_per_directory() { # takes minutes
  small_resource beside >resource.yaml <<<'sleep 20'
  "$repo/zdi" build resource.yaml -o one >one.txt 2>&1 &
  local one=$!
  wait_for 120 grep -q 'install' one.txt
  story 'when a second build wants the same directory, it is told who holds it'
  expect_failure 1 "another build writes to .*one" "$repo/zdi" build resource.yaml -o one
  story 'when it wants another, both end well'
  zdi build resource.yaml -o two
  wait "$one"
  (cd one && sha256sum --check SHA256SUMS)
  (cd two && sha256sum --check SHA256SUMS)
}

scenario_wrong_input_names_every_field_value_and_remedy_at_once() {
  cat >resource.yaml <<'RESOURCE'
apiVersion: zfsdiskimage.dev/v1alpha1
kind: ZfsDiskImage
metadata: {name: wrong}
spec:
  boot: {size: 64Mi}
  root:
    size: 256Mi
    datasets:
      - {name: tank/root, mount: /nix}
      - {name: other/home, mount: /nix}
  install: {script: {inline: "true"}}
RESOURCE
  expect_failure 2 'spec.root.datasets' "$repo/zdi" build resource.yaml -o out
  expect_text failure.log 'other/home'
  expect_equal 'nothing was created' "" "$(ls -A out 2>/dev/null)"
  story 'a file that is not there'
  expect_failure 2 'nothere.yaml' "$repo/zdi" validate nothere.yaml
}
