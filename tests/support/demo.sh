#!/usr/bin/env bash
# `make demo`: two jobs of this repository from a fresh store. The second one
# fails first, since its input is not there; its message says how to get it.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The demo is the same wherever it runs: under make, in CI, with a store set.
unset MFLAGS MAKELEVEL MAKEOVERRIDES BUILD SANITIZE STATIC WERROR
unset JOBRUN_COMMIT JOBRUN_STORE_MODE
export MAKEFLAGS=s   # the lines of the compiler would hide those of jobrun
export JOBRUN_ENV=dev  # nothing here is for others, even where CI=true is set

tests/support/deps.sh build
jobs=$(getconf _NPROCESSORS_ONLN)
echo 'building build/jobrun (half a minute) ...'
make "-j$jobs"

JOBRUN_STORE=$(mktemp -d "${TMPDIR:-/tmp}/jobrun-demo.XXXXXX")
export JOBRUN_STORE
trap 'rm -rf "$JOBRUN_STORE"' EXIT

# show STATUS COMMAND...: prints the command, runs it, and wants this status.
show() {
    local wanted=$1 status=0
    shift
    printf '\n$ %s\n' "$*"
    "$@" 2>&1 || status=$?
    if [[ $status -ne $wanted ]]; then
        printf 'demo: status %d, but %d was expected\n' "$status" "$wanted" >&2
        exit 1
    fi
    if [[ $status -ne 0 ]]; then
        printf '(status %d)\n' "$status"
    fi
}

printf 'export JOBRUN_ENV=dev JOBRUN_STORE=%s\n' "$JOBRUN_STORE"
show 122 build/jobrun manifests/build-wheel.yaml
echo
echo '(this one compiles a release: half a minute)'
show 0 build/jobrun manifests/build.yaml "--jobs=$jobs"
show 0 build/jobrun manifests/build-wheel.yaml
show 0 build/jobrun manifests/build.yaml "--jobs=$jobs"
show 0 build/jobrun manifests/build-wheel.yaml
show 0 find "$JOBRUN_STORE" -type f
printf '\nThe wheel, which pip installs: %s\n' build/wheel/dist/*.whl
echo "The demo's own store is removed now. Next: build/jobrun build, then build/jobrun build-wheel."
