#!/usr/bin/env bash
# Builds the addon for Linux targets into artifacts/, stripped, with its debug symbols beside it.
# About 9 minutes of CPU time a target where nothing is compiled. Needs scripts/install-cross-tools.sh.
# usage: build-targets.sh [linux-x64-gnu | linux-x64-musl | linux-arm64-gnu | linux-arm64-musl]...   (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."

GLIBC=2.17
TOOLS=$PWD/target/cross-tools
export CARGO_TARGET_DIR=${SEALDIFF_CROSS_TARGET_DIR:-$PWD/target/cross}
PATH=$TOOLS/py/bin:$PATH

for tool in cargo-zigbuild cargo-auditable; do
  command -v $tool >/dev/null || { echo "$tool is missing: run \"bash scripts/install-cross-tools.sh --arm64\" first" >&2; exit 1; }
done
[ $# -gt 0 ] || set -- linux-x64-gnu linux-x64-musl linux-arm64-gnu linux-arm64-musl

# The same file from any folder: paths of this machine are no part of it, in Rust code nor in C. The sources of the
# standard library come with rustup's component rust-src, or with Debian's compiler (install-cross-tools.sh).
reproducible() {
  local cargo_home=${CARGO_HOME:-$HOME/.cargo} rust_src map
  rust_src=$(rustc --print sysroot)/lib/rustlib/src/rust
  [ -d "$rust_src" ] || { export RUSTUP_TOOLCHAIN=deb; rust_src=/usr/lib/rustlib/src/rust; }
  RUSTFLAGS=""
  # No unwinding goes through C code; a debugger finds what it needs in the debug symbols.
  CFLAGS="-fno-asynchronous-unwind-tables -fno-unwind-tables"
  for map in "$PWD=/sealdiff" "$CARGO_TARGET_DIR=/target" "$cargo_home=/cargo" "$rust_src=/rustc"; do
    RUSTFLAGS+=" --remap-path-prefix=$map"
    CFLAGS+=" -ffile-prefix-map=$map"
  done
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
  export RUSTFLAGS CFLAGS SOURCE_DATE_EPOCH
}

build() {
  local name=$1 triple=$2 started=$SECONDS
  local built=$CARGO_TARGET_DIR/${triple%.*.*}/release/libsealdiff.so
  shift 2
  cargo auditable zigbuild --lib --release --locked --target "$triple" \
    --config 'profile.release.strip="none"' "$@"
  split_symbols "$built" "artifacts/sealdiff.$name.node" "${triple%%-*}"
  printf '%s: %d s, %d bytes\n' "$name" $((SECONDS - started)) "$(stat -c %s "artifacts/sealdiff.$name.node")"
}

# The names of functions, for debuggers and profilers, go into a file of their own, which the stripped one names.
split_symbols() {
  local built=$1 addon=$2 objcopy=objcopy
  [ "$3" = "$(uname -m)" ] || objcopy=$3-linux-gnu-objcopy
  mkdir -p artifacts
  "$objcopy" --only-keep-debug "$built" "$addon.debug"
  "$objcopy" --strip-all --add-gnu-debuglink="$addon.debug" "$built" "$addon"
}

# The standard library is built along, without what prints backtraces: nobody sees them, and they take room.
with_std() {
  RUSTC_BOOTSTRAP=1 build "$@" -Zbuild-std=std,panic_unwind -Zbuild-std-features= \
    --config profile.release.package.core.opt-level=3 \
    --config profile.release.package.alloc.opt-level=3 \
    --config profile.release.package.compiler_builtins.opt-level=3
}

musl() {
  RUSTFLAGS="$RUSTFLAGS -Ctarget-feature=-crt-static" with_std "$@"
}

reproducible
for name; do
  case $name in
    linux-x64-gnu) with_std "$name" x86_64-unknown-linux-gnu.$GLIBC ;;
    linux-arm64-gnu) with_std "$name" aarch64-unknown-linux-gnu.$GLIBC ;;
    linux-x64-musl) musl "$name" x86_64-unknown-linux-musl ;;
    linux-arm64-musl) musl "$name" aarch64-unknown-linux-musl ;;
    *) echo "unknown target: $name" >&2; exit 2 ;;
  esac
done
