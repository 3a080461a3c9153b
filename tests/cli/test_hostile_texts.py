"""Texts that are made to be hard to read: each gives few and clear messages, and ends.

No time is judged; what does not end is stopped by the deadline of Workspace.run().
"""
import subprocess

import pytest

MIB = 1 << 20
MANIFEST = "job: t\nhelp: H\ncommand: [echo]\n"


def filled(piece, head=""):
    """As much of the piece as one MiB takes."""
    piece = piece.encode() if isinstance(piece, str) else piece
    return (head.encode() + piece * (MIB // len(piece)))[:MIB]


def numbered(line, head=""):
    """Lines that all differ, one MiB of them."""
    lines, size, number = [head], len(head), 0
    while size < MIB - 40:
        lines.append(line.format(number))
        size += len(lines[-1])
        number += 1
    return "".join(lines).encode()


def laughs(levels):
    """Each level has ten times what the one before it has."""
    text = "ci:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, levels):
        text += f"  a{level}: &a{level} [" + ", ".join([f"*a{level - 1}"] * 10) + "]\n"
    return (MANIFEST + text).encode()


# What the file is, and what is said of it.
SYNTAX = {
    "brackets": (filled("["), "error[limit]: the file has too many levels, more than the 64"),
    "braces": (filled("{"), "error[limit]: the file has too many levels, more than the 64"),
    "open lists": (filled("- "), "error[limit]: the file has too many levels, more than the 64"),
    "list items": (filled("-\n"), "error[limit]: the file has too many values, more than the 10000"),
    "anchors": (filled("a: &a\n"), "error[duplicate-key]: key 'a' is given twice"),
    "anchors in a line": (filled("a: &a "), "error[syntax]: a ': ' where no value can begin"),
    "question marks": (filled("? "), "error[limit]: the file has too many levels"),
    "comments": (filled("# c\n"), "error[syntax]: the file is empty"),
    "one comment": (filled("#"), "error[syntax]: the file is empty"),
    "empty lines": (filled("\n"), "error[syntax]: the file is empty"),
    "spaces": (filled(" "), "error[syntax]: the file is empty"),
    "tabs": (filled("\t"), "error[syntax]: a tab where YAML takes only spaces"),
    "an open quote": (filled("x", "a: \""), "error[syntax]: a quote that is never closed"),
    "aliases of nothing": (filled("- *a\n"), "error[syntax]: unknown alias '*a'"),
    "an alias of itself": (b"a: &a [*a]\n", "error[syntax]: alias '*a' stands inside of what it means"),
    "billion laughs": (laughs(9), "error[limit]: the file has too many values"),
    "merge markers": (filled("<<<<<<< a\n"), "error[syntax]: merge-conflict marker"),
    "a merge": (b"job: t\n<<<<<<< ours\nhelp: a\n=======\nhelp: b\n>>>>>>> theirs\n",
                "error[syntax]: merge-conflict marker"),
    "merge keys": (b"a: &a {b: c}\nd:\n  <<: *a\n", "error[syntax]: '<<' is not part of this language"),
    "CR LF": (MANIFEST.replace("\n", "\r\n").encode(), "error[syntax]: the line ends with CR LF"),
    "CR": (filled("\r"), "error[syntax]: the line ends with CR"),
    "a byte-order mark": (b"\xef\xbb\xbf" + MANIFEST.encode(),
                          "error[syntax]: the file begins with a byte-order mark"),
    "UTF-16": (MANIFEST.encode("utf-16"), "error[syntax]: the file is UTF-16, not UTF-8"),
    "NUL": (filled(b"\0"), "error[syntax]: there is a NUL byte in the file"),
    "NUL within": (b"job: t\0\nhelp: H\n", "error[syntax]: there is a NUL byte in the file"),
    "all bytes": (filled(bytes(range(1, 256))), "error[syntax]: the file is not UTF-8 here"),
    "broken UTF-8": (b"job: t\nhelp: caf\xe9\ncommand: [x]\n", "error[syntax]: the file is not UTF-8 here"),
    "a tab": (b"job: t\nhelp: H\ncommand:\n\t- x\n", "error[syntax]: a tab where YAML takes only spaces"),
    "tags": (b"job: !!str t\nhelp: H\n", "error[syntax]: tags are not part of this language"),
    "two documents": (MANIFEST.encode() + b"---\n" + MANIFEST.encode(),
                      "error[syntax]: a second document begins here"),
    "too large": (b"#" * (MIB + 1), "error[limit]: the file has more than the 1048576 bytes"),
}

# These can be read, and then are no manifest.
MANIFESTS = {
    "keys": (numbered("k{}: v\n"), "error[limit]: the file has too many values"),
    "wrong keys": (numbered("k{}: v\n", MANIFEST)[:40000].rsplit(b"\n", 1)[0] + b"\n",
                   "unknown key 'k0' in the manifest"),
    "params": (("params:\n" + "".join(f"  p{i}: {{}}\n" for i in range(3000))).encode()
               + MANIFEST.encode(), "error[limit]: 'params' has more than 1000 entries"),
    "ten thousand params": (numbered("  p{}: {{type: int, default: 1}}\n", MANIFEST + "params:\n"),
                            "error[limit]: the file has too many values"),
    "a long text": (filled("x", "job: t\nhelp: H\ncommand: [echo, ")[:-1] + b"]",
                    "error[limit]: the text has"),
    "placeholders": (filled("${params.a}", "job: t\nhelp: H\ncommand: [echo, '")[:-2] + b"']",
                     "error[limit]: the text has"),
    "open placeholders": (MANIFEST.replace("[echo]", "[echo, '" + "${" * 30000 + "']").encode(),
                          "error[placeholder]: placeholder '${' is never closed"),
    "a script of placeholders": (filled("  ${params.a}\n", "job: t\nhelp: H\nscript: |\n"),
                                 "error[shell-placeholder]: a script has no placeholders"),
    "a wide text": (("job: t\nhelp: H\ncommand: [echo]\nci: {a: '" + "\u202e" * 300000 + "'}\n"
                     "x: 1\n").encode(), "unknown key 'x' in the manifest"),
}


def expect_clear(result, said):
    lines = result.err.splitlines()
    told = [line for line in lines if line.startswith(("error[", "warning["))]
    assert any(said in line for line in told), result.err[:2000]
    assert len(told) <= 1001
    assert max(map(len, lines)) < 10000
    assert all(c == "\n" or c.isprintable() for c in result.err)


@pytest.mark.parametrize("text,said", [*SYNTAX.values(), *MANIFESTS.values()],
                         ids=[*SYNTAX, *MANIFESTS])
def test_a_manifest(workspace, text, said):
    workspace.write("manifests/t.yaml", text)
    expect_clear(workspace.run("lint", "manifests/t.yaml").fails(1), said)


# Each of these has one thing that is wrong with it, however often it is there.
ONE_MESSAGE = {name: text for name, (text, _) in {**SYNTAX, **MANIFESTS}.items()
               if name not in ("anchors", "wrong keys", "open placeholders", "a script of placeholders",
                               "merge keys", "tags", "a wide text")}


@pytest.mark.parametrize("text", ONE_MESSAGE.values(), ids=ONE_MESSAGE)
def test_there_is_one_message_and_the_same_from_standard_input(workspace, text):
    workspace.write("manifests/t.yaml", text)
    result = workspace.run("lint", "manifests/t.yaml").fails(1)
    assert sum(line.startswith(("error[", "warning[")) for line in result.err.splitlines()) == 1, result
    process = workspace.spawn("lint", "--stdin-filename", "manifests/t.yaml", "-",
                              stdin=subprocess.PIPE, text=False)
    assert process.communicate(text)[1].decode() == result.err


@pytest.mark.parametrize("text,said", SYNTAX.values(), ids=SYNTAX)
def test_a_fragment(workspace, text, said):
    workspace.write("manifests/t.yaml", MANIFEST + "include: [shared/f.yaml]\n")
    workspace.write("manifests/shared/f.yaml", text)
    said = said.replace("error[limit]: the file has more than", "has more than")
    expect_clear(workspace.run("lint", "manifests/t.yaml").fails(1), said)


@pytest.mark.parametrize("text,said", SYNTAX.values(), ids=SYNTAX)
def test_a_file_of_params(workspace, text, said):
    workspace.manifest("t", "command: [echo]\n")
    workspace.write("params.yaml", text)
    result = workspace.run("t", "--params-file", "params.yaml")
    assert result.status in (2, 120), result
    said = said.split("]: ")[-1].replace("the file has more than the", "is larger than")
    expect_clear(result, said)


# A configuration of nothing but blanks and comments is one without settings.
CONFIGURATIONS = {name: row[0] for name, row in SYNTAX.items()
                  if name == "too large" or (row[0].strip(b" \t\r\n") and not row[0].startswith(b"#"))}


@pytest.mark.parametrize("text", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_the_configuration(workspace, text):
    workspace.manifest("t", "command: [echo]\n")
    workspace.write("jobrun.yaml", text)
    result = workspace.run("t")
    assert result.status not in (0, 125) and result.status < 128, result
    assert all(c == "\n" or c.isprintable() for c in result.err)
    assert len(result.err) < 200000 and "jobrun.yaml" in result.err


@pytest.mark.parametrize("name", ["brackets", "all bytes", "billion laughs", "keys"])
def test_a_folder_is_read_on_behind_such_a_file(workspace, name):
    text, said = {**SYNTAX, **MANIFESTS}[name]
    workspace.write("manifests/bad.yaml", b"job: bad\n" + text[:MIB - 10])
    workspace.write("manifests/good.yaml", "job: good\nhelp: H\ncommand: [echo]\nother: 1\n")
    result = workspace.run("lint").fails(1)
    assert "manifests/bad.yaml" in result.err
    assert "unknown key 'other' in the manifest" in result.err
