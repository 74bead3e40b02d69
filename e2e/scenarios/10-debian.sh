# shellcheck shell=bash
# Debian: built once (the slowest scenario, so it starts first), then used as its owner would.
repo=${repo:?e2e/scenario.sh sets it}

scenario_debian_boots_under_bios_and_uefi_runs_clean_and_grows() { # takes minutes
  story 'given the verified Debian sample'
  cp "$repo/operator/samples/debian-verified.yaml" debian.yaml

  story 'when it is built'
  zdi build debian.yaml -o out

  story 'then zdi itself has booted it under both firmwares and grown it, and says so'
  expect_equal 'boot modes' '["bios","uefi"]' "$(jq -c .bootModes out/manifest.json)"
  expect_text out/build.log 'the pool has grown with its disk'
  (cd out && sha256sum --check SHA256SUMS)

  story 'then a second build takes the root file system from the cache and ends with other images of the same content'
  zdi build "$repo/operator/samples/debian.yaml" -o again
  (cd again && sha256sum --check SHA256SUMS)

  story 'when its owner gives the root disk 1 GiB more and logs in on the serial console'
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
