# shellcheck shell=bash
# NixOS: closures made on the spot by Debian's nix, real enough to boot (see e2e/nixos/make-closure).
repo=${repo:?e2e/scenario.sh sets it}
# shellcheck source=closures.sh
. "$repo/e2e/nixos/closures.sh"

# A configuration.nix that ends in a comment without a line end, and imports a file beside it.
hostile_configuration() {
  # shellcheck disable=SC2016 # it is Nix
  printf "%s\n" '{ ... }:' '{' '  imports = [ ./hardware/zfs-file-systems.nix ];' '  # $HOME `id` ${x} '"''"' "ünïcödé"' '}'
  printf '%s' '# the last line has no end'
}

scenario_nixos_boots_to_the_system_of_its_closure_and_grows() {
  story 'given a closure as a file of nix-store --export, and a configuration.nix'
  make_closure closure --name web
  pack_export closure closure.nar
  hostile_configuration >configuration.nix
  local sum expected
  sum=$(sha256sum <configuration.nix | cut -d' ' -f1)
  expected="up: $system configuration $sum"

  story 'when it is built, and booted under BIOS and UEFI until it says which system runs and whose configuration.nix it has'
  nixos_resource web "$system" '[{payload: {path: closure.nar}}]' "verify: {boot: {firmware: [bios, uefi], expect: \"$expected\", timeout: 20m}, grow: {by: 512Mi}}" \
    'configFile: {path: configuration.nix}' >web.yaml
  zdi build web.yaml -o out
  (cd out && sha256sum --check SHA256SUMS)

  story 'then the manifest holds what publishers of images derive'
  json out/manifest.json .
  expect_equal system "$system" "$(json out/manifest.json .nixos.system)"
  expect_equal label 24.11.web "$(json out/manifest.json .nixos.label)"
  expect_equal platform x86_64-linux "$(json out/manifest.json .system)"
  expect_equal 'logical size of the boot disk' "$((128 << 20))" "$(json out/manifest.json .images.boot.virtualBytes)"
  expect_equal 'logical size of the root disk' "$((512 << 20))" "$(json out/manifest.json .images.root.virtualBytes)"
}

scenario_nixos_installs_the_same_store_from_every_form_of_closure() {
  story 'given one closure as a binary cache, as a store tree with its registration, and as a result link of a local nix'
  make_closure closure --name forms
  pack_cache closure cache
  pack_tree closure tree
  local form
  for form in cache tree; do
    story "when it is built from the $form"
    nixos_resource "$form" "$system" "[{payload: {path: $form}}]" >"$form.yaml"
    zdi build "$form.yaml" -o "$form.out"
    story 'then the store was verified, contents and all, inside the builder'
    expect_text "$form.out/build.log" 'checking store hashes'
  done
  story 'when it is built from a result link of a local nix'
  ln -s "$system" result
  nixos_resource result "$system" '[{payload: {path: result}}]' >result.yaml
  in_store closure env HOME="$HOME" "$repo/zdi" build result.yaml -o result.out
  expect_text result.out/build.log 'checking store hashes'
}

scenario_nixos_takes_from_a_substituter_only_what_is_signed_by_its_key() {
  story 'given a signed binary cache behind a web server'
  make_closure closure --name cached
  make_key good-1 closure
  make_key other-1 closure
  pack_cache closure www closure/good-1.secret
  serve www
  # shellcheck disable=SC2154 # serve sets it
  local url=http://10.0.2.2:$port

  story 'when a build names the key, it is installed'
  nixos_resource good "$system" "[{substituter: {url: \"$url\", publicKeys: [\"$(<closure/good-1.public)\"]}}]" 'builder: {network: Pod}' >good.yaml
  zdi build good.yaml -o good

  story 'when a build names another key, it is refused with a reason'
  nixos_resource other "$system" "[{substituter: {url: \"$url\", publicKeys: [\"$(<closure/other-1.public)\"]}}]" 'builder: {network: Pod}' >other.yaml
  expect_failure 1 'PayloadInvalid.*signature' zdi build other.yaml -o other
  expect_no_image other

  story 'when one store path is missing, it is refused and named'
  rm "$(grep -l 'zfs-user' www/*.narinfo | head -n 1)"
  nixos_resource gap "$system" "[{substituter: {url: \"$url\", unsigned: true}}]" 'builder: {network: Pod}' >gap.yaml
  expect_failure 1 'PayloadInvalid.*missing' zdi build gap.yaml -o gap
  expect_no_image gap
}

