# shellcheck shell=bash
# Debian: built once (the slowest scenario, so it starts first), then used as its owner would.
repo=${repo:?e2e/scenario.sh sets it}

scenario_debian_boots_under_bios_and_uefi_runs_clean_and_grows() { # takes minutes
  story 'given the Debian sample, to be tried under UEFI before the build counts as good'
  cp "$repo/operator/samples/debian.yaml" debian.yaml
  printf '  verify: {boot: {firmware: [uefi], expect: "login:", timeout: 20m}}\n' >>debian.yaml

  story 'when it is built'
  zdi build debian.yaml -o out

  story 'then zdi itself has booted it, and says so'
  expect_text out/build.log 'verify-uefi: done'
  expect_equal 'boot modes' '["bios","uefi"]' "$(jq -c .bootModes out/manifest.json)"
  (cd out && sha256sum --check SHA256SUMS)

  story 'when its owner gives the root disk 1 GiB more and logs in on the serial console, under BIOS'
  local size before
  size=$(stat -c %s out/*.root.img)
  before=$(json out/manifest.json '.pool.bytes')
  truncate -s "$((size + (1 << 30)))" "$(echo out/*.root.img)"
  "$repo/e2e/scenarios/log-in.exp" "$repo/zdi" out bios

  story 'then nothing failed at boot, the root is ZFS, and the pool has grown with the disk'
  local report=report.txt
  cat "$report"
  expect_text "$report" '^state=running$'
  expect_text "$report" '^root=zfs tank/'
  expect_text "$report" 'errors: No known data errors'
  local after grown
  after=$(sed -n 's/^size=//p' "$report")
  grown=$((after - before))
  ((grown > 1000000000 && grown <= (1 << 30))) || { echo "the pool grew by $grown bytes"; return 1; }
}
