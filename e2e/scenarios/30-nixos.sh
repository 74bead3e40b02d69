# shellcheck shell=bash
# NixOS: closures made on the spot by Debian's nix, real enough to boot (see e2e/nixos/make-closure).
repo=${repo:?e2e/scenario.sh sets it}
# shellcheck source=../nixos/closures.sh
. "$repo/e2e/nixos/closures.sh"

# A configuration.nix that ends in a comment without a line end, and imports a file beside it.
hostile_configuration() {
  # shellcheck disable=SC2016 # it is Nix
  printf "%s\n" '{ ... }:' '{' '  imports = [ ./hardware/zfs-file-systems.nix ];' '  # $HOME `id` ${x} '"''"' "ünïcödé"' '}'
  printf '%s' '# the last line has no end'
}

scenario_nixos_installs_from_every_kind_of_closure_boots_and_grows() { # takes minutes
  story 'given a closure whose parts lie in a local nix, in a store tree, in an export, in a binary cache and behind a web server that signs'
  make_closure closure --name web
  make_key good-1 closure
  ln -s "$(path_named closure zfs-user)" result
  pack_tree closure tree "$(path_named closure 'linux-*')"
  pack_export closure grub.nar "$(path_named closure grub)"
  pack_cache closure cache
  leave_in_cache cache 'initrd-*'
  pack_cache closure www closure/good-1.secret
  leave_in_cache www 'nixos-system-*' etc
  serve www
  story 'and a configuration.nix'
  hostile_configuration >configuration.nix
  local sum sources
  sum=$(sha256sum <configuration.nix | cut -d' ' -f1)
  # shellcheck disable=SC2154 # make_closure sets system, serve sets port
  sources="[{payload: {path: result}}, {payload: {path: tree}}, {payload: {path: grub.nar}}, {payload: {path: cache}},
        {substituter: {url: \"http://10.0.2.2:$port\", publicKeys: [\"$(<closure/good-1.public)\"]}}]"

  story 'when it is built, and booted under BIOS and UEFI until it says which system runs and whose configuration.nix it has'
  nixos_resource web "$system" "$sources" "builder: {network: Pod}
verify: {boot: {firmware: [bios, uefi], expect: \"up: $system configuration $sum\", timeout: 20m}, grow: {by: 512Mi}}" \
    'configFile: {path: configuration.nix}' >web.yaml
  in_store closure env HOME="$HOME" "$repo/zdi" build web.yaml -o out
  (cd out && sha256sum --check SHA256SUMS)

  story 'then the store was verified, contents and all, and the pool has grown'
  expect_text out/build.log 'checking store hashes'
  expect_text out/build.log 'the pool has grown with its disk'

  story 'then the manifest holds what publishers of images derive'
  json out/manifest.json .
  expect_equal system "$system" "$(json out/manifest.json .nixos.system)"
  expect_equal label 24.11.web "$(json out/manifest.json .nixos.label)"
  expect_equal platform x86_64-linux "$(json out/manifest.json .system)"
  expect_equal 'boot modes' '["bios","uefi"]' "$(jq -c .bootModes out/manifest.json)"
  expect_equal 'logical size of the boot disk' "$((128 << 20))" "$(json out/manifest.json .images.boot.virtualBytes)"
  expect_equal 'logical size of the root disk' "$((512 << 20))" "$(json out/manifest.json .images.root.virtualBytes)"
}

scenario_nixos_is_built_by_the_builder_from_a_configuration() { # takes minutes
  story "given a configuration.nix, a nixpkgs, and the sample of Amazon's layout"
  make_closure sources --sources
  tar -C sources -cf nixpkgs.tar nixpkgs
  printf '{ ... }:\n\n{\n  imports = [ ./hardware/zfs-file-systems.nix ];\n\n  networking.hostName = "conf";\n}\n' >configuration.nix
  sed -e 's|^      system: .*|      configuration: {path: configuration.nix}|' \
    -e 's|^      closure:|      channel:|; s|^        - payload: .*|        payload: {path: nixpkgs.tar}\n        subPath: nixpkgs|' \
    "$repo/operator/samples/nixos-ec2.yaml" >conf.yaml
  cp conf.yaml small.yaml
  printf '  builder: {memory: 4Gi, cores: 1}\n  verify: {boot: {firmware: [bios], expect: "nixos-system-conf-24.11.conf configuration %s", timeout: 20m}}\n' \
    "$(sha256sum <configuration.nix | cut -d' ' -f1)" >>conf.yaml

  story 'when the builder has too little memory for an evaluation, that is said at once'
  expect_failure 2 'spec.builder.memory: "2Gi"' zdi build small.yaml -o small

  story 'when the builder VM builds it, then the image boots, and nix told how far it was'
  zdi build conf.yaml -o conf
  expect_text conf/build.log 'nix: building /etc/nixos/configuration.nix, derivation [0-9]+ of [0-9]+'
  expect_text conf/build.log 'channels --set /nix/store/[0-9a-z]{32}-nixos-24.11'
  expect_equal mounts '/ /home /nix /var' "$(json conf/manifest.json '[.mounts[].path] | sort | join(" ")')"
  expect_equal format vpc "$(json conf/manifest.json .images.root.format)"
}

scenario_nixos_refuses_what_it_cannot_trust_fit_or_fetch() { # takes minutes
  make_closure closure --name wrong
  make_key good-1 closure
  make_key other-1 closure
  mkdir -p www/cgi-bin
  pack_cache closure www/cache closure/good-1.secret
  cp "$repo/e2e/nixos/vanishing-cache" www/cgi-bin/cache
  serve www
  jobs -p | tail -n 1 >www/server
  local url=http://10.0.2.2:$port/cache

  story 'a closure larger than the disk, said before the VM starts, with both numbers'
  pack_export closure large.nar
  truncate -s 2G large.nar
  nixos_resource large "$system" '[{payload: {path: large.nar}}]' >large.yaml
  expect_failure 1 'closure.*2048 MiB.*512 MiB' zdi build large.yaml -o large
  if grep -q 'start-vm' failure.log; then
    echo 'the VM was started'
    return 1
  fi
  expect_no_image large

  story 'store paths that another key has signed'
  nixos_resource other "$system" "[{substituter: {url: \"$url\", publicKeys: [\"$(<closure/other-1.public)\"]}}]" 'builder: {network: Pod}' >other.yaml
  expect_failure 1 'PayloadInvalid.*signature' zdi build other.yaml -o other
  expect_no_image other

  story 'a binary cache whose server goes away half-way'
  nixos_resource gone "$system" "[{substituter: {url: \"http://10.0.2.2:$port/cgi-bin/cache\", unsigned: true}}]" 'builder: {network: Pod, retries: 0}' >gone.yaml
  expect_failure 1 'PayloadUnavailable.*substituter failed' zdi build gone.yaml -o gone
  expect_no_image gone
}
