# shellcheck shell=bash
# Formats, datasets, root file systems, contents, postBuild: what the finished disks hold.
repo=${repo:?e2e/scenario.sh sets it}

scenario_all_formats_hold_the_same_disks() { # takes minutes
  local format extension kind
  for format in raw qcow2 qcow2-compressed vdi vpc; do
    story "given a small resource with the format $format"
    small_resource formats "output: {format: $format, filePrefix: small}" >resource.yaml <<'SCRIPT'
set -euo pipefail
seq 1 200000 >/mnt/numbers
cp /mnt/numbers /mnt/boot/numbers
SCRIPT
    story 'when it is built'
    zdi build resource.yaml -o "$format"
    case $format in raw) extension=img kind=raw ;; qcow2*) extension=qcow2 kind=qcow2 ;; vdi) extension=vdi kind=vdi ;; vpc) extension=vhd kind=vpc ;; esac
    local disk size
    for disk in boot root; do
      local file=$format/small.$disk.$extension
      story "then $file is sound, of the exact size, and says what it is"
      if [[ $disk == boot ]]; then size=$((64 << 20)); else size=$((256 << 20)); fi
      expect_equal "format of $file" "$kind" "$(qemu-img info --output json -f "$kind" "$file" | jq -r .format)"
      expect_equal "size of $file" "$size" "$(qemu-img info --output json -f "$kind" "$file" | jq -r '."virtual-size"')"
      case $kind in qcow2 | vdi) qemu-img check -f "$kind" "$file" ;; esac
    done
    (cd "$format" && sha256sum --check SHA256SUMS)
  done
  story 'then zdi looks into the most packed of them and finds what the script wrote'
  zdi inspect qcow2-compressed --output json >inspect.json
  jq -e '.files[] | select(.path == "/numbers") | select(.bytes == 1288895)' inspect.json
  jq -e '.files[] | select(.path == "/boot/numbers") | select(.bytes == 1288895)' inspect.json
}

scenario_many_datasets_get_every_property_byte_for_byte() {
  story 'given the sample with mountpoints of both kinds and hostile property values'
  story 'when it is built'
  zdi build "$repo/operator/samples/many-datasets.yaml" -o out
  story 'then the commands that ran are the commands that render shows'
  zdi render "$repo/operator/samples/many-datasets.yaml" --what commands | grep -E '^(zpool create|zfs )' | sed 's| /dev/.*||' >rendered
  tr -d '\r' <out/build.log | sed -n 's/^.*+ \(zpool create\|zfs\) /\1 /p' | sed 's| /dev/.*||' >ran
  diff rendered ran
}

scenario_a_root_file_system_installs_from_each_form() { # takes minutes
  story 'given one tree as tar.zst, squashfs and erofs (a plain tar comes over HTTP elsewhere, a folder as contents)'
  mkdir -p tree/etc tree/bin "tree/odd name"
  echo 'hello' >tree/etc/greeting
  ln -s etc/greeting tree/link
  chmod 751 "tree/odd name"
  chown 1234:2345 tree/etc/greeting
  dd if=/dev/urandom of=tree/bin/data bs=1M count=5 status=none
  tar -C tree -cf tree.tar .
  zstd -q tree.tar -o tree.tar.zst
  mksquashfs tree tree.squashfs -quiet -no-progress
  mkfs.erofs tree.erofs tree >/dev/null
  local form
  for form in tree.tar.zst tree.squashfs tree.erofs; do
    cat >"$form.yaml" <<RESOURCE
apiVersion: zfsdiskimage.dev/v1alpha1
kind: ZfsDiskImage
metadata: {name: rootfs}
spec:
  boot: {size: 64Mi}
  root:
    size: 256Mi
    datasets: [{name: tank/root, mount: /}]
  install: {rootfs: {payload: {path: $form}, bootloader: none}}
RESOURCE
    story "when it is built from $form"
    zdi build "$form.yaml" -o "out-$form"
    story 'then owners, modes and links are there'
    zdi inspect "out-$form" --output json >inspect.json
    jq -e '.files[] | select(.path == "/etc/greeting") | select(.owner == "1234:2345" and .bytes == 6)' inspect.json
    jq -e '.files[] | select(.path == "/odd name") | select(.mode == "751" and .type == "d")' inspect.json
    jq -e '.files[] | select(.path == "/link") | select(.type == "l")' inspect.json
    jq -e '.files[] | select(.path == "/bin/data") | select(.bytes == 5242880)' inspect.json
  done
}

