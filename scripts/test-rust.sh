#!/usr/bin/env bash
# Rust tests. nextest runs no documentation tests, so these come second; without nextest, cargo runs both.
set -euo pipefail
cd "$(dirname "$0")/.."
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
  cargo test -p sealdiff-secure-memory --tests --no-run --locked --message-format=json |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | sort -u | while read -r program; do
      valgrind --quiet --error-exitcode=1 --leak-check=full \
        --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        "$program" --test-threads 1 --quiet </dev/null
    done
}
under_valgrind
