# shellcheck shell=bash
# More of NixOS than every run needs: e2e/run --nixos
repo=${repo:?e2e/scenario.sh sets it}
# shellcheck source=closures.sh
. "$repo/e2e/nixos/closures.sh"

scenario_nixos_is_built_by_the_builder_from_a_flake() {
  story 'given a flake behind a web server'
  make_closure sources --sources
  mkdir www
  tar -C sources -cf www/flake.tar nixpkgs
  serve www

  story 'when the builder VM builds it, and the image is booted'
  # shellcheck disable=SC2154 # serve sets it
  nixos_resource flake '' '[]' 'builder: {network: Pod, memory: 4Gi}' | sed "s|^      system: .*|      flake: http://10.0.2.2:$port/flake.tar#test|" >flake.yaml
  printf '  verify: {boot: {firmware: [bios], expect: "nixos-system-test-24.11.test configuration", timeout: 20m}}\n' >>flake.yaml
  zdi build flake.yaml -o flake
}

scenario_nixos_refuses_a_system_of_another_architecture() {
  make_closure foreign --name foreign --system aarch64-linux
  pack_export foreign foreign.nar
  nixos_resource foreign "$system" '[{payload: {path: foreign.nar}}]' >foreign.yaml
  expect_failure 1 'PayloadInvalid.*aarch64-linux' zdi build foreign.yaml -o foreign.out
  expect_no_image foreign.out
}

scenario_nixos_refuses_what_a_closure_lacks() {
  make_closure closure --name wrong
  pack_cache closure cache

  story 'a toplevel that is not in the closure'
  local elsewhere=/nix/store/00000000000000000000000000000000-nixos-system-elsewhere-24.11
  pack_export closure small.nar "$(path_named closure etc)"
  nixos_resource elsewhere "$elsewhere" '[{payload: {path: small.nar}}]' >elsewhere.yaml
  expect_failure 1 "PayloadInvalid.*$elsewhere is not in the closure" zdi build elsewhere.yaml -o elsewhere
  expect_no_image elsewhere

  story 'a truncated file of a binary cache'
  cp -a cache truncated
  local file
  file=$(find truncated/nar -type f -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
  truncate -s "$(($(stat -c %s "$file") / 2))" "$file"
  nixos_resource truncated "$system" '[{payload: {path: truncated}}]' >truncated.yaml
  expect_failure 1 'PayloadInvalid.*(too early|damaged)' zdi build truncated.yaml -o truncated.out
  expect_no_image truncated.out

  story 'a binary cache that lacks a store path, which is named'
  cp -a cache gap.cache
  rm "$(grep -l 'StorePath: .*-zfs-user' gap.cache/*.narinfo)"
  nixos_resource gap "$system" '[{payload: {path: gap.cache}}]' >gap.yaml
  expect_failure 1 'PayloadInvalid.*missing.*zfs-user' zdi build gap.yaml -o gap
  expect_no_image gap

  story 'a store tree one of whose files was changed'
  local -a paths
  mapfile -t paths < <(closure_paths closure)
  pack_tree closure tree "${paths[@]}"
  chmod u+w tree/store/*-nixos-system-*
  printf ' changed' >>"$(echo tree/store/*-nixos-system-*/kernel-params)"
  nixos_resource changed "$system" '[{payload: {path: tree}}]' >changed.yaml
  expect_failure 1 'PayloadInvalid.*not what its hash says' zdi build changed.yaml -o changed
  expect_no_image changed
}
