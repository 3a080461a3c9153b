"""examples/sdk-release: from clone to index, and what its README shows is so."""
import hashlib
import html.parser
import json
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile

import pytest
from conftest import JOBRUN, REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))
import console  # noqa: E402

pytestmark = pytest.mark.store

EXAMPLE = REPOSITORY / "examples" / "sdk-release"
README = (EXAMPLE / "README.md").read_text()
PLATFORMS = ["linux-x64", "linux-arm64", "macos-arm64", "windows-x64"]
HOST = {("Linux", "x86_64"): "linux-x64", ("Linux", "aarch64"): "linux-arm64",
        ("Darwin", "arm64"): "macos-arm64"}[platform.system(), platform.machine()]
OTHERS = [name for name in PLATFORMS if name != HOST]
STUBS = [f"--input=library[platform={name}]=stubs/library" for name in OTHERS]
NAMES = {"linux-x64": "libtally__linux_x64.a", "linux-arm64": "libtally__linux_arm64.a",
         "macos-arm64": "libtally__macos_arm64.a", "windows-x64": "tally__win_x64.lib"}


def copy_example(folder):
    """Without what its .gitignore names, for somebody may have run it in place."""
    made = shutil.ignore_patterns(".jobrun", "build", "dist", "bin", "__pycache__")
    shutil.copytree(EXAMPLE, folder, ignore=made, dirs_exist_ok=True)


@pytest.fixture
def example(workspace):
    copy_example(workspace.root)
    workspace.commit("count words")
    return workspace


@pytest.fixture
def wheel(example):
    """The example with the wheel of this machine, as PyPI gets it."""
    for job in ("build-tally-c", "release-notes"):
        example.run(job).ok()
    example.run("build-wheel", "--mode", "pypi").ok()
    return example


def published(workspace, job, pattern):
    """The one file of a job's outputs that matches."""
    found, = (workspace.store / "dev" / workspace.head / job).glob(f"**/{pattern}")
    return found


def links(page):
    found = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.extend(value for name, value in attributes if (tag, name) == ("a", "href"))

    Reader().feed(page.read_text())
    return found


# The README.

def rows():
    """Of the table: platform to its columns."""
    text = (EXAMPLE / "manifests" / "shared" / "platforms.yaml").read_text()
    found = re.findall(r"^    ([\w-]+):\n((?:      .*\n)+)", text, re.MULTILINE)
    return {name: dict(re.findall(r"([\w-]+): (.*)", columns)) for name, columns in found}


def of_this_machine(text):
    """It is written on linux-x64; elsewhere the two platforms change places."""
    pairs = [("linux-x64", HOST), *zip(rows()["linux-x64"].values(), rows()[HOST].values())]
    swapped = {}
    for one, other in pairs:
        if one != other and "null" not in (one, other):
            swapped.update({one: other, other: one})
    words = "|".join(sorted(map(re.escape, swapped), key=len, reverse=True))
    whole = rf"(?:{words})(?![\w-])"
    return re.sub(whole, lambda match: swapped[match[0]], text) if swapped else text


def test_every_command_of_the_readme_does_what_it_shows(workspace):
    copy_example(workspace.root / "examples" / "sdk-release")
    workspace.write("Makefile", f"all:\n\tmkdir -p build && ln -s {JOBRUN} build/jobrun\n")
    workspace.ignore("/build/")
    head = workspace.commit("count words")
    home = workspace.top / "home"
    home.mkdir()
    del workspace.environment["JOBRUN_STORE"]

    beginning, = console.blocks(README, "sh")
    folder, environment = console.enter(
        beginning.replace("<this repository>", str(workspace.root)), home, workspace.environment)
    shown = of_this_machine(README).replace("4f2a91c", head[:7]).replace("/home/you", str(home))
    console.follow(shown, folder, environment)
    assert console.run("git status --short", folder, environment).stdout == ""


# The jobs.

def test_a_second_run_of_every_job_does_nothing(wheel):
    wheel.run("bundle-tally-cpp", *STUBS).ok()
    wheel.run("pip-index", "--platforms", HOST).ok()
    before = {path: path.stat().st_mtime_ns for path in wheel.receipts()}
    assert len(before) == 5
    for arguments in (("build-tally-c",), ("release-notes",), ("build-wheel", "--mode", "pypi"),
                      ("bundle-tally-cpp", *STUBS), ("pip-index", "--platforms", HOST)):
        assert "nothing to do" in wheel.run(*arguments).ok().err, arguments
    assert {path: path.stat().st_mtime_ns for path in wheel.receipts()} == before


