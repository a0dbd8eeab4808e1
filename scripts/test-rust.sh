#!/usr/bin/env bash
# Rust tests. nextest runs no documentation tests, so these come second; without nextest, cargo runs both.
set -euo pipefail
cd "$(dirname "$0")/.."
# Named, for cargo keeps apart what is built for a named target: the addon with faults shares it (scripts/ready.sh).
CARGO_BUILD_TARGET=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_BUILD_TARGET
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --locked "$@"
  cargo test --workspace --doc --locked
else
  cargo test --workspace --locked "$@"
fi

# The one crate below the adapter with unsafe code, once more under valgrind: five seconds.
under_valgrind() {
  local program
  if ! command -v valgrind >/dev/null; then
    printf 'valgrind is missing: its tests are skipped\n' >&2
    [ "${CI:-}" != true ]
    return
  fi
  cargo test --workspace --tests --no-run --locked --message-format=json |
    sed -n '/sealdiff-secure-memory/s/.*"executable":"\([^"]*\)".*/\1/p' | sort -u | while read -r program; do
      valgrind --quiet --error-exitcode=1 --leak-check=full \
        --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        "$program" --test-threads 1 --quiet </dev/null
    done
}
under_valgrind
