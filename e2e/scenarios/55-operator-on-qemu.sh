# shellcheck shell=bash
# The operator makes real disks: its VMs run in QEMU and its Jobs in the tools image, on a cluster that is simulated otherwise.
repo=${repo:?e2e/scenario.sh sets it}

scenario_operator_builds_real_disks_with_real_vms_and_jobs() { # takes minutes
  story 'given a node that has pulled the images of builder, tools and Debian, and a payload image with a tar in /disk'
  zdi images --to images --image builder,tools,debian
  local name digest
  for name in builder tools debian; do
    skopeo copy --quiet "oci-archive:$(compgen -G "images/zfs-disk-image-$name-*.tar")" "dir:$name-dir"
    mkdir -p "node/$name"
    json "$name-dir/manifest.json" '.layers[].digest' | while read -r digest; do
      tar --extract --gzip --numeric-owner --warning=no-unknown-keyword --file "$name-dir/${digest#sha256:}" --directory "node/$name"
    done
  done
  mkdir -p node/rootfs/disk tree/etc
  echo 'out of a container disk' >tree/etc/motd
  tar --create --file node/rootfs/disk/root.tar --directory tree .
  chown 107:107 node/rootfs/disk/root.tar

  story 'when resources are applied'
  if ! (cd "$repo" && ./mvnw -B -ntp -Dzdi.buildDirectory="${E2E_BUILD_DIRECTORY:-$repo/target}" -Dspotless.check.skip=true -Dquarkus.build.skip=true \
    -DexcludedGroups= -Dgroups=qemu -Dtest=OperatorOnQemuTest -Dzdi.node="$OLDPWD/node" test) >maven.out 2>&1; then
    # Its first failure, with what was expected and what was seen.
    grep -aE -m1 -A40 '<<< (FAILURE|ERROR)!' maven.out || tail -n 60 maven.out
    return 1
  fi
  grep -a '^a try failed' maven.out || true
  expect_text maven.out 'Tests run: 3, Failures: 0, Errors: 0, Skipped: 0'

  story 'then the script became two compressed qcow2 images, sound and as status has them'
  local disk file
  for disk in boot root; do
    file=$(image script "$disk")
    qemu-img check -f qcow2 "$file"
    expect_equal "sum of $file" "$(json node/script.status.json ".images.$disk.sha256")" "$(sha256sum <"$file" | cut -d' ' -f1)"
    qemu-img convert -f qcow2 -O raw "$file" "$disk.raw"
  done
  holds_a_pool root.raw "$(json node/script.status.json .pool.guid)"
  holds_an_esp boot.raw
  expect_text boot.raw 'hello from the ESP'

  story 'then the payload became two raw disks'
  for disk in boot root; do
    file=$(image rootfs "$disk")
    expect_equal "sum of $file" "$(json node/rootfs.status.json ".images.$disk.sha256")" "$(sha256sum <"$file" | cut -d' ' -f1)"
  done
  holds_a_pool "$(image rootfs root)" "$(json node/rootfs.status.json .pool.guid)"
  holds_an_esp "$(image rootfs boot)"

  story 'then Debian, of which a copy was booted until its login prompt stood on the live console, is the image that was saved before'
  for disk in boot root; do
    file=$(image debian "$disk")
    expect_equal "sum of $file" "$(json node/debian.status.json ".images.$disk.sha256")" "$(sha256sum <"$file" | cut -d' ' -f1)"
  done
  holds_a_pool "$(image debian root)" "$(json node/debian.status.json .pool.guid)"

  story "then ZFS itself opens the pool, outside of any kernel, and finds the datasets"
  unsquashfs -quiet -no-progress -dest toolbox node/builder/disk/toolbox.squashfs
  mkdir -p tmp partition
  chmod 1777 tmp
  dd if=root.raw of=partition/root bs=1M skip=1 conv=sparse status=none
  "$repo/e2e/run-container" "$PWD/toolbox" 107 "$PWD/tmp:/tmp" "$PWD/partition:/partition" -- zdb -e -p /partition -d tank | tee datasets
  expect_text datasets '^Dataset tank/root \[ZPL\]'
  expect_text datasets '^Dataset tank/data \[ZPL\]'
}

# The file of an image: image NAME boot|root
image() { printf 'node/claims/%s' "$(json "node/$1.status.json" ".images.$2 | .claim + \"/\" + .path")"; }

# A pool owns the whole disk: ZFS partitioned it, and its label has the guid. holds_a_pool DISK GUID
holds_a_pool() {
  local guid
  sgdisk --print "$1"
  expect_equal "type of partition 1 of $1" 'BF01' "$(sgdisk --print "$1" | awk '$1 == 1 {print $6}')"
  # The label's list is XDR: integers are big-endian.
  guid=$(printf '%016x' "$2")
  dd if="$1" bs=1K skip=1040 count=112 status=none | od -An -v -tx1 | tr -d ' \n' | grep -q "$guid"
}

# holds_an_esp DISK: beside the partition of a BIOS boot loader
holds_an_esp() {
  expect_equal "partition types of $1" 'EF02 EF00' "$(sgdisk --print "$1" | awk '$1 ~ /^[0-9]+$/ {print $6}' | xargs)"
}
