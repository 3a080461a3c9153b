#!/bin/sh
# Collects the licences of the libraries that a release carries inside, as
# OUT/<library>.txt. Called by `make release`.
#
#   licenses.sh OUT LIBRARY=ARCHIVE ...
#
# A licence is looked for where Debian keeps it, then beside the archive's
# folder, where package managers that give each library its own prefix keep it.
set -eu

debian_package() {
    case $1 in
    yaml) echo libyaml-dev ;;
    jansson) echo libjansson-dev ;;
    pcre2-8) echo libpcre2-dev ;;
    crypto) echo libssl-dev ;;
    *) echo "lib$1-dev" ;;
    esac
}

find_license() {
    prefix=$(dirname "$(dirname "$2")")
    for file in "/usr/share/doc/$(debian_package "$1")/copyright" \
        "$prefix"/LICENSE* "$prefix"/License* "$prefix"/LICENCE* "$prefix"/COPYING*; do
        if [ -f "$file" ]; then
            echo "$file"
            return
        fi
    done
}

out=$1
shift
rm -rf "$out"
mkdir -p "$out"
for pair in "$@"; do
    library=${pair%%=*}
    archive=${pair#*=}
    file=$(find_license "$library" "$archive")
    if [ -z "$file" ]; then
        echo "error: the licence of '$archive' is not found" >&2
        echo "help: a release that carries a library carries its licence: install the package's documentation" >&2
        exit 1
    fi
    cp "$file" "$out/$library.txt"
done
