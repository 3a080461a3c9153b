"""Lint and the schemas judge the same texts, and agree wherever a schema can say it."""
import json
import re
import subprocess
import sys

import pytest
from conftest import REPOSITORY, Workspace, npm_part

sys.path.insert(0, str(REPOSITORY / "tests" / "schema"))
import corpus  # noqa: E402

ENTRIES = corpus.read()
GROUPS = corpus.rule_groups(REPOSITORY)
DIAGNOSTICS = {path.stem: path for path in sorted(corpus.DIAGNOSTICS.glob("*.yaml"))}
# Of tests/cli/diagnostics: why the schema takes what lint refuses (REASONS).
DIAGNOSTIC_REASONS = {
    **dict.fromkeys([
        "input-select-column-of-with", "input-select-two-tables", "once-with-outputs", "param-min-over-max",
        "param-no-form-clash", "param-values-of-no-enum", "reference-list-in-text", "requires-platform-values",
        "schema-env-clash", "schema-output-min-over-max", "schema-two-inputs-in-one-file", "secrets-and-env",
        "secrets-and-params", "steps-name-twice", "steps-same-stdout", "urls-env-clash",
        "urls-files-without-to", "urls-path-without-to", "with-list-in-text"], "reference"),
    **dict.fromkeys([
        "syntax-byte-order-mark", "syntax-carriage-return", "syntax-directive", "syntax-line-separator",
        "syntax-nul-escape", "syntax-nul", "syntax-tag"], "reader"),
    "param-bad-pattern": "inside",
    "path-bad-glob": "inside",
    "schema-job-is-not-the-stem": "file",
}


def counted(rules):
    """The rules that a schema is to agree with."""
    return {rule for rule in rules if GROUPS[rule] in ("syntax", "schema")}


def lint_manifests(workspace, entries):
    """The rules that lint finds in each manifest or fragment, {name: rules}."""
    workspace.write("manifests/shared/x.yaml", "env: {SHARED_X: x}\n")
    workspace.write("manifests/shared/y.yaml", "env: {SHARED_Y: y}\n")
    found = {entry.name: set() for entry in entries}
    files = {}
    for entry in entries:
        path, shared = f"manifests/{entry.name}.yaml", f"shared/{entry.name}.yaml"
        text = entry.text
        if entry.kind == "fragment":
            text = f"job: {entry.name}\nhelp: A test.\ninclude: [{shared}]\ncommand: [tool]\n"
            workspace.write(f"manifests/{shared}", entry.text)
        workspace.write(path, text)
        files[path] = files[f"manifests/{shared}"] = entry.name
    for start in range(0, len(entries), 50):
        paths = [f"manifests/{entry.name}.yaml" for entry in entries[start:start + 50]]
        for name, rules in corpus.found_rules(workspace.run("lint", *paths).err).items():
            found[files[name]] |= rules
    return found


def lint_configurations(workspace, entries):
    """The same for texts of jobrun.yaml."""
    workspace.write("manifests/a.yaml", "job: a\nhelp: A test.\ncommand: [tool]\n")
    found = {}
    for entry in entries:
        workspace.write("jobrun.yaml", entry.text)
        found[entry.name] = corpus.found_rules(workspace.run("lint").err).get("jobrun.yaml", set())
    return found


@pytest.fixture(scope="module")
def linted(tmp_path_factory):
    manifests = [entry for entry in ENTRIES if entry.kind != "jobrun"]
    configurations = [entry for entry in ENTRIES if entry.kind == "jobrun"]
    return {**lint_manifests(Workspace(tmp_path_factory.mktemp("manifests")), manifests),
            **lint_configurations(Workspace(tmp_path_factory.mktemp("configurations")), configurations)}


@pytest.fixture(scope="module")
def judged():
    """What the schemas say of every text, in one process."""
    npm_part("ajv")
    texts = [entry.for_judge() for entry in ENTRIES]
    texts += [{"name": f"diagnostics/{name}", "kind": "job", "bytes": corpus.encode(path.read_bytes())}
              for name, path in DIAGNOSTICS.items()]
    command = ["node", str(REPOSITORY / "tests/schema/judge.js"), str(npm_part("ajv").parent),
               str(REPOSITORY / "schema")]
    result = subprocess.run(command, input=json.dumps(texts), text=True, capture_output=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_names_are_unique_and_there_are_enough():
    names = [entry.name for entry in ENTRIES]
    assert len(set(names)) == len(names) >= 300
    good = [entry for entry in ENTRIES if entry.verdict == "good"]
    assert len(good) >= 100 and len(ENTRIES) - len(good) >= 200


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_lint_says_what_the_corpus_says(entry, linted):
    rules = linted[entry.name]
    if entry.rule is None:
        assert counted(rules) == set()
    else:
        assert entry.rule in rules
        assert counted(rules) <= {entry.rule}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_schema_says_what_the_corpus_says(entry, judged):
    """A reason that is no longer one fails here too: then the entry is good or bad."""
    problems = judged["texts"][entry.name]
    if entry.verdict in ("good", "lint"):
        assert problems == []
    else:
        assert problems != []


def test_the_schemas_are_valid_and_their_examples_are_what_they_take(judged):
    assert judged["meta"] == []


def test_every_reason_is_used():
    used = {entry.reason for entry in ENTRIES} | set(DIAGNOSTIC_REASONS.values())
    assert used - {None} == set(corpus.REASONS)


@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_a_wrong_manifest_of_the_diagnostics_is_refused_by_the_schema(name, judged):
    """Where lint's problem is one of form; else the schema may refuse it or not."""
    shown = DIAGNOSTICS[name].with_suffix(".txt").read_text()
    rules = set(re.findall(r"^(?:error|warning)\[([\w-]+)\]", shown, re.MULTILINE))
    problems = judged["texts"][f"diagnostics/{name}"]
    if name in DIAGNOSTIC_REASONS:
        assert counted(rules) and problems == []
    elif counted(rules):
        assert problems != []
