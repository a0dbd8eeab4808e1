#!/usr/bin/env bash
# What a release needs beyond `npm run ready`: every Linux target built, installed and tested, the build repeated in
# another folder, other versions of Node.js, more consumers. An hour or two on two cores where nothing has been compiled,
# half of it the suite under emulation.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

# From the committed files: what is not committed is no part of a release.
built_twice() {
  local copy
  copy=$(mktemp -d)
  git clone --quiet . "$copy/elsewhere"
  mkdir "$copy/elsewhere/target"
  ln -s "$PWD/target/cross-tools" "$copy/elsewhere/target/cross-tools"
  env -u SEALDIFF_CROSS_TARGET_DIR bash "$copy/elsewhere/scripts/build-targets.sh" linux-x64-gnu
  cmp "$copy/elsewhere/artifacts/sealdiff.linux-x64-gnu.node" artifacts/sealdiff.linux-x64-gnu.node
  rm -rf "$copy"
}
# The tests in the checkout take the addon that ships, and one with faults.
beside_the_tests() {
  cp artifacts/sealdiff.linux-x64-gnu.node .
  node scripts/build-addon.mjs --beside-tests --features fault-injection --out target/fault
}
bills_of_materials() {
  cargo install cargo-cyclonedx --version 0.5.9 --locked --quiet
  node scripts/sbom.mjs
}

# Two lanes of about as much work: on two processors node --test runs one file at a time.
glibc() {
  step "suite, linux-x64-gnu" node scripts/test-on-target.mjs linux-x64-gnu
  step "suite, linux-arm64-gnu" node scripts/test-on-target.mjs linux-arm64-gnu
  step "Node.js 22, 24, 26" node scripts/test-node-versions.mjs 22 24 26
}
the_rest() {
  step "suite, linux-x64-musl" node scripts/test-on-target.mjs linux-x64-musl
  step "suite, linux-arm64-musl" node scripts/test-on-target.mjs linux-arm64-musl
  step "consumers" npm run --silent test:consumers
  step "the same build in another folder" built_twice
}
# Each line begins with its lane. What fails ends its own lane, and in the end all.
side_by_side() {
  local lane running=() status=0
  for lane; do
    { "$lane" 2>&1 | sed -u "s/^/$lane: /"; } &
    running+=($!)
  done
  for lane in "${running[@]}"; do wait "$lane" || status=1; done
  return "$status"
}

step "cross tools" bash scripts/install-cross-tools.sh --arm64
step "addons" bash scripts/build-targets.sh
step "what the addons need" node scripts/check-addons.mjs
step "beside the tests" beside_the_tests
step "tarballs" node scripts/pack.mjs --out artifacts
step "what publishing would do" node scripts/publish.mjs artifacts --dry-run
step "bills of materials" bills_of_materials
step "what takes long" side_by_side glibc the_rest
printf '\nrelease checked after %d s\n' "$SECONDS"
