#!/usr/bin/env bash
# Coverage-guided fuzzing of the diff core: scripts/fuzz.sh [seconds-per-target] [target…]
# Builds the targets of fuzz/ with the stable compiler and runs as many at a time as there are processors.
# An input that fails is kept under fuzz/artifacts, and its path printed; all others that reach something
# new gather in fuzz/corpus. FUZZ_JOBS says how many targets run at a time; FUZZ_SEED and FUZZ_RUNS make the inputs those
# of every other run with the same seed and count, so that in CI a change is judged and not luck.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"

seconds=${1:-30}
shift $(($# > 0 ? 1 : 0))
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { printf 'usage: scripts/fuzz.sh [seconds-per-target] [target…]\n' >&2; exit 2; }
for file in fuzz_targets/*.rs; do known+=("$(basename "$file" .rs)"); done
targets=("${@:-${known[@]}}")
for target in "${targets[@]}"; do
  [ -f "fuzz_targets/$target.rs" ] || { printf 'no target %s; there are: %s\n' "$target" "${known[*]}" >&2; exit 2; }
done
need() {
  command -v "$1" >/dev/null || { printf '%s is missing; next: %s\n' "$1" "$2" >&2; exit 1; }
}
need cargo 'install Rust from https://rustup.rs'
need c++ 'apt-get install build-essential, for libFuzzer is built from source'

# As cargo-fuzz asks for it, which needs no other compiler but for its sanitizers: the core has no
# unsafe code that they could watch. Named, so that build scripts are compiled without.
host=$(rustc -vV | sed -n 's/^host: //p')
coverage=(
  -Cpasses=sancov-module
  -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares
  -Cllvm-args=-simplifycfg-branch-fold-threshold=0
  --cfg fuzzing
)
# Told apart from what the caller set: flags change where cargo keeps what it built.
RUSTFLAGS="${coverage[*]}" CARGO_TARGET_DIR=target \
  cargo build --release --locked --target "$host" "${targets[@]/#/--bin=}"
printf 'built after %d s\n' "$SECONDS"

# Slow inputs are found by the CPU time that each operation takes; the timeout, by the clock on the wall,
# is for endless loops and must not mind a busy machine.
# Runs one target; prints how far it came, or the end of its log.
fuzz() {
  local target=$1 log=artifacts/$1.log dictionary
  mkdir -p "corpus/$target" "artifacts/$target"
  dictionary=dictionaries/$target.dict
  [ -f "$dictionary" ] || dictionary=dictionaries/texts.dict
  if "target/$host/release/$target" -max_total_time="$seconds" -max_len=4096 -timeout=60 \
    -rss_limit_mb=1024 -print_final_stats=1 -dict="$dictionary" -seed="${FUZZ_SEED:-0}" -runs="${FUZZ_RUNS:--1}" -artifact_prefix="artifacts/$target/" \
    "corpus/$target" "seeds/$target" >"$log" 2>&1; then
    printf '%-11s %s\n' "$target" "$(sed -n 's/.*DONE *//p' "$log")"
    return
  fi
  grep -A 4 'panicked at\|ERROR: libFuzzer' "$log" | cut -c 1-1000 >&2
  printf '%s: FAILED on %s; log: fuzz/%s\n' "$target" \
    "$(sed -n 's/.*Test unit written to /fuzz\//p' "$log")" "$log" >&2
  printf 'again: fuzz/target/%s/release/%s FILE; smaller: the same with -minimize_crash=1 -runs=10000\n' "$host" "$target" >&2
  return 1
}
export -f fuzz
export seconds host
printf '%s\n' "${targets[@]}" | xargs -P "${FUZZ_JOBS:-$(nproc)}" -I '{}' bash -c 'fuzz {}' ||
  { printf 'fuzzing failed\n' >&2; exit 1; }
