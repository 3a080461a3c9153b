#!/usr/bin/env python3
"""Writes a page of links that pip reads: pip install --find-links PAGE NAME."""
import argparse
import html
import pathlib
import urllib.parse


def link(address):
    """An address that is a path, as a folder store has it, becomes a file: link."""
    url = address if "://" in address else pathlib.Path(address).as_uri()
    name = urllib.parse.unquote(url.rsplit("/", 1)[1])
    return f'<a href="{html.escape(url)}">{html.escape(name)}</a><br>\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--title", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("address", nargs="+")
    arguments = parser.parse_args()

    title = html.escape(arguments.title)
    links = "".join(map(link, arguments.address))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(f'<!DOCTYPE html>\n<meta charset="utf-8">\n<title>{title}</title>\n'
                             f"<h1>{title}</h1>\n{links}")


main()
