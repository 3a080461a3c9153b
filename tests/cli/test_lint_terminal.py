"""What lint says on a terminal: colours, hyperlinks, and input from it."""
import os
import pty
import re
import socket
import subprocess

import pytest

LINK = re.compile("\x1b\\]8;;([^\x1b]*)\x1b\\\\([^\x1b]*)\x1b\\]8;;\x1b\\\\")


def read_terminal(master):
    """All that is written to it, until nobody has its other end."""
    said = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            piece = b""
        if not piece:
            return said.decode()
        said += piece


def on_terminal(workspace, *arguments, env=None, typed=None):
    """jobrun with a terminal as standard error (and input, where something is typed)."""
    master, slave = pty.openpty()
    data = workspace.top / "standard-output"
    with open(data, "w") as stdout:  # a pipe would be full before it is read
        process = workspace.spawn(*arguments, env={"TERM": "xterm", **(env or {})}, stdout=stdout, stderr=slave,
                                  stdin=slave if typed is not None else subprocess.DEVNULL)
    os.close(slave)
    if typed is not None:
        os.write(master, typed)
    said = read_terminal(master)
    os.close(master)
    process.wait(timeout=60)
    return process.returncode, said, data.read_text()


@pytest.fixture
def wrong(workspace):
    workspace.write("a b/m.yaml", "job: m\nhelp: M\ncommand: [x]\noutptus: {}\n")
    return workspace


def test_a_place_is_a_hyperlink_with_host_and_line(wrong):
    status, said, _ = on_terminal(wrong, "lint", "a b/m.yaml")
    ((address, text),) = LINK.findall(said)
    path = str(wrong.root.resolve()).replace(" ", "%20")
    assert status == 1 and text == "a b/m.yaml:4:1"
    assert address == f"file://{socket.gethostname()}{path}/a%20b/m.yaml#4"
    assert "\x1b[1;31merror[unknown-key]\x1b[0m" in said


@pytest.mark.parametrize("arguments, env", [
    ((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"}), (("--color", "never"), {}),
    (("--color=never",), {"CLICOLOR_FORCE": "1"})])
def test_neither_where_they_are_not_wanted(wrong, arguments, env):
    _, said, _ = on_terminal(wrong, "lint", "a b/m.yaml", *arguments, env=env)
    assert "\x1b" not in said and "error[unknown-key]" in said


def test_a_terminal_without_escapes_gets_colours_alone_when_asked(wrong):
    _, said, _ = on_terminal(wrong, "lint", "a b/m.yaml", "--color=always", env={"TERM": "dumb"})
    assert "\x1b[1;31m" in said and not LINK.search(said)


def test_a_pipe_gets_no_hyperlinks(wrong):
    err = wrong.run("lint", "a b/m.yaml", "--color", "always").fails(1).err
    assert "\x1b[1;31m" in err and "\x1b]8" not in err


def test_other_formats_are_never_coloured(wrong):
    for format in "json", "sarif", "github":
        _, said, out = on_terminal(wrong, "lint", "a b/m.yaml", "--format", format, "--color=always")
        assert "\x1b" not in said + out and "unknown-key" in out


def test_a_run_has_hyperlinks_too(workspace):
    workspace.manifest("m", "outptus: {}\n")
    _, said, _ = on_terminal(workspace, "m")
    assert any(text == "manifests/m.yaml:3:1" for _, text in LINK.findall(said))


def test_a_manifest_can_be_typed(workspace):
    text = b"job: m\nhelp: M\ncommand: [x]\noutptus: {}\n\x04"
    status, said, _ = on_terminal(workspace, "lint", "-", "--color=never", typed=text)
    assert status == 1
    assert "reading a manifest from the terminal; its end is Ctrl-D" in said
    assert " --> <stdin>:4:1" in said and not LINK.search(said)
    _, said, _ = on_terminal(workspace, "lint", "-", "-q", typed=text)
    assert "Ctrl-D" not in said
