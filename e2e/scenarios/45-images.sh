# shellcheck shell=bash
# The OCI images: another program reads them, they are the same when made again, and what is in them runs as a cluster runs it.
repo=${repo:?e2e/scenario.sh sets it}
version=$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' "$repo/pom.xml" | head -n 1)

scenario_oci_images_hold_what_a_cluster_runs() {
  story 'when all images are written to a folder'
  zdi images --to images
  local name archive
  for name in operator builder tools debian; do
    archive=$(oci_archive "$name")
    story "then skopeo reads and copies $archive, and its bill of materials names what is in it"
    skopeo inspect "oci-archive:$archive" >"$name.json"
    skopeo inspect --config "oci-archive:$archive" >"$name-config.json"
    skopeo copy --quiet "oci-archive:$archive" "dir:$name-dir"
    expect_equal "title of $name" "zfs-disk-image-$name" "$(json "$name.json" '.Labels."org.opencontainers.image.title"')"
    expect_equal "version of $name" "$version" "$(json "$name.json" '.Labels."org.opencontainers.image.version"')"
    expect_equal "architecture of $name" "$(dpkg --print-architecture)" "$(json "$name.json" .Architecture)"
    expect_equal "digest in the bill of $name" "$(json "$name.json" .Digest)" "sha256:$(json "${archive%.tar}.cdx.json" '.metadata.component.hashes[0].content')"
    jq -e '.components | length > 30' "${archive%.tar}.cdx.json"
  done

  story 'then the builder and the Debian payload are files of user 107, as KubeVirt reads them'
  layers builder | sort >builder.files
  diff builder.files - <<'FILES'
107/107 boot/initrd.img
107/107 boot/vmlinuz
107/107 disk/toolbox.squashfs
FILES
  expect_equal 'the Debian payload' '107/107 disk/rootfs.squashfs' "$(layers debian)"

  story 'then the operator runs as nobody, read-only, from its own root: it knows its verb, and its archive of classes is used'
  expect_equal 'user of the operator' 65532:65532 "$(json operator-config.json .config.User)"
  unpack operator
  local -a entrypoint
  mapfile -t entrypoint < <(json operator-config.json '.config.Entrypoint[]')
  in_root operator 65532 "${entrypoint[@]}" --help | tee help.log
  expect_text help.log '^Usage: zdi operator'
  in_root operator 65532 "${entrypoint[0]}" -Xshare:on -Xlog:class+load "${entrypoint[@]:1}" --help >load.log
  expect_text load.log 'QuarkusEntryPoint source: shared objects file'

  story "then the Jobs' programs run as user 107, read-only, from the tools' own root"
  expect_equal 'user of the tools' 107:107 "$(json tools-config.json .config.User)"
  unpack tools
  mkdir -p volumes/{boot,root,out}
  chown 107:107 volumes/{boot,root,out}
  local scripts=$repo/src/main/resources/kubernetes
  in_tools "$(<"$scripts/prepare.sh")" prepare.sh /disks/boot $((64 << 20)) /disks/root $((256 << 20))
  expect_equal 'sizes of the disks' "$((64 << 20)) $((256 << 20))" "$(stat -c %s volumes/{boot,root}/disk.img | xargs)"
  printf 'not empty' | dd of=volumes/root/disk.img bs=1M seek=200 conv=notrunc status=none
  in_tools "$(<"$scripts/convert.sh")" convert.sh /out web qcow2 /disks/boot/disk.img /disks/root/disk.img -O qcow2 -c
  in_tools "$(<"$scripts/hash.sh")" hash.sh qcow2 /out/web.boot.qcow2 /out/web.root.qcow2 \
    /out '{"name":"web"}' '{"file":"web.boot.qcow2"}' '{"file":"web.root.qcow2"}'
  (cd volumes/out && sha256sum --check SHA256SUMS)
  qemu-img compare -f raw -F qcow2 volumes/root/disk.img volumes/out/web.root.qcow2
  expect_text volumes/termination-log "^root $((256 << 20)) "
  expect_equal 'sum in the manifest' "$(sha256sum volumes/out/web.root.qcow2 | cut -c1-64)" "$(json volumes/out/manifest.json .images.root.sha256)"
  expect_equal 'name in the manifest' web "$(json volumes/out/manifest.json .name)"
  in_tools 'curl --version && jq --version && sgdisk --version && zstd --version && [ -s /etc/ssl/certs/ca-certificates.crt ] && ! touch /etc/x' tools

  story 'when the tools are bootstrapped once more from the same state of the Debian archive, and the builder is packed once more'
  local cache=${ZDI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zfs-disk-image}
  mkdir fresh
  cp -al "$cache"/{appliance,apt,debs} fresh/
  ZDI_CACHE=$PWD/fresh zdi images --to again --image tools,builder
  story 'then the archives are the same, byte for byte'
  for name in tools builder; do
    archive=$(oci_archive "$name")
    cmp "$archive" "again/${archive#*/}"
    cmp "${archive%.tar}.cdx.json" "again/$(basename "${archive%.tar}").cdx.json"
  done
}

oci_archive() { printf 'images/zfs-disk-image-%s-%s-%s.tar' "$1" "$version" "$(dpkg --print-architecture)"; }

# The files of an image's layers with their owners: layers NAME
layers() {
  local digest
  json "$1-dir/manifest.json" '.layers[].digest' | while read -r digest; do
    tar --list --verbose --gzip --numeric-owner --warning=no-unknown-keyword --file "$1-dir/${digest#sha256:}" |
      awk '/^-/ {print $2, $6}'
  done
}

# unpack NAME: its layers in NAME-root
unpack() {
  local digest
  mkdir "$1-root"
  json "$1-dir/manifest.json" '.layers[].digest' | while read -r digest; do
    tar --extract --gzip --numeric-owner --warning=no-unknown-keyword --file "$1-dir/${digest#sha256:}" --directory "$1-root"
  done
}

# in_root NAME USER COMMAND…: with /tmp of its own
in_root() {
  mkdir -p tmp
  chmod 1777 tmp
  "$repo/e2e/run-container" "$PWD/$1-root" "$2" "$PWD/tmp:/tmp" -- "${@:3}"
}

# in_tools PROGRAM-TEXT NAME ARGUMENT…: as a Job of the operator runs it
in_tools() {
  local -a mounts=("$PWD/volumes/boot:/disks/boot" "$PWD/volumes/root:/disks/root" "$PWD/volumes/out:/out")
  : >volumes/termination-log
  chmod 666 volumes/termination-log
  "$repo/e2e/run-container" "$PWD/tools-root" 107 "${mounts[@]}" "$PWD/volumes/termination-log:/dev/termination-log" -- bash -c "$@"
}
