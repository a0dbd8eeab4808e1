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
  # They would go before those of a target.
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
  local cargo_home=${CARGO_HOME:-$HOME/.cargo} rust_src map
  rust_src=$(rustc --print sysroot)/lib/rustlib/src/rust
  [ -d "$rust_src" ] || { export RUSTUP_TOOLCHAIN=deb; rust_src=/usr/lib/rustlib/src/rust; }
  # Without what takes room and says little: columns of places in the sources, which the log has of a panic, and the
  # fields of structures that are printed for developers.
  rust_flags="-Zlocation-detail=file,line -Zfmt-debug=shallow"
  # No unwinding goes through C code; a debugger finds what it needs in the debug symbols.
  CFLAGS="-fno-asynchronous-unwind-tables -fno-unwind-tables"
  for map in "$PWD=/sealdiff" "$CARGO_TARGET_DIR=/target" "$cargo_home=/cargo" "$rust_src=/rustc"; do
    rust_flags+=" --remap-path-prefix=$map"
    CFLAGS+=" -ffile-prefix-map=$map"
  done
  # What C code takes for today (`__DATE__`): one day, the first of 1980, for all builds. When it changes, all of C is
  # compiled again.
  export CFLAGS SOURCE_DATE_EPOCH=315532800
}

triple_of() {
  case $1 in
    linux-x64-gnu) echo x86_64-unknown-linux-gnu.$GLIBC ;;
    linux-arm64-gnu) echo aarch64-unknown-linux-gnu.$GLIBC ;;
    linux-x64-musl) echo x86_64-unknown-linux-musl ;;
    linux-arm64-musl) echo aarch64-unknown-linux-musl ;;
    *) echo "unknown target: $1" >&2; return 2 ;;
  esac
}

# All targets at once: each ends with minutes of one thread, which links and optimises the whole.
# The standard library is built along, without what prints backtraces: nobody sees them, and they take room.
build() {
  local name triple flags arguments=()
  for name; do
    triple=$(triple_of "$name")
    arguments+=(--target "$triple")
    flags=$rust_flags
    case $name in *-musl) flags+=" -Ctarget-feature=-crt-static" ;; esac
    triple=${triple%.*.*}
    triple=${triple^^}
    export "CARGO_TARGET_${triple//-/_}_RUSTFLAGS=$flags"
  done
  RUSTC_BOOTSTRAP=1 cargo auditable zigbuild --lib --release --locked "${arguments[@]}" \
    --config 'profile.release.strip="none"' \
    -Zbuild-std=std,panic_unwind -Zbuild-std-features= \
    --config profile.release.package.core.opt-level=3 \
    --config profile.release.package.alloc.opt-level=3 \
    --config profile.release.package.compiler_builtins.opt-level=3
}

# The names of functions, for debuggers and profilers, go into a file of their own, which the stripped one names.
split_symbols() {
  local triple objcopy=objcopy addon=artifacts/sealdiff.$1.node
  triple=$(triple_of "$1")
  local built=$CARGO_TARGET_DIR/${triple%.*.*}/release/libsealdiff.so
  [ "${triple%%-*}" = "$(uname -m)" ] || objcopy=${triple%%-*}-linux-gnu-objcopy
  "$objcopy" --only-keep-debug "$built" "$addon.debug"
  "$objcopy" --strip-all --add-gnu-debuglink="$addon.debug" "$built" "$addon"
  printf '%s: %d bytes\n' "$1" "$(stat -c %s "$addon")"
}

reproducible
build "$@"
mkdir -p artifacts
for name; do split_symbols "$name"; done
printf 'built after %d s\n' "$SECONDS"
