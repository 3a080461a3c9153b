"""manifests/build_wheel.py: what a wheel holds, and which programs it refuses."""
import base64
import csv
import hashlib
import io
import shutil
import struct
import subprocess
import sys
import zipfile

import pytest
from conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "manifests"))
import build_wheel  # noqa: E402


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """A small program that needs the C library alone."""
    if not sys.platform.startswith("linux") or shutil.which("cc") is None:
        pytest.skip("there is no Linux compiler")
    folder = tmp_path_factory.mktemp("program")
    (folder / "main.c").write_text("#include <stdio.h>\nint main(void) { return puts(\"x\") < 0; }\n")
    subprocess.run(["cc", "-o", folder / "program", folder / "main.c"], check=True)
    return folder / "program"


@pytest.fixture(scope="module")
def licenses(tmp_path_factory):
    folder = tmp_path_factory.mktemp("licenses")
    (folder / "yaml.txt").write_text("of libyaml\n")
    return folder


@pytest.fixture
def wheel(program, licenses, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    return build_wheel.build(program, licenses, "HEAD", tmp_path / "dist", None)


def test_the_wheel_is_named_after_the_version_and_the_platform(wheel):
    name, version, python, abi, platform = wheel.stem.split("-")
    assert (name, version, python, abi) == ("jobrun", build_wheel.wheel_version(), "py3", "none")
    assert platform.startswith("manylinux_2_")


def test_the_program_can_be_executed_after_the_installation(wheel, program):
    with zipfile.ZipFile(wheel) as archive:
        script = next(i for i in archive.infolist() if i.filename.endswith("/scripts/jobrun"))
        assert script.external_attr >> 16 == 0o100755
        assert archive.read(script) == program.read_bytes()


def test_the_record_lists_every_file_with_its_digest(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert names[-1].endswith(".dist-info/RECORD")
        rows = {name: (digest, size) for name, digest, size in
                csv.reader(io.StringIO(archive.read(names[-1]).decode()))}
        assert sorted(rows) == sorted(names)
        assert rows.pop(names[-1]) == ("", "")
        for name, (digest, size) in rows.items():
            data = archive.read(name)
            expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            assert (digest, size) == (f"sha256={expected}", str(len(data)))


def test_the_metadata_names_the_package_and_its_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        info = f"jobrun-{build_wheel.wheel_version()}.dist-info"
        metadata = archive.read(f"{info}/METADATA").decode()
        assert "\nName: jobrun\n" in metadata
        assert f"\nVersion: {build_wheel.wheel_version()}\n" in metadata
        assert archive.read(f"{info}/licenses/LICENSE") == (REPOSITORY / "LICENSE").read_bytes()
        assert archive.read(f"{info}/licenses/third-party/yaml.txt") == b"of libyaml\n"
        assert "License-File: third-party/yaml.txt" in archive.read(f"{info}/METADATA").decode()
        assert f"Tag: {'-'.join(wheel.stem.split('-')[2:])}\n" in archive.read(
            f"{info}/WHEEL").decode()


def test_the_same_program_gives_the_same_bytes(wheel, program, licenses, tmp_path):
    again = build_wheel.build(program, licenses, "HEAD", tmp_path / "again", None)
    assert again.read_bytes() == wheel.read_bytes()


def test_an_older_wheel_does_not_stay_beside_the_new_one(program, licenses, tmp_path):
    (tmp_path / "jobrun-0.0.1-py3-none-any.whl").write_text("old")
    new = build_wheel.build(program, licenses, "HEAD", tmp_path, None)
    assert list(tmp_path.iterdir()) == [new]


def test_the_tag_is_that_of_the_newest_symbol(program, monkeypatch):
    data = program.read_bytes()
    versions = [("libc.so.6", "GLIBC_2.2.5"), ("libc.so.6", "GLIBC_2.34")]
    monkeypatch.setattr(build_wheel.Elf, "versions", lambda self: versions)
    machine = build_wheel.Elf(data).machine
    assert build_wheel.platform_tag(data) == f"manylinux_2_34_{machine}"
    versions[1] = ("libm.so.6", "GLIBC_2.4")
    assert build_wheel.platform_tag(data) == f"manylinux_2_17_{machine}"
    versions[1] = ("libc.so.6", "GLIBC_PRIVATE")
    with pytest.raises(build_wheel.WheelError, match="GLIBC_PRIVATE"):
        build_wheel.platform_tag(data)


def test_the_versions_are_those_that_the_linker_wrote(program):
    shown = subprocess.run(["readelf", "-V", program], text=True, capture_output=True).stdout
    found = build_wheel.Elf(program.read_bytes()).versions()
    names = {name for _, name in found}
    assert names and all(f"Name: {name} " in shown for name in names)
    assert shown.count("Name: ") == len(list(build_wheel.Elf(program.read_bytes()).versions()))


def test_a_program_with_another_library_is_refused(program, licenses, tmp_path):
    (tmp_path / "more.c").write_text("int more(void) { return 1; }\n")
    (tmp_path / "main.c").write_text("int more(void);\nint main(void) { return more(); }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "libmore.so", "more.c"], cwd=tmp_path,
                   check=True)
    subprocess.run(["cc", "-o", "main", "main.c", "-L.", "-lmore"], cwd=tmp_path, check=True)
    result = subprocess.run([sys.executable, build_wheel.__file__, "--binary", tmp_path / "main",
                             "--licenses", licenses, "--commit", "HEAD", "--out", tmp_path / "dist"],
                            text=True, capture_output=True)
    assert result.returncode == 1
    assert "libraries that a wheel does not bring: libmore.so" in result.stderr
    assert "help: " in result.stderr
    assert not (tmp_path / "dist").exists()


def test_a_program_for_another_platform_is_refused(program):
    data = program.read_bytes()
    other = "linux-arm64" if build_wheel.Elf(data).machine == "x86_64" else "linux-x64"
    with pytest.raises(build_wheel.WheelError, match=f"not for {other}"):
        build_wheel.platform_tag(data, other)


@pytest.mark.parametrize("data", [b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF\x02\x01" + b"\0" * 90])
def test_what_is_no_program_is_refused(licenses, tmp_path, data):
    binary = tmp_path / "binary"
    binary.write_bytes(data)
    result = subprocess.run([sys.executable, build_wheel.__file__, "--binary", binary,
                             "--licenses", licenses, "--commit", "HEAD", "--out", tmp_path], text=True, capture_output=True)
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")


def mach_o(*libraries, machine=0x0100000C, oldest=11 << 16):
    commands = [struct.pack("<IIIIII", 0x32, 24, 1, oldest, 0, 0)]
    for library in libraries:
        name = library.encode() + b"\0"
        commands.append(struct.pack("<IIIIII", 0xC, 24 + len(name), 24, 0, 0, 0) + name)
    body = b"".join(commands)
    return struct.pack("<IIIIIIII", 0xFEEDFACF, machine, 0, 2, len(commands), len(body), 0, 0) + body


def test_a_macos_program_is_tagged_with_the_oldest_system_that_it_runs_on():
    system = "/usr/lib/libSystem.B.dylib"
    assert build_wheel.platform_tag(mach_o(system)) == "macosx_11_0_arm64"
    assert build_wheel.platform_tag(mach_o(system, machine=0x01000007, oldest=0x0A0F00),
                                    "macos-x64") == "macosx_10_15_x86_64"
    with pytest.raises(build_wheel.WheelError, match="libyaml"):
        build_wheel.platform_tag(mach_o(system, "/opt/lib/libyaml.dylib"))


@pytest.mark.parametrize("version, expected", [("1.2.3", "1.2.3"), ("1.0.0-rc.1", "1.0.0rc1"),
                                               ("2.0.0-alpha.3", "2.0.0a3")])
def test_a_version_is_spelled_as_python_does(tmp_path, monkeypatch, version, expected):
    (tmp_path / "Makefile").write_text(f"VERSION := {version}\n")
    monkeypatch.setattr(build_wheel, "REPOSITORY", tmp_path)
    assert build_wheel.wheel_version() == expected
