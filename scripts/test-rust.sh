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
