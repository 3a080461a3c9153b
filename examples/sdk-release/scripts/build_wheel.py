#!/usr/bin/env python3
"""Packs a Python package and the program inside of it into a wheel."""
import argparse
import base64
import hashlib
import pathlib

from archive import write_zip


def read_package(folder):
    """Every file of the package: (name in the wheel, mode, bytes)."""
    files = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            mode = 0o755 if path.parent.name == "bin" else 0o644
            files.append((path.relative_to(folder.parent).as_posix(), mode, path.read_bytes()))
    return files


def record_line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"{name},sha256={digest},{len(data)}\n"


def add_dist_info(files, name, version, tag, notes):
    """Appends what makes a zip file a wheel; the record is last."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    if notes:
        metadata += f"Description-Content-Type: text/markdown\n\n{notes}"
    wheel = f"Wheel-Version: 1.0\nGenerator: build_wheel\nRoot-Is-Purelib: false\nTag: {tag}\n"
    files += [(f"{info}/METADATA", 0o644, metadata.encode()),
              (f"{info}/WHEEL", 0o644, wheel.encode())]
    record = "".join(record_line(name, data) for name, _, data in files) + f"{info}/RECORD,,\n"
    files.append((f"{info}/RECORD", 0o644, record.encode()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", required=True, type=pathlib.Path)
    parser.add_argument("--compatibility", required=True, help="platform tag of the wheel")
    parser.add_argument("--local-version", help="what tells this wheel from a released one")
    parser.add_argument("--notes", type=pathlib.Path, help="becomes the description")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    arguments = parser.parse_args()

    version = pathlib.Path("VERSION").read_text().strip()
    if arguments.local_version:
        version += "+" + arguments.local_version
    name = arguments.package.name
    tag = f"py3-none-{arguments.compatibility}"
    files = read_package(arguments.package)
    add_dist_info(files, name, version, tag, arguments.notes and arguments.notes.read_text())
    path = arguments.out / f"{name}-{version}-{tag}.whl"
    write_zip(path, files)
    print(path)


main()
