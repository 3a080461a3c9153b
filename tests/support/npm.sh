#!/usr/bin/env bash
# Installs what tests/package-lock.json pins into build/npm, unless it is there.
# Where that fails the tests that need it are skipped and say so, but for
# JOBRUN_REQUIRE_INTEROP=1, which makes it an error.
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() {
    echo "the tests that compare jobrun with programs of npm are left out: $1" >&2
    [[ ${JOBRUN_REQUIRE_INTEROP:-} != 1 ]]
    exit
}

if cmp -s tests/package-lock.json build/npm/installed.json; then
    exit 0
fi
command -v npm >/dev/null || fail "npm is not installed"
mkdir -p build/npm
rm -f build/npm/installed.json
cp tests/package.json tests/package-lock.json build/npm/
log=$(npm ci --prefix build/npm --ignore-scripts --no-audit --no-fund 2>&1) ||
    fail "npm ci: $(tail -n 1 <<<"$log")"
# npm leaves the mode as it is in the package.
chmod +x build/npm/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool 2>/dev/null || true
mv build/npm/package-lock.json build/npm/installed.json
