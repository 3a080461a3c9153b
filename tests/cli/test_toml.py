"""The reader of TOML agrees with smol-toml: what both take, and what both refuse.

jobrun reads TOML for its tasks alone, so each document gets one task more: it was
taken where lint finds that task, and refused where lint says so.
"""
import json
import subprocess

import pytest
from conftest import npm_part

GOOD = [
    "a = 1", "a = +1_000", "a = 0xdead_beef", "a = 0o17", "a = 0b10", "a = 1.5e-3", "a = -inf", "a = nan",
    "a = 1979-05-27T07:32:00Z", "a = 1979-05-27 07:32:00.5+01:00", "a = 1979-05-27", "a = 07:32:00",
    'a = "x\\ty"', "a = 'x\\ty'", 'a = """\nx\n"""', "a = '''x'''", 'a = """a""b"""', 'a = """\\\n  x"""',
    "a = []", "a = [1, [2, 'x'], {b = 1},]", "a = [ # c\n1,\n# d\n2\n]", "a = {}", "a = {b.c = 1, 'd e' = 2}",
    "a.b.c = 1\na.b.d = 2", "[a]\nb = 1\n[a.c]\n", "[a.b]\n[a]\n", "[[a]]\nb = 1\n[[a]]\n[a.c]\nd = 1",
    "[a]\n[[a.b]]\n[a.b.c]", '"" = 1', "1 = 2", "a-b_c = 1", "# only a comment", "", "a = 1 # x", "\ta = 1",
    "a = 1\r\nb = 2\r\n", 'a = "\\u00e9\\U0001F600"', "a = '\u00e9'", "a = 0", "a = 0.0", "a = true",
    "a = {b = {c = [1]}}", "[ a . 'b' ]\nc = 1", "a . b = 1",
]
BAD = [
    "a", "a =", "= 1", "a = 1 2", "a = word", "a = 01", "a = 1__0", "a = _1", "a = 1.", "a = .5", "a = 1e",
    "a = 0x", "a = 0xg", "a = +0x1", "a = tru", "a = 'x", 'a = "x', 'a = "\\q"', 'a = "\\u12"', 'a = "\\uD800"',
    "a = 'x\ny'", 'a = """x', "a = [1", "a = [1 2]", "a = [,]", "a = {b}",
    "a = 1\na = 2", "[a]\n[a]", "a = 1\n[a]", "a = 1\na.b = 2", "a = {}\na.b = 1", "a = {}\n[a.b]",
    "[a]\nb.c = 1\n[a.b]", "[[a]]\n[a]", "[a]\n[[a]]", "a = []\n[[a]]", "[a", "[a]]", "[]", "[a.]", "[a] b = 1",
    'a = "\x01"', "a = 1 # \x01", "a = 2023-13-01", "a = 25:00:00", "a = {b.c = 1, b = 2}", "a.b = 1\n[a.b]",
    '"""a""" = 1', "a = 'x' 'y'", "a = 1\rb = 2",
]
# TOML 1.1 takes these, and smol-toml too.
NEWER = ["a = {b = 1,}", "a = {b = 1\n}"]

CHECK = """
const {parse} = await import(process.argv[1]);
let text = "";
for await (const chunk of process.stdin) text += chunk;
const texts = JSON.parse(text);
console.log(JSON.stringify(texts.map(t => { try { parse(t); return true; } catch { return false; } })));
"""


def test_the_corpus_is_judged_as_smol_toml_judges_it():
    module = npm_part("smol-toml") / "dist/index.js"
    said = subprocess.run(["node", "--input-type=module", "-e", CHECK, str(module)],
                          input=json.dumps(GOOD + BAD), text=True, capture_output=True, check=True).stdout
    judged = json.loads(said)
    for text, good in zip(GOOD + BAD, judged):
        assert good == (text in GOOD), text


@pytest.mark.parametrize("text", GOOD + BAD + NEWER)
def test_a_document_is_taken_or_refused(workspace, text):
    workspace.manifest("j", "command: [make]\n")
    workspace.write("pixi.toml", (text + "\n").encode())
    result = workspace.run("lint", "manifests").fails(1)
    if text in GOOD:
        assert "has no task 'j'" in result.err
    else:
        assert "'pixi.toml' is not TOML" in result.err
