#!/usr/bin/env python3
"""Packs the jobrun program into a Python wheel: the work of manifests/build-wheel.yaml.

    build_wheel.py --binary FILE --commit REV --out FOLDER [--platform PLATFORM]

The wheel's platform tag is read from the program itself: the newest glibc
version that it needs, or the oldest macOS that it runs on. A program that needs
any library but the system's own is refused, since a wheel brings none. The same
program, version and commit give the same bytes.
"""
import argparse
import base64
import hashlib
import os
import pathlib
import re
import struct
import subprocess
import sys
import time
import zipfile

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
GLIBC = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1",
         "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
OLDEST_GLIBC = (2, 17)  # the oldest that has a tag for both machines
ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
MACH_O_MACHINES = {0x01000007: "x86_64", 0x0100000C: "arm64"}
PLATFORMS = {"linux-x64": ("manylinux", "x86_64"), "linux-arm64": ("manylinux", "aarch64"),
             "macos-x64": ("macosx", "x86_64"), "macos-arm64": ("macosx", "arm64")}


class WheelError(Exception):
    pass


def text_at(data, offset):
    return data[offset:data.index(b"\0", offset)].decode()


# ELF

class Elf:
    """The machine, the needed libraries and symbol versions of a 64 bit program."""

    def __init__(self, data):
        if data[4] != 2 or data[5] != 1:
            raise WheelError("the program is not a 64 bit little endian one")
        self.data = data
        machine = struct.unpack_from("<H", data, 18)[0]
        if machine not in ELF_MACHINES:
            raise WheelError(f"the program is for a machine that is not known here: {machine}")
        self.machine = ELF_MACHINES[machine]
        start, size, count = *struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54)
        # type, flags, offset, address, physical address, size in the file, ...
        self.segments = [struct.unpack_from("<IIQQQQ", data, start + i * size)
                         for i in range(count)]
        self.dynamic = list(self.read_dynamic())
        self.strings = self.offset(self.value(5))
        self.needed = [text_at(data, self.strings + value)
                       for tag, value in self.dynamic if tag == 1]

    def read_dynamic(self):
        for kind, _, offset, _, _, size in self.segments:
            if kind == 2:
                for at in range(offset, offset + size, 16):
                    yield struct.unpack_from("<QQ", self.data, at)
                return
        raise WheelError("the program is linked statically as a whole")

    def value(self, wanted):
        return next((value for tag, value in self.dynamic if tag == wanted), None)

    def offset(self, address):
        for kind, _, offset, start, _, size in self.segments:
            if kind == 1 and start <= address < start + size:
                return offset + address - start
        raise WheelError("the program's dynamic section is damaged")

    def versions(self):
        """All (library, version) that it needs."""
        address = self.value(0x6FFFFFFE)  # DT_VERNEED
        at = self.offset(address) if address is not None else None
        while at is not None:
            _, count, library, first, following = struct.unpack_from("<HHIII", self.data, at)
            entry = at + first
            for _ in range(count):
                _, _, _, name, step = struct.unpack_from("<IHHII", self.data, entry)
                yield text_at(self.data, self.strings + library), text_at(self.data,
                                                                         self.strings + name)
                entry += step
            at = at + following if following else None


def glibc_version(name):
    """The glibc of a symbol version, or None where it is none."""
    if name == "GLIBC_ABI_DT_RELR":
        return (2, 36)
    match = re.fullmatch(r"GLIBC_(\d+)\.(\d+)(\.\d+)?", name)
    return (int(match[1]), int(match[2])) if match else None


def elf_tag(data):
    elf = Elf(data)
    foreign = sorted(set(elf.needed) - GLIBC)
    if foreign:
        raise WheelError("the program needs libraries that a wheel does not bring: "
                         + ", ".join(foreign) + "\n"
                         "help: link it with their archives (lib*.a): make release")
    oldest = OLDEST_GLIBC
    for library, name in elf.versions():
        version = glibc_version(name)
        if version is None:
            raise WheelError(f"the program needs '{name}' of {library}, which has no glibc version")
        oldest = max(oldest, version)
    return f"manylinux_{oldest[0]}_{oldest[1]}_{elf.machine}"


# Mach-O

def mach_o_tag(data):
    machine, _, _, count = struct.unpack_from("<IIII", data, 4)
    if machine not in MACH_O_MACHINES:
        raise WheelError(f"the program is for a machine that is not known here: {machine}")
    oldest = None
    foreign = []
    at = 32
    for _ in range(count):
        command, size = struct.unpack_from("<II", data, at)
        if command in (0xC, 0x80000018, 0x8000001F):  # a library: needed, weak, re-exported
            library = text_at(data, at + struct.unpack_from("<I", data, at + 8)[0])
            if not library.startswith(("/usr/lib/", "/System/Library/")):
                foreign.append(library)
        elif command == 0x32:  # LC_BUILD_VERSION
            oldest = struct.unpack_from("<I", data, at + 12)[0]
        elif command == 0x24:  # LC_VERSION_MIN_MACOSX
            oldest = struct.unpack_from("<I", data, at + 8)[0]
        at += size
    if foreign:
        raise WheelError("the program needs libraries that a wheel does not bring: "
                         + ", ".join(sorted(foreign)) + "\n"
                         "help: link it with their archives (lib*.a): make release")
    if oldest is None:
        raise WheelError("the program does not say which macOS it is for")
    major, minor = oldest >> 16, (oldest >> 8) & 0xFF
    return f"macosx_{major}_{0 if major > 10 else minor}_{MACH_O_MACHINES[machine]}"


