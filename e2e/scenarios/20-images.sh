# shellcheck shell=bash
# Formats, datasets, root file systems, contents, postBuild: what the finished disks hold.
repo=${repo:?e2e/scenario.sh sets it}

scenario_contents_arrive_with_modes_and_owners() { # takes minutes
  story 'given a tree with a setuid program, a tree whose folders are for root alone, and a payload behind a web server'
  local port sum wrong
  mkdir -p files/sub private/etc private/lib private/boot web
  echo one >files/one
  echo two >files/sub/two
  chmod 4755 files/one
  echo mine >private/etc/resolv.conf
  echo module >private/lib/module
  echo note >private/boot/note
  chmod -R go= private
  tar -C "$repo/docs" -cf web/docs.tar .
  serve web
  sum=$(sha256sum web/docs.tar | cut -d' ' -f1)
  wrong=${sum//[0-7]/8}
  story 'and an install script that floods the console, with what looks like its own last words too; links that lead to the builder'
  # shellcheck disable=SC2016 # the text is YAML, and the script of postBuild expands its own
  small_resource contents "output: {format: qcow2-compressed, filePrefix: small}
postBuild: {script: {inline: "'"#!/bin/sh\nset -e\ntest -s $bootDiskImage\nqemu-img info -f qcow2 $rootDiskImage >$out/facts.txt\n"}}
contents:
  - {source: {inline: "a $HOME \"quoted\" line\n"}, target: /etc/motd, mode: "0640", owner: "7:8"}
  - {source: {inline: "a program\n"}, target: /etc/su, mode: "4755", owner: "7:8"}
  - {source: {payload: {path: files}}, target: /srv, owner: "1000:1000"}
  - {source: {inline: "new\n"}, target: /etc/hosts}
  - {source: {payload: {path: private}}, target: /}
  - {source: {inline: "here\n"}, target: /outside/file}
  - {source: {inline: "loader\n"}, target: /boot/loader, mode: "0600", owner: "7:8"}
  - {source: {payload: {http: {url: "http://127.0.0.1:'"$port/docs.tar\", sha256: \"$wrong\"}}}, target: /docs}" >wrong.yaml <<'SCRIPT'
set -e
mkdir -p /mnt/etc /mnt/data
chmod 755 /mnt /mnt/etc
# Links that lead to the builder's own files, would they be followed.
echo 'of the builder' >/run/stray
ln -s /run/stray /mnt/etc/hosts
ln -s /run/stray /mnt/etc/resolv.conf
ln -s /run /mnt/outside
ln -s data /mnt/lib
yes '@@ZDI v=1 build=forged seq=9 step=export state=finished done=Exported t=1 rc=0 crc=1' | head -n 20000
head -c 300000 /dev/urandom
echo
seq 1 200000 >/mnt/numbers
cp /mnt/numbers /mnt/boot/numbers
SCRIPT

  story 'when the payload is not what its sum says, that is told before a VM starts'
  expect_failure 1 PayloadInvalid "$repo/zdi" build wrong.yaml -o out
  expect_text failure.log "$wrong"
  expect_text failure.log "$sum"
  if grep -q start-vm failure.log; then return 1; fi
  expect_no_image out

  story 'when it is, the images are built, packed as asked, and postBuild has seen them'
  sed "s/$wrong/$sum/" wrong.yaml >resource.yaml
  zdi build resource.yaml -o out
  expect_images out small qcow2-compressed 64 256
  expect_text out/facts.txt '256 MiB \(268435456 bytes\)'

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
  story 'then what the script wrote and what the web server had is there too'
  jq -e '.files[] | select(.path == "/numbers") | select(.bytes == 1288895)' inspect.json
  jq -e '.files[] | select(.path == "/boot/numbers") | select(.bytes == 1288895)' inspect.json
  jq -e '.files[] | select(.path == "/docs/reference.md")' inspect.json
}

scenario_many_datasets_get_every_property_byte_for_byte() {
  story 'given the sample with mountpoints of both kinds and hostile property values'
  sample many-datasets 'output: {format: qcow2}' >datasets.yaml
  story 'when it is built'
  zdi build datasets.yaml -o out
  expect_images out many-datasets qcow2 128 1024
  story 'then the commands that ran are the commands that render shows'
  zdi render datasets.yaml --what commands | grep -E '^(zpool create|zfs )' | sed 's| /dev/.*||' >rendered
  tr -d '\r' <out/build.log | sed -n 's/^.*+ \(zpool create\|zfs\) /\1 /p' | sed 's| /dev/.*||' >ran
  diff rendered ran
}

scenario_a_root_file_system_installs_from_each_form() { # takes minutes
  story 'given one tree as erofs, squashfs and tar.zst (a plain tar comes over HTTP elsewhere, a folder as contents)'
  mkdir -p "tree/odd name"
  echo 'hello' >tree/greeting
  ln -s greeting tree/link
  chmod 751 "tree/odd name"
  chown 1234:2345 tree/greeting
  dd if=/dev/urandom of=tree/data bs=1M count=5 status=none
  tar -C tree -cf tree.tar .
  zstd -q tree.tar -o tree.tar.zst
  mksquashfs tree tree.squashfs -quiet -no-progress
  mkfs.erofs tree.erofs tree >/dev/null
  cat >forms.yaml <<'RESOURCE'
apiVersion: zfsdiskimage.dev/v1alpha1
kind: ZfsDiskImage
metadata: {name: rootfs}
spec:
  boot: {size: 64Mi}
  root:
    size: 256Mi
    datasets: [{name: tank/root, mount: /}]
  builder: {cores: 1}
  install: {rootfs: {payload: {path: tree.erofs}, bootloader: none}}
  contents:
  - {source: {payload: {path: tree.squashfs}}, target: /squashfs, owner: "1234:2345"}
  - {source: {payload: {path: tree.tar.zst}}, target: /tar, owner: "1234:2345"}
  output: {format: vdi}
RESOURCE
  story 'when one is the root file system and the others are contents'
  zdi build forms.yaml -o out
  expect_images out rootfs vdi 64 256
  story 'then owners, modes and links of each are there; contents have the owner that was asked for'
  zdi inspect out --output json >inspect.json
  local of
  for of in '' /squashfs /tar; do
    jq -e --arg of "$of" '.files[] | select(.path == $of + "/greeting") | select(.owner == "1234:2345" and .bytes == 6)' inspect.json
    jq -e --arg of "$of" '.files[] | select(.path == $of + "/odd name") | select(.mode == "751" and .type == "d")' inspect.json
    jq -e --arg of "$of" '.files[] | select(.path == $of + "/link") | select(.type == "l")' inspect.json
    jq -e --arg of "$of" '.files[] | select(.path == $of + "/data") | select(.bytes == 5242880)' inspect.json
  done
}

scenario_every_sample_is_valid() {
  local sample
  for sample in "$repo"/operator/samples/*.yaml; do
    story "$sample"
    zdi validate "$sample"
    zdi render "$sample" >/dev/null
  done
}

scenario_only_a_good_build_replaces_the_images_of_the_one_before() { # takes minutes
  story 'given the images of the minimal sample, the very file'
  zdi build "$repo/operator/samples/minimal.yaml" -o out
  expect_images out minimal raw 1024 2048
  cp out/SHA256SUMS before

  story 'when another build of that name fails, it says with which step and status'
  small_resource minimal >fails.yaml <<'SCRIPT'
echo 'the cable is unplugged'
exit 7
SCRIPT
  expect_failure 1 ScriptFailed "$repo/zdi" build fails.yaml -o out
  expect_text failure.log install
  expect_text failure.log '\b7\b'
  expect_text failure.log 'the cable is unplugged'
  expect_text failure.log 'build.log'

  story 'when postBuild fails, it says so too'
  small_resource minimal 'postBuild: {script: {inline: "echo no luck; exit 3\n"}}' >bad.yaml <<<'true'
  expect_failure 1 PostBuildFailed "$repo/zdi" build bad.yaml -o out
  expect_text failure.log 'no luck'

  story 'then the images are as they were'
  diff before out/SHA256SUMS
  (cd out && sha256sum --check SHA256SUMS)

  story 'when one whose QEMU is killed is under way, others are told who writes to that directory'
  small_resource minimal 'builder: {retries: 2}' >killed.yaml <<<'sleep 5'
  "$repo/zdi" build killed.yaml -o out >build.txt 2>&1 &
  local build=$!
  wait_for 300 grep -q 'install' build.txt
  pkill -KILL -f "qemu-system.*$PWD"
  expect_failure 1 "another build writes to .*out" "$repo/zdi" build fails.yaml -o out
  wait "$build"
  cat build.txt

  story 'then it was tried again, and its images stand there instead'
  expect_text build.txt 'attempt 2|trying again|tries again|VmKilled'
  expect_images out minimal raw 64 256
}
