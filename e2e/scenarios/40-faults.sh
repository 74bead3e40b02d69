# shellcheck shell=bash
# What goes wrong, and what zdi says of it. No fault may leave a half image, a process or a work folder behind.
repo=${repo:?e2e/scenario.sh sets it}

scenario_a_full_root_disk_is_reported_with_sizes() {
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

scenario_a_guest_that_panics_is_reported() {
  small_resource panics 'builder: {retries: 0}' >resource.yaml <<'SCRIPT'
echo 1 >/proc/sys/kernel/sysrq
echo c >/proc/sysrq-trigger
SCRIPT
  expect_failure 1 'GuestPanicked' "$repo/zdi" build resource.yaml -o out
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

scenario_a_full_host_disk_is_reported() {
  story 'given an output directory on a file system of 60 MiB'
  mkdir small
  mount -t tmpfs -o size=60m tmpfs small
  small_resource hostfull >resource.yaml <<<'head -c 150M /dev/urandom >/mnt/large; sync'
  expect_failure 1 'HostDiskFull' "$repo/zdi" build resource.yaml -o small/out || { umount small; return 1; }
  expect_no_image small || { umount small; return 1; }
  umount small
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
