#!/usr/bin/env python3
"""Stands for a release service: whoever has the token may append to its list."""
import argparse
import os
import pathlib
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", required=True, type=pathlib.Path)
    parser.add_argument("--release", required=True)
    parser.add_argument("address", nargs="+")
    arguments = parser.parse_args()

    print(f"signing in with token {os.environ['TALLY_TOKEN']}")
    if arguments.release != pathlib.Path("VERSION").read_text().strip():
        sys.exit(f"error: VERSION is not {arguments.release}")
    arguments.service.parent.mkdir(parents=True, exist_ok=True)
    with arguments.service.open("a") as service:
        for address in arguments.address:
            service.write(f"{arguments.release} {address}\n")


main()