scenario_contents_arrive_with_modes_and_owners() {
  story 'given a tree with a setuid program, and a tree whose folders are for root alone'
  mkdir -p files/sub private/etc private/lib private/boot
  echo one >files/one
  echo two >files/sub/two
  chmod 4755 files/one
  echo mine >private/etc/resolv.conf
  echo module >private/lib/module
  echo note >private/boot/note
  chmod -R go= private
  # shellcheck disable=SC2016 # the text is YAML
  small_resource contents 'contents:
  - {source: {inline: "a $HOME \"quoted\" line\n"}, target: /etc/motd, mode: "0640", owner: "7:8"}
  - {source: {inline: "a program\n"}, target: /etc/su, mode: "4755", owner: "7:8"}
  - {source: {payload: {path: files}}, target: /srv, owner: "1000:1000"}
  - {source: {inline: "new\n"}, target: /etc/hosts}
  - {source: {payload: {path: private}}, target: /}
  - {source: {inline: "here\n"}, target: /outside/file}
  - {source: {inline: "loader\n"}, target: /boot/loader, mode: "0600", owner: "7:8"}' >resource.yaml <<'SCRIPT'
set -e
mkdir -p /mnt/etc /mnt/data
chmod 755 /mnt /mnt/etc
# Links that lead to the builder's own files, would they be followed.
echo 'of the builder' >/run/stray
ln -s /run/stray /mnt/etc/hosts
ln -s /run/stray /mnt/etc/resolv.conf
ln -s /run /mnt/outside
ln -s data /mnt/lib
SCRIPT
  story 'when it is built'
  zdi build resource.yaml -o out
  story 'then each file is there as asked'
  zdi inspect out --output json >inspect.json
  jq -e '.files[] | select(.path == "/etc/motd") | select(.mode == "640" and .owner == "7:8" and .bytes == 22)' inspect.json
  jq -e '.files[] | select(.path == "/etc/su") | select(.mode == "4755" and .owner == "7:8")' inspect.json
  jq -e '.files[] | select(.path == "/srv/one") | select(.mode == "4755" and .owner == "1000:1000")' inspect.json
  story 'then links in the target were replaced, and none has led out of it'
  jq -e '.files[] | select(.path == "/etc/hosts") | select(.type == "f" and .mode == "644" and .bytes == 4)' inspect.json
  jq -e '.files[] | select(.path == "/etc/resolv.conf") | select(.type == "f" and .bytes == 5)' inspect.json
  jq -e '.files[] | select(.path == "/run/file") | select(.bytes == 5)' inspect.json
  story 'then the boot disk, which knows neither owners nor modes, has its files'
  jq -e '.files[] | select(.path == "/boot/note") | select(.bytes == 5)' inspect.json
  jq -e '.files[] | select(.path == "/boot/loader") | select(.bytes == 7)' inspect.json
  story 'then folders that were there, and links to them, are as before'
  jq -e '.files[] | select(.path == "/etc") | select(.mode == "755")' inspect.json
  jq -e '.files[] | select(.path == "/lib") | select(.type == "l")' inspect.json
  jq -e '.files[] | select(.path == "/data/module") | select(.mode == "600")' inspect.json
}

scenario_post_build_sees_the_images_and_its_failure_fails_the_build() {
  story 'given a postBuild script that writes beside the images'
  # shellcheck disable=SC2016 # the script expands them
  small_resource post 'postBuild: {script: {inline: "#!/bin/sh\nset -e\ntest -s $bootDiskImage\ntest -s $rootDiskImage\ndu -b $rootDiskImage > $out/facts.txt\n"}}' >good.yaml <<<'true'
  zdi build good.yaml -o good
  expect_text good/facts.txt '268435456'

  story 'given one that fails'
  # shellcheck disable=SC2016 # the script expands them
  small_resource post 'postBuild: {script: {inline: "echo no luck; exit 3\n"}}' >bad.yaml <<<'true'
  expect_failure 1 'PostBuildFailed' "$repo/zdi" build bad.yaml -o bad
  expect_text failure.log 'no luck'
  expect_no_image bad
}

scenario_every_sample_is_valid() {
  local sample
  for sample in "$repo"/operator/samples/*.yaml; do
    story "$sample"
    zdi validate "$sample"
    zdi render "$sample" >/dev/null
  done
}

scenario_the_minimal_sample_builds() {
  zdi build "$repo/operator/samples/minimal.yaml" -o out
  (cd out && sha256sum --check SHA256SUMS)
  story 'then a second build replaces the images, and a failing one leaves them alone'
  zdi build "$repo/operator/samples/minimal.yaml" -o out
  cp out/SHA256SUMS before
  small_resource minimal >bad.yaml <<<'exit 9'
  expect_failure 1 ScriptFailed "$repo/zdi" build bad.yaml -o out
  diff before out/SHA256SUMS
  (cd out && sha256sum --check SHA256SUMS)
}
