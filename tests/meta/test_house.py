"""The repository agrees with itself: names, versions, targets, what may lie where."""
import re
import shutil
import subprocess

import pytest
from conftest import REPOSITORY

TOP_LEVEL = {"Makefile", "src", "manifests", "schema", "tests", "examples", "pixi.toml",
             "CHANGELOG.md", "README.md", "LICENSE"}


def own_files():
    """Everything that is committed or would be."""
    listed = subprocess.run(["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"],
                            cwd=REPOSITORY, check=True, capture_output=True).stdout
    names = listed.decode().rstrip("\0").split("\0")
    return [name for name in names if (REPOSITORY / name).is_file()]


@pytest.fixture(scope="module")
def files():
    if not (REPOSITORY / ".git").exists():
        pytest.skip("these sources are not a git checkout")
    return own_files()


def text(name):
    return (REPOSITORY / name).read_text()


def make_targets():
    """The targets of the Makefile with a name of their own."""
    targets = set()
    for line in text("Makefile").splitlines():
        match = re.match(r"((?:[\w-]+ ?)+):(?!=)", line)
        if match:
            targets.update(match[1].split())
    return targets


def makefile_version():
    return re.search(r"^VERSION := (\S+)$", text("Makefile"), re.MULTILINE)[1]


def test_the_top_level_holds_what_belongs_there(files):
    top = {name.split("/")[0] for name in files}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_knows_the_machine_that_it_was_written_on(files):
    # Put together, so that this file does not name them either.
    places = re.compile(r"(?<![\w.}-])/(?:work|root)/|shared/" + "design")
    found = []
    for name in files:
        for number, line in enumerate((REPOSITORY / name).read_bytes().splitlines(), 1):
            if places.search(line.decode(errors="replace")):
                found.append(f"{name}:{number}")
    assert found == []


def test_text_files_are_tidy(files):
    """No blanks at the end of a line, a line feed at the end of a file."""
    found = []
    for name in files:
        data = (REPOSITORY / name).read_bytes()
        if b"\0" in data or "/diagnostics/" in name or "/corpus/" in name or not data:
            continue
        if not data.endswith(b"\n") or data.endswith(b"\n\n"):
            found.append(f"{name}: its end")
        found += [f"{name}:{number}" for number, line in enumerate(data.split(b"\n"), 1)
                  if line != line.rstrip()]
    assert found == []


def test_the_version_is_the_same_everywhere(run_jobrun):
    version = makefile_version()
    assert re.search(r'^version = "(.*)"$', text("pixi.toml"), re.MULTILINE)[1] == version
    assert version in run_jobrun("version").stdout.split()
    headings = re.findall(r"^## \[?([^\]\s]+)", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert not headings[1:] or headings[1] == version


@pytest.fixture
def run_jobrun(workspace):
    def run(*arguments):
        result = workspace.run(*arguments)
        return subprocess.CompletedProcess(arguments, result.status, result.out, result.err)
    return run


def test_every_make_command_of_the_readme_is_a_target():
    named = set(re.findall(r"`make ([a-z][a-z-]*)[`\s]", text("README.md")))
    for block in re.findall(r"```.*?\n(.*?)```", text("README.md"), re.DOTALL):
        named.update(re.findall(r"^(?:\$ )?make ([a-z][a-z-]*)", block, re.MULTILINE))
    assert named <= make_targets() | {name for name in named if name.startswith("unit-")}


def test_make_help_names_targets_alone():
    shown = subprocess.run(["make", "-s", "help"], cwd=REPOSITORY, text=True, check=True,
                           capture_output=True).stdout
    lines = shown.split("variables ")[0].splitlines()
    named = {word.strip(",") for line in lines for word in line[:21].split()} - {"make", "unit-X"}
    assert named <= make_targets()
    assert {"release", "demo", "check", "test", "lint", "clean"} <= named


def test_what_is_phony_is_declared():
    declared = set()
    for line in re.findall(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE):
        declared.update(line.split())
    assert make_targets() - declared == set()


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="there is no shellcheck")
def test_every_shell_script_is_checked_by_make(files):
    scripts = {name for name in files
               if re.match(rb"#!.*\b(?:ba)?sh\b", (REPOSITORY / name).read_bytes()[:40])}
    printed = subprocess.run(["make", "-n", "V=1", "shellcheck"], cwd=REPOSITORY, text=True,
                             check=True, capture_output=True).stdout
    assert scripts <= set(printed.split())
