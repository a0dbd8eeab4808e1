#!/usr/bin/env bash
# Rust tests. nextest runs no documentation tests, so these come second; without nextest, cargo runs both.
set -euo pipefail
cd "$(dirname "$0")/.."
# Named, for cargo keeps apart what is built for a named target: the addon with faults shares it (scripts/ready.sh).
CARGO_BUILD_TARGET=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_BUILD_TARGET
# Property tests take the same inputs at every run, so that a change is judged and not luck; CONTRIBUTING.md says how
# to have others drawn.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1}
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --locked "$@"
  cargo test --workspace --doc --locked
else
  cargo test --workspace --locked "$@"
fi

# The one crate below the adapter with unsafe code, once more under valgrind: five seconds.
under_valgrind() {
  local programs program
  if ! command -v valgrind >/dev/null; then
    printf 'valgrind is missing: its tests are skipped\n' >&2
    [ "${CI:-}" != true ]
    return
  fi
  programs=$(cargo test --workspace --tests --no-run --locked --message-format=json |
    sed -n '/sealdiff-secure-memory/s/.*"executable":"\([^"]*\)".*/\1/p' | sort -u)
  [ -n "$programs" ] || { printf 'no test of secure-memory was built\n' >&2; return 1; }
  for program in $programs; do
    valgrind --quiet --error-exitcode=1 --leak-check=full \
      --show-leak-kinds=definite --errors-for-leak-kinds=definite \
      "$program" --test-threads 1 --quiet </dev/null
  done
}

# And under AddressSanitizer, which the stable compiler has behind a switch: half a minute. It makes a
# no-op of mlock, so that the tests which ask the system what is locked can't hold.
under_asan() {
  RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=target/asan \
    ASAN_OPTIONS=detect_stack_use_after_return=0 \
    cargo test -p sealdiff-secure-memory --lib --tests --locked -- \
    --skip protection::a_denied_lock_is_an_error_or_leaves_guarded_memory \
    --skip protection::lives_within_a_limit_of_64_kib \
    --skip protection::secrets_are_locked_and_left_out_of_core_dumps
}

under_valgrind
under_asan
