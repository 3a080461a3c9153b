"""`jobrun lint -`."""
import fcntl
import json
import os
import signal
import subprocess
import sys
import termios

import pytest
from conftest import JOBRUN, wait_until

GOOD = "job: build\nhelp: B\ncommand: [x]\n"


def test_a_manifest_without_a_file_may_have_any_name(workspace):
    assert "1 manifest checked" in workspace.run("lint", "-", input=GOOD).ok().err
    err = workspace.run("lint", "-", input=GOOD + "outptus: {}\n").fails(1).err
    assert " --> <stdin>:4:1\n" in err and "did you mean 'outputs'?" in err


def test_the_file_that_it_stands_for_gives_name_and_folder(workspace):
    workspace.write("manifests/shared/f.yaml", "params: {p: {type: string, default: x, help: P}}\n")
    text = GOOD.replace("[x]", '["${params.p}"]') + "include: [shared/f.yaml]\n"
    workspace.run("lint", "-", "--stdin-filename", "manifests/build.yaml", input=text).ok()
    workspace.run("lint", "--stdin-filename=build.yaml", "-", input=text,
                  cwd=workspace.root / "manifests").ok()
    assert "there is no fragment 'shared/f.yaml'" in workspace.run("lint", "-", input=text).fails(1).err
    workspace.run("lint", "-", input=text, cwd=workspace.root / "manifests").ok()
    err = workspace.run("lint", "-", "--stdin-filename", "manifests/other.yaml", input=text).fails(1).err
    assert "job 'build' stands in the file 'other.yaml'" in err and "--> manifests/other.yaml:1:6" in err


def test_the_text_is_checked_and_not_the_file(pair):
    result = pair.run("lint", "-", "--stdin-filename", "manifests/build.yaml", input=GOOD + "x: 1\n")
    assert "--> manifests/build.yaml:4:1" in result.fails(1).err
    pair.write("manifests/build.yaml", "broken")
    pair.run("lint", "-", "--stdin-filename", "manifests/build.yaml", input=GOOD).ok()


def test_every_format_takes_it(workspace):
    text = "job: a\ncommand: [x]\n"
    found = json.loads(workspace.run("lint", "-", "--format", "json", input=text).fails(1).out)
    assert found["problems"][0]["place"]["file"] == "<stdin>"
    run = json.loads(workspace.run("lint", "-", "--format", "sarif", input=text).fails(1).out)["runs"][0]
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "%3Cstdin%3E"}
    assert "file=<stdin>,line=1," in workspace.run("lint", "-", "--format", "github", input=text).out


@pytest.mark.parametrize("text, rule, message", [
    ("", "syntax", "the file is empty"),
    ("job: a\n#" + "x" * (1 << 20), "limit", "the file has more than the 1048576 bytes that are allowed"),
    ("job: [\n", "syntax", ""),
], ids=["empty", "large", "broken"])
def test_what_is_no_manifest_is_a_finding(workspace, text, rule, message):
    err = workspace.run("lint", "-", input=text).fails(1).err
    assert f"error[{rule}]: {message}" in err and "--> <stdin>:" in err


def test_a_manifest_of_just_the_limit_is_read(workspace):
    text = GOOD + "#"
    workspace.run("lint", "-", input=text + "x" * ((1 << 20) - len(text))).ok()
    workspace.run("lint", "-", input=text + "x" * ((1 << 20) - len(text) + 1)).fails(1)


def test_a_text_without_end_is_not_read_to_its_end(workspace):
    with open("/dev/zero") as endless:
        assert "error[limit]" in workspace.run("lint", "-", stdin=endless).fails(1).err


def test_closed_standard_input_is_empty(workspace):
    result = subprocess.run(["sh", "-c", 'exec "$0" lint - <&-', JOBRUN], cwd=workspace.root,
                            env=workspace.environment, capture_output=True, text=True)
    assert result.returncode == 1 and "the file is empty" in result.stderr


def test_standard_input_that_cannot_be_read_is_told(workspace):
    folder = os.open(workspace.root, os.O_RDONLY)
    result = workspace.run("lint", "-", stdin=folder).fails(3)
    os.close(folder)
    assert "error[file]: cannot read 'standard input': Is a directory" in result.err


@pytest.mark.parametrize("arguments, message", [
    (("-", "manifests/build.yaml"), "'-' stands alone"),
    (("-", "-"), "'-' stands alone"),
    (("--stdin-filename", "x.yaml"), "--stdin-filename without '-'"),
    (("--stdin-filename", "x.yaml", "build"), "--stdin-filename without '-'"),
    (("-", "--stdin-filename", "x.txt"), "--stdin-filename 'x.txt' is not the name of a manifest"),
    (("-", "--stdin-filename"), "--stdin-filename needs a value"),
])
def test_misuse_is_told(pair, arguments, message):
    result = pair.run("lint", *arguments, input=GOOD).fails(2)
    assert message in result.err and ("= help: " in result.err or "needs a value" in message)


def unread_bytes(pipe):
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_a_signal_ends_the_waiting(workspace):
    process = workspace.spawn("lint", "-", stdin=subprocess.PIPE)
    process.stdin.write("x")
    process.stdin.flush()
    wait_until(lambda: not unread_bytes(process.stdin), "it reads what is there, and waits for more")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGINT, err
