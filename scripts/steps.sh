# For scripts that run named steps: sourced, not run. Each step prints its time, and the first that fails ends all.
# What .ci/run and npm installed for this checkout alone:
PATH="$PWD/target/tools/bin:$PWD/node_modules/.bin:$PATH"

step() {
  local name=$1 started=$SECONDS status
  shift
  printf '\n=== %s\n' "$name"
  # In a shell of its own, not in a condition: there, a function would go on after its first failure.
  set +e
  (set -e; "$@")
  status=$?
  set -e
  [ "$status" -eq 0 ] || { printf '=== %s: FAILED after %d s\n' "$name" $((SECONDS - started)) >&2; exit 1; }
  printf '=== %s: %d s\n' "$name" $((SECONDS - started))
}
