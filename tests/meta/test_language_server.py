"""What an author sees who writes a manifest in an editor: yaml-language-server, asked."""
import sys

import pytest
from conftest import REPOSITORY, npm_part

sys.path[:0] = [str(REPOSITORY / "tests" / "schema"), str(REPOSITORY / "tests" / "support")]
import corpus  # noqa: E402
from language_server import LanguageServer  # noqa: E402

SETTINGS = {"yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}}
ENTRIES = corpus.read()
# What the server does not look at: a document without a value, and numbers without end.
UNSEEN = {"empty-file", "only-comments", "fragment-empty", "config-empty", "config-comments",
          "number-default-infinite"}

# A manifest that is being written: each line is asked for at its end.
WRITTEN = """\
job: written
help: A test.
params:
  mode:
    type: enum
    v
inputs:
  cli:
    from: build
    w
outputs:
  wheel:
    path: dist/x
    c
timeout: 60m
re
"""


def uri_of(entry):
    return f"file:///corpus/{entry.kind}/{entry.name}.yaml"


def modeline(kind):
    return f"# yaml-language-server: $schema={(REPOSITORY / 'schema').as_uri()}/{kind}.schema.json\n"


@pytest.fixture(scope="module")
def server():
    program = npm_part("yaml-language-server") / "bin" / "yaml-language-server"
    with LanguageServer(["node", str(program), "--stdio"], REPOSITORY, SETTINGS) as server:
        yield server


def own_manifests():
    found = list((REPOSITORY / "manifests").glob("*.yaml"))
    return found + [path for path in (REPOSITORY / "examples").glob("**/*.yaml") if path.is_file()]


def kind_of(path):
    text = "\n" + path.read_text()
    if path.name == "jobrun.yaml" or "\nstore: " in text:
        return "jobrun"
    return "job" if "\njob: " in text else "fragment"


@pytest.mark.parametrize("path", own_manifests(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_it_finds_nothing_wrong_with_what_lies_here(server, path):
    """By the modeline of the file itself."""
    text = path.read_text()
    assert f"/schema/{kind_of(path)}.schema.json\n" in text.split("\n", 1)[0] + "\n"
    server.open(path.as_uri(), text)
    assert server.diagnostics(path.as_uri()) == []


def test_it_says_of_the_corpus_what_the_schema_says(server):
    for entry in ENTRIES:
        server.open(uri_of(entry), modeline(entry.kind) + entry.text)
    wrong = []
    for entry in ENTRIES:
        problems = server.diagnostics(uri_of(entry))
        is_taken = entry.verdict in ("good", "lint") or entry.name in UNSEEN
        if is_taken != (problems == []):
            wrong.append((entry.name, problems))
        server.close(uri_of(entry))
    assert wrong == []


@pytest.mark.parametrize("name, message", [
    ("effect-yes", "write true or false"),
    ("timeout-without-a-unit", "write a number and s, m or h, at most 30 days: 90s, 60m, 2h"),
    ("param-required-and-default", "a param that is required has no default"),
    ("steps-and-command", "this excludes 'steps': write it in the step that it is for"),
    ("no-command", "the job has no 'command', 'script' or 'steps'"),
    ("unknown-key", "Property outptus is not allowed."),
])
def test_one_mistake_is_one_message(server, name, message):
    entry = next(entry for entry in ENTRIES if entry.name == name)
    uri = uri_of(entry).replace("corpus", "alone")
    server.open(uri, modeline(entry.kind) + entry.text)
    assert server.diagnostics(uri) == [message]


@pytest.fixture(scope="module")
def written(server):
    uri = "file:///written/manifests/written.yaml"
    server.open(uri, modeline("job") + WRITTEN)
    server.diagnostics(uri)
    return uri


def place(text):
    """Line and column behind a line of WRITTEN."""
    line = WRITTEN.splitlines().index(text)
    return line + 1, len(text)


@pytest.mark.parametrize("line, keys", [
    ("re", "requires select vars constraints inherit-env secrets clean env ci steps"),
    ("    v", "values default required help variant pattern"),
    ("    w", "with to output when optional else commit select unpack"),
    ("    c", "count min max optional when on pack help"),
])
def test_it_completes_keys_and_explains_them(server, written, line, keys):
    found = server.completions(written, *place(line))
    assert set(keys.split()) <= set(found)
    assert all(found[key] for key in keys.split())


def test_it_completes_the_types_of_a_param(server, written):
    found = server.completions(written, *place("    type: enum"))
    assert {"string", "enum", "int", "number", "bool", "path", "list"} <= set(found)


@pytest.mark.parametrize("line, words", [
    ("timeout: 60m", ["How long the command may run", "By default there is no limit"]),
    ("    type: enum", ["What the values are", "The default is string"]),
    ("    from: build", ["The job that makes it", "build-cli"]),
    ("job: written", ["The job's name"]),
])
def test_it_explains_a_key(server, written, line, words):
    number, _ = place(line)
    shown = server.hover(written, number, len(line) - len(line.lstrip()) + 1)
    for word in words:
        assert word in shown
