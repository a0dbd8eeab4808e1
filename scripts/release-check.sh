#!/usr/bin/env bash
# What a release needs beyond `npm run ready`: every Linux target built, installed and tested, the build repeated in
# another folder, other versions of Node.js, more consumers. An hour and a half on two cores where nothing is compiled,
# a third of it the suite under emulation.
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
  node scripts/build-addon.mjs --features fault-injection --out target/fault
}
# Each keeps one processor busy at most. The one that is named first is the one to be watched.
suites() {
  local watched=$1 beside=$2 log=artifacts/suite-$2.log running
  node scripts/test-on-target.mjs "$beside" >"$log" 2>&1 &
  running=$!
  node scripts/test-on-target.mjs "$watched" || { wait "$running" || cat "$log"; return 1; }
  wait "$running" || { cat "$log"; return 1; }
  printf '\n%s:\n' "$beside"
  tail -n 12 "$log"
}
bills_of_materials() {
  cargo install cargo-cyclonedx --version 0.5.9 --locked --quiet
  node scripts/sbom.mjs
}

step "cross tools" bash scripts/install-cross-tools.sh --arm64
step "addons" bash scripts/build-targets.sh
step "what the addons need" node scripts/check-addons.mjs
step "beside the tests" beside_the_tests
step "tarballs" node scripts/pack.mjs --out artifacts
step "what publishing would do" node scripts/publish.mjs artifacts --dry-run
step "bills of materials" bills_of_materials
step "suites on x64" suites linux-x64-gnu linux-x64-musl
step "suites on arm64" suites linux-arm64-gnu linux-arm64-musl
step "Node.js 22, 24, 26" node scripts/test-node-versions.mjs 22 24 26
step "consumers" npm run --silent test:consumers
step "the same build in another folder" built_twice
printf '\nrelease checked after %d s\n' "$SECONDS"