def platform_tag(data, platform=None):
    if data.startswith(b"\x7fELF"):
        tag = elf_tag(data)
    elif data.startswith(b"\xcf\xfa\xed\xfe"):
        tag = mach_o_tag(data)
    else:
        raise WheelError("the program is neither an ELF nor a Mach-O file")
    if platform is not None:
        system, machine = PLATFORMS[platform]
        if not (tag.startswith(system + "_") and tag.endswith("_" + machine)):
            raise WheelError(f"the program is not for {platform}: its tag is {tag}")
    return tag


# The wheel

def wheel_version():
    """The Makefile's version in Python's spelling: 1.2.0-rc.1 is 1.2.0rc1."""
    text = re.search(r"^VERSION := (\S+)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)[1]
    match = re.fullmatch(r"(\d+\.\d+\.\d+)(?:-(alpha|beta|rc)\.(\d+))?", text)
    if not match:
        raise WheelError(f"'{text}' cannot be the version of a wheel")
    letters = {"alpha": "a", "beta": "b", "rc": "rc"}
    return match[1] + (letters[match[2]] + match[3] if match[2] else "")


def metadata(version, licenses):
    files = "".join(f"License-File: {name}\n" for name in ["LICENSE", *sorted(licenses)])
    header = (f"Metadata-Version: 2.4\nName: jobrun\nVersion: {version}\n"
              "Summary: Runs CI jobs declared by YAML manifests\n"
              f"License-Expression: MIT\n{files}Requires-Python: >=3.8\n")
    readme = REPOSITORY / "README.md"
    if not readme.exists():
        return header.encode()
    return header.encode() + b"Description-Content-Type: text/markdown\n\n" + readme.read_bytes()


def record_digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def wheel_files(program, version, tag, licenses):
    """All files in their order: (name, mode, bytes), the record last."""
    info = f"jobrun-{version}.dist-info"
    wheel = ("Wheel-Version: 1.0\nGenerator: jobrun build_wheel\nRoot-Is-Purelib: false\n"
             f"Tag: py3-none-{tag}\n")
    files = sorted([
        (f"jobrun-{version}.data/scripts/jobrun", 0o755, program),
        (f"{info}/METADATA", 0o644, metadata(version, licenses)),
        (f"{info}/WHEEL", 0o644, wheel.encode()),
        (f"{info}/licenses/LICENSE", 0o644, (REPOSITORY / "LICENSE").read_bytes()),
        *((f"{info}/licenses/{name}", 0o644, data) for name, data in licenses.items()),
    ])
    record = "".join(f"{name},{record_digest(data)},{len(data)}\n" for name, _, data in files)
    record += f"{info}/RECORD,,\n"
    return files + [(f"{info}/RECORD", 0o644, record.encode())]


def write_wheel(path, files, seconds):
    date = time.gmtime(max(seconds, 315532800))[:6]  # zip knows no time before 1980
    temporary = path.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, mode, data in files:
            entry = zipfile.ZipInfo(name, date)
            entry.create_system = 3  # Unix: the mode is in the upper half
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    temporary.replace(path)


def commit_time(commit):
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    result = subprocess.run(["git", "show", "--no-patch", "--format=%ct", commit + "^{commit}"],
                            cwd=REPOSITORY, text=True, capture_output=True)
    if result.returncode != 0:
        raise WheelError(f"git knows no time of '{commit}': {result.stderr.strip()}")
    return int(result.stdout)


def read_licenses(folder):
    """Those of the libraries inside of the program: name in the wheel to bytes."""
    return {f"third-party/{path.name}": path.read_bytes() for path in folder.iterdir()}


def build(binary, licenses, commit, out, platform):
    program = binary.read_bytes()
    tag = platform_tag(program, platform)
    version = wheel_version()
    out.mkdir(parents=True, exist_ok=True)
    for old in [*out.glob("*.whl"), *out.glob("*.part")]:
        old.unlink()
    path = out / f"jobrun-{version}-py3-none-{tag}.whl"
    files = wheel_files(program, version, tag, read_licenses(licenses))
    write_wheel(path, files, commit_time(commit))
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--licenses", required=True, type=pathlib.Path,
                        help="folder with the licences of the libraries inside of the program")
    parser.add_argument("--commit", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--platform", choices=sorted(PLATFORMS))
    arguments = parser.parse_args()
    try:
        print(build(arguments.binary, arguments.licenses, arguments.commit, arguments.out,
                    arguments.platform))
    except (WheelError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (struct.error, ValueError, IndexError):
        print(f"error: '{arguments.binary}' is cut off or damaged", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
