#!/usr/bin/env python3
"""Packs headers and libraries into one zip file: include/ and lib/."""
import argparse
import pathlib

from archive import write_zip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--header", action="append", required=True, type=pathlib.Path)
    parser.add_argument("library", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()

    files = [(f"{folder}/{path.name}", 0o644, path.read_bytes())
             for folder, paths in (("include", arguments.header), ("lib", arguments.library))
             for path in sorted(paths)]
    write_zip(arguments.out, files)
    for name, _, _ in files:
        print(name)


main()