def test_a_change_of_the_source_builds_again_what_is_made_from_it(wheel):
    wheel.write("src/tally.c", wheel.read("src/tally.c").replace("size;", "size; /* all */"))
    assert "runs again" in wheel.run("build-tally-c", "--explain").ok().err
    assert "runs again" in wheel.run("build-wheel", "--mode", "pypi", "--explain").ok().err
    assert "nothing to do" in wheel.run("build-wheel", "--mode", "pypi").ok().err


def test_a_compiler_error_ends_the_job_and_publishes_nothing(example):
    example.write("src/tally.c", "this is no C\n")
    told = example.run("build-tally-c")
    assert told.status not in (0, 118, 120, 121, 122, 123), told
    assert "step 'compile'" in told.err and "src/tally.c:1" in told.err
    assert example.receipts() == []


def test_all_that_is_missing_is_named_at_once(example):
    bundle = example.run("bundle-tally-cpp").fails(122).err
    index = example.run("pip-index").fails(122).err
    for name in PLATFORMS:
        assert f"help: jobrun build-tally-c --platform {name}\n" in bundle
        assert re.search(rf"help: jobrun build-wheel (?=.*--platform {name}\b).*--mode pypi", index)
    both = example.run("build-wheel", "--mode", "pypi").fails(122).err
    assert "input 'program'" in both and "input 'notes'" in both
    assert "input 'notes'" not in example.run("build-wheel", "--mode", "pr").fails(122).err
    assert not (example.root / "build").exists()


@pytest.mark.parametrize("name", OTHERS)
def test_a_library_is_built_on_its_own_platform(example, name):
    told = example.run("build-tally-c", "--platform", name).fails(121).err
    assert name in told and HOST in told and "manifests/build-tally-c.yaml:" in told
    assert not (example.root / "build").exists()


def test_the_bundle_has_the_library_of_every_platform(example):
    example.run("build-tally-c").ok()
    example.run("bundle-tally-cpp", *STUBS).ok()
    library = published(example, "build-tally-c", "libtally.a").read_bytes()
    stub = (example.root / "stubs/library").read_bytes()
    with zipfile.ZipFile(published(example, "bundle-tally-cpp", "*.zip")) as archive:
        assert sorted(archive.namelist()) == sorted(
            ["include/tally.h", *(f"lib/{name}" for name in NAMES.values())])
        for name, file in NAMES.items():
            assert archive.read(f"lib/{file}") == (library if name == HOST else stub)


def test_a_bundle_lacks_no_platform(example):
    example.run("build-tally-c").ok()
    told = example.run("bundle-tally-cpp", *STUBS[1:]).fails(122).err
    assert told.count("error[missing-input]") == 1 and OTHERS[0] in told


@pytest.mark.parametrize("job, pattern, arguments", [
    ("build-tally-c", "libtally.a", []), ("build-wheel", "*.whl", ["--mode", "pypi"]),
    ("bundle-tally-cpp", "*.zip", STUBS)])
def test_a_job_gives_the_same_bytes_twice(wheel, job, pattern, arguments):
    wheel.run(job, *arguments).ok()
    first = hashlib.sha256(published(wheel, job, pattern).read_bytes()).digest()
    wheel.run(job, *arguments, "--force").ok()
    assert hashlib.sha256(published(wheel, job, pattern).read_bytes()).digest() == first


def test_what_lay_about_is_in_no_wheel(wheel):
    wheel.write("python/tally/bin/old", "old\n")
    wheel.run("build-wheel", "--mode", "pypi", "--force").ok()
    with zipfile.ZipFile(published(wheel, "build-wheel", "*.whl")) as archive:
        assert [name for name in archive.namelist() if "/bin/" in name] == ["tally/bin/tally"]


