"""`jobrun lint --format github`: annotations, as the runner of GitHub Actions reads them."""
import json
import re
import shutil

import pytest
from conftest import REPOSITORY

GOLDEN = sorted((REPOSITORY / "tests" / "cli" / "diagnostics").glob("*.yaml"))
ACTIONS = {"GITHUB_ACTIONS": "true"}


def unescape(text, is_property=False):
    pairs = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ",")][:4 if is_property else 2]
    for escaped, plain in pairs + [("%25", "%")]:
        text = text.replace(escaped, plain)
    return text


def commands(out):
    """As the runner does it: a command a line, its properties split at commas."""
    for line in out.splitlines():
        name, properties, message = re.fullmatch(r"::(error|warning) ([^:]*)::(.*)", line).groups()
        pairs = dict(part.split("=", 1) for part in properties.split(","))
        yield name, {key: unescape(value, True) for key, value in pairs.items()}, unescape(message)


def test_all_of_every_finding_is_in_an_annotation(workspace):
    (workspace.root / "manifests").mkdir()
    for case in GOLDEN:
        shutil.copy(case, workspace.root / "manifests" / case.name)
    problems = json.loads(workspace.run("lint", "--format", "json").out)["problems"]
    found = list(commands(workspace.run("lint", "--format", "github").fails(1).out))
    assert len(found) == len(problems) > 100
    for (name, properties, message), problem in zip(found, problems):
        place = problem["place"]
        assert name == problem["severity"]
        assert properties["title"] == f"jobrun: {problem['rule']}"
        assert properties["file"] == place["file"]
        assert int(properties["line"]) == place["line"] and int(properties["endLine"]) == place["endLine"]
        if place["line"] == place["endLine"]:
            assert int(properties["col"]) == place["column"]
            last = max(place["endColumn"] - 1, place["column"])
            assert int(properties["endColumn"]) == last
        else:
            assert "col" not in properties and "endColumn" not in properties
        where = "{file}:{line}:{column}: ".format(**place)
        first, *rest = message.split("\n")
        assert first == f"{where}{problem['message']} [{problem['rule']}]"
        for label in problem["labels"]:
            assert "{file}:{line}:{column}: ".format(**label["place"]) + label["message"] in rest
        for kind in "note", "help":
            for text in problem[kind + "s"]:
                assert f"{kind}: {text}" in message


def test_it_is_chosen_by_itself_in_actions_alone(pair):
    pair.manifest("bad", "params: {p: {type: strnig, default: x}}\ncommand: [x]\n")
    assert pair.run("lint", env=ACTIONS).fails(1).out.startswith("::error ")
    assert pair.run("lint", "--format", "text", env=ACTIONS).fails(1).out == ""
    assert pair.run("lint", "--format", "json", env=ACTIONS).fails(1).out.startswith("{")
    for value in ("1", "false", ""):
        assert pair.run("lint", env={"GITHUB_ACTIONS": value}).fails(1).out == ""


def test_people_still_read_how_it_ended(pair):
    assert "2 manifests checked, no problems" in pair.run("lint", env=ACTIONS).ok().err
    assert pair.run("lint", "-q", env=ACTIONS).ok().err == ""
    pair.manifest("bad", "params: {p: {type: strnig, default: x}, q: {type: strnig, default: x}}\ncommand: [x]\n")
    result = pair.run("lint", env=ACTIONS).fails(1)
    assert "2 errors" in result.err and "|" not in result.err


def test_files_are_named_from_the_top_of_the_repository(workspace):
    workspace.write("deep/a,b: %2C/m.yaml", "job: other\nhelp: M\ncommand: [x]\n")
    result = workspace.run("lint", "a,b: %2C/m.yaml", env=ACTIONS, cwd=workspace.root / "deep").fails(1)
    ((_, properties, message),) = commands(result.out)
    assert properties["file"] == "deep/a,b: %2C/m.yaml"
    assert message.startswith("a,b: %2C/m.yaml:1:6: ")


def test_a_warning_is_one(workspace):
    workspace.write("manifests/a.yaml", "job: a\ncommand: [x]\n")
    ((name, properties, _),) = commands(workspace.run("lint", env=ACTIONS).fails(1).out)
    assert (name, properties["title"]) == ("warning", "jobrun: help")


@pytest.mark.parametrize("arguments, status", [(("--no-such",), 2), (("no.yaml",), 3)])
def test_what_has_no_place_is_an_annotation_without_one(pair, arguments, status):
    ((name, properties, _),) = commands(pair.run("lint", *arguments, env=ACTIONS).fails(status).out)
    assert name == "error" and set(properties) == {"title"}


def test_no_text_of_a_manifest_is_a_command_of_its_own(workspace):
    workspace.write("manifests/a.yaml", 'job: a\nhelp: A\ncommand: [x]\n'
                                        '"x\\n::error file=a::b\\r::warning::c": 1\n')
    result = workspace.run("lint", env=ACTIONS).fails(1)
    assert result.out.count("\n") == 1 and len(list(commands(result.out))) == 1
