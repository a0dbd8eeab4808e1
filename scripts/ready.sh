#!/usr/bin/env bash
# Every check, in the order in which it fails soonest; stops at the first failure.
# Run by `npm run ready` and by .ci/run, which installs the tools first.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

formatted() {
  cargo fmt --all --check && cargo fmt --manifest-path fuzz/Cargo.toml --check && biome check --error-on-warnings
}
clippy() { cargo clippy --workspace --all-targets --all-features --locked -- -D warnings; }
# The crates are published nowhere, so their documentation is for who works on them: private items too,
# which makes links to them work; rustdoc would warn all the same.
rust_docs() {
  RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc --workspace --no-deps --document-private-items --locked
}
# A debug build, of which native.d.ts is made too: the Rust tests have compiled all that it needs.
debug_addon() { node scripts/build-addon.mjs --beside-tests --features fault-injection --out target/fault; }
# What ships: for glibc and for musl. The tests in the checkout take the first.
addons() {
  bash scripts/build-targets.sh linux-x64-gnu linux-x64-musl
  cp artifacts/sealdiff.linux-x64-gnu.node .
  node scripts/check-addons.mjs linux-x64-gnu linux-x64-musl
}
musl_tests() {
  node scripts/pack.mjs --out artifacts
  node scripts/test-on-target.mjs linux-x64-musl
}
# The same inputs at every run, so that luck fails no change; longer runs with others are made by hand.
fuzzing() {
  rm -rf fuzz/corpus
  FUZZ_SEED=1 FUZZ_RUNS=6000 bash scripts/fuzz.sh 60
}
js_tests() { node --test --test-timeout=300000 __test__/*.test.mjs; }
# Fails where a generated file differs from the committed one, or something was left behind.
nothing_left() {
  local left
  git diff --exit-code && left=$(git status --porcelain) || return
  [ -z "$left" ] || { printf '%s\n' "$left" >&2; return 1; }
}
# The rules are about edges that do not exist, so a rule that nothing matches is no warning.
dependencies() { cargo deny --workspace --locked check -A unused-wrapper bans licenses sources; }

step "format" formatted
step "spelling" typos
step "dependencies" dependencies
step "clippy" clippy
step "Rust tests" bash scripts/test-rust.sh
step "Rust documentation" rust_docs
step "addon with faults, generated types" debug_addon
step "addons" addons
step "demo" npm run --silent demo
step "types" npm run --silent test:types
step "package" npm run --silent test:package
step "JavaScript tests" js_tests
step "JavaScript tests on musl" musl_tests
step "other versions of Node.js" node scripts/test-node-versions.mjs --smoke 22 24 26
step "instructions" npm run --silent bench:compare
step "fuzzing" fuzzing
step "nothing uncommitted" nothing_left
printf '\nready after %d s\n' "$SECONDS"