scenario_nixos_is_built_by_the_builder_from_a_flake_and_from_a_configuration() {
  story 'given a flake behind a web server, which is also a nixpkgs'
  make_closure sources --sources
  mkdir www
  tar -C sources -cf www/flake.tar nixpkgs
  serve www

  story 'when the builder VM builds the flake, and the image is booted'
  nixos_resource flake '' '[]' 'builder: {network: Pod, memory: 4Gi}' | sed "s|^      system: .*|      flake: http://10.0.2.2:$port/flake.tar#test|" >flake.yaml
  printf '  verify: {boot: {firmware: [bios], expect: "nixos-system-test-24.11.test configuration", timeout: 20m}}\n' >>flake.yaml
  zdi build flake.yaml -o flake

  story 'when the builder VM builds a configuration.nix with that nixpkgs, which becomes root'"'"'s channel'
  printf '{ ... }:\n\n{\n  imports = [ ./hardware/zfs-file-systems.nix ];\n\n  networking.hostName = "conf";\n}\n' >configuration.nix
  nixos_resource conf '' '[]' 'builder: {memory: 4Gi}' | sed 's|^      system: .*|      configuration: {path: configuration.nix}|' >conf.yaml
  printf '      channel: {payload: {path: www/flake.tar}, subPath: nixpkgs}\n' >>conf.yaml
  printf '  verify: {boot: {firmware: [bios], expect: "nixos-system-conf-24.11.conf configuration %s", timeout: 20m}}\n' \
    "$(sha256sum <configuration.nix | cut -d' ' -f1)" >>conf.yaml
  zdi build conf.yaml -o conf
}

scenario_nixos_says_when_its_substituter_goes_away_half_way() {
  story 'given a binary cache behind a web server'
  make_closure closure --name gone
  pack_cache closure www
  serve www
  local server build
  server=$(jobs -p | head -n 1)
  nixos_resource gone "$system" "[{substituter: {url: \"http://10.0.2.2:$port\", unsigned: true}}]" 'builder: {network: Pod, retries: 0}' >gone.yaml

  story 'when the server ends while the closure is being copied'
  (expect_failure 1 'PayloadUnavailable.*substituter failed' zdi build gone.yaml -o gone) &
  build=$!
  wait_for 900 grep -rqs 'copying path' gone
  kill "$server"

  story 'then the build says so, and nothing is published'
  wait "$build"
  expect_no_image gone
}

scenario_nixos_refuses_closures_that_cannot_be_installed() {
  make_closure closure --name wrong
  pack_export closure closure.nar
  pack_cache closure cache

  story 'a toplevel that is not in the closure'
  local elsewhere=/nix/store/00000000000000000000000000000000-nixos-system-elsewhere-24.11
  nixos_resource elsewhere "$elsewhere" '[{payload: {path: closure.nar}}]' >elsewhere.yaml
  expect_failure 1 "PayloadInvalid.*$elsewhere is not in the closure" zdi build elsewhere.yaml -o elsewhere
  expect_no_image elsewhere

  story 'a cache one of whose files is truncated'
  local file
  file=$(find cache/nar -type f -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
  truncate -s "$(($(stat -c %s "$file") / 2))" "$file"
  nixos_resource truncated "$system" '[{payload: {path: cache}}]' >truncated.yaml
  expect_failure 1 'PayloadInvalid.*(too early|damaged)' zdi build truncated.yaml -o truncated
  expect_no_image truncated

  story 'a closure larger than the disk, said before the VM starts, with both numbers'
  truncate -s 2G large.nar
  dd if=closure.nar of=large.nar conv=notrunc status=none
  nixos_resource large "$system" '[{payload: {path: large.nar}}]' >large.yaml
  expect_failure 1 'closure.*2048 MiB.*512 MiB' zdi build large.yaml -o large
  if grep -q 'state=start' large/failed-build.log; then
    echo 'the VM was started'
    return 1
  fi
  expect_no_image large

  story 'a system of another architecture'
  make_closure foreign --name foreign --system aarch64-linux
  pack_export foreign foreign.nar
  nixos_resource foreign "$system" '[{payload: {path: foreign.nar}}]' >foreign.yaml
  expect_failure 1 'PayloadInvalid.*aarch64-linux' zdi build foreign.yaml -o foreign
  expect_no_image foreign
}
