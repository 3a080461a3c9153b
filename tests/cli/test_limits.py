"""How large, deep and long the text of a manifest may be: the most that is taken, and one more."""
import pytest

HEAD = "job: long\nhelp: H\ncommand: [echo, ok]\n"


def padded(size):
    comment = size - len(HEAD)
    return HEAD + "#" * (comment - 1) + "\n"


def deep(levels):
    """The manifest itself is a level."""
    return HEAD + "ci: " + "{a: " * (levels - 1) + "x" + "}" * (levels - 1) + "\n"


def nodes(count):
    """Keys count too: the manifest, its three keys with their values and two items; `ci: {a: [...]}`."""
    rest = count - 9 - 4
    return HEAD + "ci: {a: [" + ", ".join(["x"] * rest) + "]}\n"


def aliases(count):
    return HEAD + "ci: {a: &x y, b: [" + ", ".join(["*x"] * count) + "]}\n"


LIMITS = {
    "1 MiB": (padded, 1 << 20, "1048576"),
    "64 levels": (deep, 64, "64"),
    "10000 nodes": (nodes, 10000, "10000"),
    "1000 aliases": (aliases, 1000, "1000"),
}


@pytest.mark.parametrize("text,most,said", LIMITS.values(), ids=LIMITS)
def test_the_most_is_taken_and_one_more_is_refused(workspace, text, most, said):
    workspace.write("manifests/long.yaml", text(most))
    workspace.commit()
    workspace.run("lint", "manifests/long.yaml").ok()
    assert workspace.run("long").ok().out == "ok\n"
    workspace.write("manifests/long.yaml", text(most + 1))
    result = workspace.run("lint", "manifests/long.yaml").fails(1)
    assert said in result.err and "manifests/long.yaml" in result.err
    workspace.run("long").fails(120)
