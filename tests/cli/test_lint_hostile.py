"""Whatever a manifest or its name holds, no format lets a terminal be told by it."""
import itertools
import json
import os
import unicodedata

import pytest

FORMATS = ("text", "json", "sarif", "github")
ESCAPES = "\x1b[31m\x07\x9b\x7f"
BIDI = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200f\u061c\ufeff"


def assert_printable(data):
    text = data.decode("utf-8")
    unseen = {hex(ord(c)) for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert not unseen, text


def quoted(text):
    """As a text in double quotes, every character of it as an escape."""
    return '"' + "".join(f"\\U{ord(c):08x}" for c in text) + '"'


MANIFESTS = {
    "escaped": f"job: a\nhelp: H\ncommand: [x]\n{quoted('k' + ESCAPES + BIDI)}: 1\n",
    "escaped value": f"job: {quoted(ESCAPES + BIDI)}\nhelp: H\ntimeout: {quoted(BIDI)}\ncommand: [x]\n",
    "raw bidi": f"job: a\nhelp: H\ncommand: [x]\n{BIDI[:-1]}: 1 # {BIDI[:-1]}\n",
    "raw escape": "job: a\nhelp: H\ncommand: [x]\nk\x1b[31m: 1\n",
    "not UTF-8": b"job: a\nhelp: H\ncommand: [x]\nk\xff\xfe\x80: 1\n",
    "in a comment": f"job: a # jobrun: ignore[{BIDI[:-1]}] {BIDI[:-1]}\nhelp: H\ncommand: [x]\n",
    "as a reason": f"job: a # jobrun: ignore[help] {BIDI[:-1]}\ncommand: [x]\n",
    "include": f"job: a\nhelp: H\ninclude: [{quoted('f' + BIDI)}]\ncommand: [x]\n",
}


@pytest.mark.parametrize("format, name", itertools.product(FORMATS, MANIFESTS))
def test_no_text_reaches_an_output_as_it_is(workspace, format, name):
    text = MANIFESTS[name]
    workspace.write("manifests/a.yaml", text if isinstance(text, bytes) else text.encode())
    result = workspace.run("lint", "--format", format, text=False)
    assert_printable(result.out + result.err)
    assert result.out + result.err
    if format in ("json", "sarif"):
        json.loads(result.out)


NAMES = [b"e\x1b[31m.yaml", b"i\xff\xfe.yaml", f"b{BIDI}.yaml".encode(), b"n\n::error::x.yaml", b"t\t\r.yaml"]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_name_of_a_file_does(workspace, format, name):
    folder = os.fsencode(workspace.root) + b"/manifests"
    os.makedirs(folder)
    with open(folder + b"/" + name, "wb") as file:
        file.write(b"job: a\nhelp: H\ncommand: [x]\nk: 1\n")
    for argument in (folder, os.path.join(folder, name), folder + b"/no" + name, b"--" + name):
        process = workspace.spawn("lint", "--format", format, os.fsdecode(argument), text=False)
        out, err = process.communicate(timeout=60)
        assert process.returncode in (1, 2, 3)
        assert_printable(out + err)
        assert format != "github" or all(line.startswith(b"::error ") for line in out.splitlines())
