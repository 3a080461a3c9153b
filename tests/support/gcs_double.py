#!/usr/bin/env python3
"""A strict double of Google Cloud Storage on 127.0.0.1, for tests.

    gcs_double.py --root DIR [--port N] [--bucket NAME] [--require-token TOKEN] ...

Each folder of DIR is a bucket, each file in it an object at its own name. It
prints its address, and ends with a signal (with --until-eof also at the end of
its standard input, so that it does not outlive who started it).
tests/support/gcs/ says what it does; server.py there, how it is controlled.
"""
import argparse
import os
import pathlib
import sys
import threading

from gcs import native
from gcs.server import Server

LIBRARY = pathlib.Path(__file__).resolve().parents[2] / "build" / "support" / "gcs_double.so"


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", required=True, type=pathlib.Path, help="the folder of the buckets")
    parser.add_argument("--work", type=pathlib.Path,
                        help="a folder for what is being uploaded, on the same file system (ROOT/.work)")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--bucket", action="append", default=[], help="is made if it is not there")
    parser.add_argument("--require-token", action="append", default=[], dest="tokens", metavar="TOKEN",
                        help="401 for a request without one of these")
    parser.add_argument("--page-size", type=int, default=1000, help="lines of a page of a list")
    parser.add_argument("--latency", type=float, default=0, metavar="SECONDS", help="of each request")
    parser.add_argument("--no-md5", action="store_true", help="objects have no MD5, and take less time")
    parser.add_argument("--no-write-limit", action="store_true",
                        help="one name may be written more than once a second")
    parser.add_argument("--library", type=pathlib.Path, default=LIBRARY, help="that of `make support`")
    parser.add_argument("--until-eof", action="store_true", help="ends with its standard input")
    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    if not native.use(options.library):
        print(f"warning: all is slow without {options.library}: make support", file=sys.stderr)
    server = Server(options.root, options.work or options.root / ".work", options.port, {
        "tokens": options.tokens, "page_size": options.page_size, "latency_seconds": options.latency,
        "md5": not options.no_md5, "write_limit": not options.no_write_limit})
    for bucket in options.bucket:
        server.api.objects.make_bucket(bucket)
    print(f"http://127.0.0.1:{server.port}", flush=True)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    if options.until_eof:
        while os.read(0, 4096):
            pass
    else:
        thread.join()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