@pytest.mark.parametrize("mode", ["pypi", "pr"])
def test_a_wheel_says_what_it_is_for(example, mode):
    example.run("build-tally-c").ok()
    example.run("release-notes").ok()
    example.run("build-wheel", "--mode", mode).ok()
    built = published(example, "build-wheel", "*.whl")
    version = "1.4.0" if mode == "pypi" else f"1.4.0+g{example.head[:7]}"
    assert built.name.startswith(f"tally-{version}-py3-none-")
    with zipfile.ZipFile(built) as archive:
        metadata = archive.read(f"tally-{version}.dist-info/METADATA").decode()
        assert f"\nVersion: {version}\n" in metadata
        assert ("* count words" in metadata) == (mode == "pypi")
    assert "OK\n" in example.run("test-wheel", "--mode", mode).ok().out


def test_a_wheel_that_fails_its_tests_leaves_its_log(wheel):
    test = wheel.read("tests/check_wheel.py")
    wheel.write("tests/check_wheel.py", test.replace("2, 3, 14", "9, 9, 9"))
    told = wheel.run("test-wheel", "--mode", "pypi").fails(1)
    assert "step 'test'" in told.err and "step 'disk'" in told.err
    log = published(wheel, "test-wheel", "failed/*/log/**/test.log")
    assert "FAIL: test_it_counts" in log.read_text()
    assert published(wheel, "test-wheel", "failed/*/failure.json").is_file()
    assert not list((wheel.store / "dev" / wheel.head / "test-wheel").glob("**/receipt.json"))


@pytest.mark.folder_store(reason="the links of the index are files")
def test_the_links_of_the_index_are_the_files_of_the_store(wheel):
    wheel.run("build-wheel", "--mode", "pypi", "--platform", OTHERS[0],
              "--input", "program=stubs/program").ok()
    wheel.run("pip-index", "--platforms", HOST, "--platforms", OTHERS[0]).ok()
    found = links(published(wheel, "pip-index", "index.html"))
    paths = [pathlib.Path(urllib.request.url2pathname(urllib.parse.urlsplit(link).path))
             for link in found]
    wheels = (wheel.store / "dev" / wheel.head / "build-wheel").glob("**/*.whl")
    assert len(paths) == 2 and sorted(paths) == sorted(wheels)
    assert not list((wheel.root / "dist" / "index").glob("*.whl"))


@pytest.mark.folder_store(reason="pip reads no bucket")
def test_pip_installs_from_the_index(wheel):
    wheel.run("pip-index", "--platforms", HOST).ok()
    python = wheel.root / "build" / "try" / "bin" / "python"
    page = published(wheel, "pip-index", "index.html")
    for command in (["python3", "-m", "venv", "build/try"],
                    [python, "-m", "pip", "install", "-q", "--no-index", "--find-links", page,
                     "--disable-pip-version-check", "tally"],
                    [python, "tests/check_wheel.py"]):
        subprocess.run(command, cwd=wheel.root, env=wheel.environment, check=True)


@pytest.mark.folder_store(reason="what is released is named by its file")
def test_a_release_happens_once_and_not_by_accident(example):
    example.run("build-tally-c").ok()
    example.run("bundle-tally-cpp", *STUBS).ok()
    token = {"TALLY_TOKEN": "stub-token"}
    release = ("publish", "--release", "1.4.0")
    assert "--allow-effects" in example.run(*release, env=token).fails(121).err
    assert "TALLY_TOKEN" in example.run(*release, "--allow-effects").fails(121).err
    assert not (example.root / "build/releases.txt").exists()

    wrong = example.run("publish", "--release", "1.5.0", "--allow-effects", env=token).fails(1)
    told = example.run(*release, "--allow-effects", env=token).ok()
    for result in (wrong, told):
        assert "token ***\n" in result.out and "stub-token" not in result.out + result.err
    example.run(*release, "--allow-effects", env=token).ok()
    released, = example.read("build/releases.txt").splitlines()
    version, address = released.split(" ")
    assert version == "1.4.0"
    assert pathlib.Path(address) == published(example, "bundle-tally-cpp", "*.zip")


# The table of platforms.

@pytest.mark.parametrize("name", PLATFORMS)
def test_the_table_says_where_a_job_of_a_platform_runs(example, name):
    told = json.loads(example.run("show", "build-tally-c", "--platform", name, "--json").ok().out)
    assert told["ci"]["runner"].startswith({"linux": "ubuntu", "macos": "macos",
                                            "windows": "windows"}[name.split("-")[0]])
    assert ("container" in told["ci"]) == name.startswith("linux")
    library = "tally.lib" if name == "windows-x64" else "libtally.a"
    assert library in json.dumps(told["outputs"])
