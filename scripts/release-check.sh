#!/usr/bin/env bash
# What a release needs beyond `npm run ready`: every Linux target built, installed and tested, the build repeated in
# another folder, other versions of Node.js, more consumers. Two hours on two cores where nothing is compiled, most of
# it the suite under emulation.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

built_twice() {
  local copy
  copy=$(mktemp -d)
  git clone --quiet . "$copy/elsewhere"
  ln -s "$PWD/target/cross-tools" "$copy/cross-tools"
  mkdir "$copy/elsewhere/target"
  mv "$copy/cross-tools" "$copy/elsewhere/target/cross-tools"
  bash "$copy/elsewhere/scripts/build-targets.sh" linux-x64-gnu
  cmp "$copy/elsewhere/artifacts/sealdiff.linux-x64-gnu.node" artifacts/sealdiff.linux-x64-gnu.node
  rm -rf "$copy"
}

step "cross tools" bash scripts/install-cross-tools.sh --arm64
step "addons" bash scripts/build-targets.sh
step "what the addons need" node scripts/check-addons.mjs
step "tarballs" node scripts/pack.mjs --out artifacts
step "suite, linux-x64-gnu" node scripts/test-on-target.mjs linux-x64-gnu
step "suite, linux-x64-musl" node scripts/test-on-target.mjs linux-x64-musl
step "suite, linux-arm64-gnu" node scripts/test-on-target.mjs linux-arm64-gnu
step "suite, linux-arm64-musl" node scripts/test-on-target.mjs linux-arm64-musl
step "Node.js 22, 24, 26" node scripts/test-node-versions.mjs 22 24 26
step "consumers" npm run --silent test:consumers
step "the same build in another folder" built_twice
step "bills of materials" node scripts/sbom.mjs
printf '\nrelease checked after %d s\n' "$SECONDS"
