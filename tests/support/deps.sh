#!/usr/bin/env bash
# Installs what building (`deps.sh build`) and testing (`deps.sh test`) need, on
# Debian and its relatives. Says nothing where nothing is missing. Only root
# installs; anybody else is told the command.
set -euo pipefail

build=(gcc make git python3 libyaml-dev libjansson-dev libpcre2-dev libssl-dev libarchive-dev
       libarchive13 libcurl4-openssl-dev libcurl4)
test=("${build[@]}" libcmocka-dev python3-pytest python3-pytest-xdist python3-venv python3-pip
      python3-cryptography clang clang-format clang-tidy shellcheck openssl rclone)

# A node of another origin does as well, and has its own npm.
command -v npm >/dev/null || test+=(nodejs npm)

case "${1:-test}" in
build) packages=("${build[@]}") ;;
test) packages=("${test[@]}") ;;
*)
    echo "usage: deps.sh [build|test]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "this is no Debian system: install a C compiler, make, git, libyaml, jansson, pcre2," >&2
    echo "openssl, libarchive and libcurl in its way (cmocka, python3 and pytest for the tests), or use pixi" >&2
    exit 1
fi

# dpkg-query fails where it knows nothing of a package at all.
installed=$(dpkg-query -W -f '${Package} ${Status}\n' "${packages[@]}" 2>/dev/null |
    sed -n 's/ install ok installed$//p') || true
missing=()
for package in "${packages[@]}"; do
    grep -qx -- "$package" <<<"$installed" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
    exit 0
fi

if [[ $(id -u) -ne 0 ]]; then
    echo "missing packages; install them with" >&2
    echo "    sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
