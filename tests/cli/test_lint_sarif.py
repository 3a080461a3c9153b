"""`jobrun lint --format sarif`: SARIF 2.1.0, as Microsoft's own program judges it."""
import json
import pathlib
import shutil
import subprocess
import urllib.parse

import pytest
from conftest import REPOSITORY, npm_part

GOLDEN = sorted((REPOSITORY / "tests" / "cli" / "diagnostics").glob("*.yaml"))


def log(result):
    assert result.err == "", result
    found = json.loads(result.out)
    assert found["version"] == "2.1.0"
    (run,) = found["runs"]
    assert run["invocations"][0]["exitCode"] == result.status
    return run


def lint(workspace, *arguments, **options):
    return log(workspace.run("lint", "--format", "sarif", *arguments, **options))


def uri(result):
    return result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def region(location):
    return location["physicalLocation"]["region"]


@pytest.fixture
def all_kinds(workspace):
    """All golden diagnostics, an ignored one, and one that has no place."""
    for case in GOLDEN:
        target = workspace.root / "manifests" / case.name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(case, target)
    workspace.write("manifests/quiet.yaml", "# jobrun: ignore[help] a test\njob: quiet\ncommand: [x]\n")
    workspace.write("manifests/other.yml", "job: other\n")
    return workspace


def test_the_validator_finds_no_error(all_kinds, tmp_path):
    program = npm_part("@microsoft/sarif-multitool-linux") / "Sarif.Multitool"
    result = all_kinds.run("lint", "--format", "sarif").fails(1)
    for number, text in enumerate((result.out, all_kinds.run("lint", "--format=sarif", "no.yaml").out)):
        (tmp_path / "in.sarif").write_text(text)
        report = tmp_path / f"report{number}.sarif"
        subprocess.run([program, "validate", tmp_path / "in.sarif", "-o", report, "--level", "Error;Warning",
                        "--rule-kind", "Sarif;Ghas"], check=True, capture_output=True)
        (run,) = json.loads(report.read_text())["runs"]
        # The project has no page of its own, which is all that there is to warn of.
        assert {found["ruleId"] for found in run["results"]} <= {"SARIF2005"}
        assert run["invocations"][0]["executionSuccessful"]


def test_the_validator_would_find_one(pair, tmp_path):
    program = npm_part("@microsoft/sarif-multitool-linux") / "Sarif.Multitool"
    pair.manifest("bad", "nothing: 1\n")
    text = pair.run("lint", "--format", "sarif").fails(1).out
    (tmp_path / "in.sarif").write_text(text.replace('"startLine": ', '"startLine": -'))
    result = subprocess.run([program, "validate", tmp_path / "in.sarif"], capture_output=True, text=True)
    assert "error" in result.stdout


def test_it_has_every_finding_that_json_has(all_kinds):
    found = json.loads(all_kinds.run("lint", "--format", "json").fails(1).out)
    run = lint(all_kinds)
    placed = [problem for problem in found["problems"] if problem["place"]] + found["ignored"]
    assert len(run["results"]) == len(placed) > 100
    for result, problem in zip(run["results"], placed):
        assert result["ruleId"] == problem["rule"] and result["level"] == problem["severity"]
        assert uri(result) == problem["place"]["file"]
        assert region(result["locations"][0]) == {
            "startLine": problem["place"]["line"], "startColumn": problem["place"]["column"],
            "endLine": problem["place"]["endLine"], "endColumn": problem["place"]["endColumn"]}
        assert result["message"]["text"] == "\n".join(
            [problem["message"], *(f"note: {text}" for text in problem["notes"]),
             *(f"help: {text}" for text in problem["helps"])])
        assert [related["message"]["text"] for related in result.get("relatedLocations", [])] == [
            label["message"] for label in problem["labels"]]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == problem["rule"]
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    assert [note["descriptor"]["id"] for note in notifications] == [
        problem["rule"] for problem in found["problems"] if not problem["place"]] == ["file"]


def test_an_ignored_finding_is_suppressed(all_kinds):
    results = lint(all_kinds)["results"]
    (ignored,) = [result for result in results if uri(result) == "manifests/quiet.yaml"]
    assert ignored["ruleId"] == "help"
    (suppression,) = ignored["suppressions"]
    assert suppression["kind"] == "inSource" and suppression["justification"] == "a test"
    assert region(suppression["location"])["startLine"] == 1


def test_every_rule_is_described(pair):
    run = lint(pair)
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) > 30
    for rule in rules:
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning")
        assert rule["help"]["text"] and rule["help"]["markdown"]
    (unused,) = [rule for rule in rules if rule["id"] == "ignore-unused"]
    assert "\n\nBad:\n\n    # jobrun: ignore[help]" in unused["help"]["text"]
    assert "**Good**\n\n```yaml\n# jobrun: ignore[help]" in unused["help"]["markdown"]


def test_files_are_named_from_the_top_of_the_repository(workspace):
    name = "a b/ü#%?/m.yaml"
    workspace.write(f"deep/{name}", "job: other\nhelp: M\ncommand: [x]\n")
    for folder, given in (("deep", name), (".", f"deep/{name}"), ("deep/a b", name[4:])):
        run = lint(workspace, given, cwd=workspace.root / folder)
        (result,) = run["results"]
        assert urllib.parse.unquote(uri(result)) == f"deep/{name}"
        assert uri(result) == urllib.parse.quote(f"deep/{name}")
        base = result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"]
        root = urllib.parse.urlparse(run["originalUriBaseIds"][base]["uri"])
        assert pathlib.Path(urllib.parse.unquote(root.path)) == workspace.root.resolve()


def test_a_file_outside_of_it_has_an_address_of_its_own(workspace, tmp_path):
    outside = tmp_path / "out side" / "m.yaml"
    outside.parent.mkdir()
    outside.write_text("job: other\nhelp: M\ncommand: [x]\n")
    (result,) = lint(workspace, outside)["results"]
    assert uri(result) == outside.as_uri()
    assert "uriBaseId" not in result["locations"][0]["physicalLocation"]["artifactLocation"]


def fingerprints(run):
    return [result["partialFingerprints"]["jobrunFinding/v1"] for result in run["results"]]


def test_fingerprints_stay_when_lines_move(workspace):
    text = "job: a\nhelp: A\nparams:\n  p: {type: strnig, default: x}\n  q: {type: strnig, default: x}\n" \
           "command: [x]\n"
    workspace.write("manifests/a.yaml", text)
    before = fingerprints(lint(workspace))
    assert len(set(before)) == len(before) >= 2
    workspace.write("manifests/a.yaml", "# more\n\n" + text.replace("help: A", "help: B"))
    assert fingerprints(lint(workspace)) == before
    workspace.write("manifests/a.yaml", text.replace("strnig", "srting"))
    assert not set(before) & set(fingerprints(lint(workspace)))


def test_equal_lines_have_fingerprints_of_their_own(workspace):
    workspace.manifest("a", "steps:\n- {nmae: x, name: a, command: [x]}\n"
                            "- name: b\n  command: [x]\n  nmae: x\n- command: [x]\n  name: c\n  nmae: x\n")
    found = fingerprints(lint(workspace))
    assert len(set(found)) == 3
    assert found[1].removesuffix(":1") == found[2].removesuffix(":2") != found[0].removesuffix(":1")


@pytest.mark.parametrize("arguments, successful, meaning", [
    ((), True, "clean"), (("--no-such",), False, "usage"), (("no.yaml",), False, "cannot read")])
def test_the_invocation_says_how_it_ended(pair, arguments, successful, meaning):
    (invocation,) = lint(pair, *arguments)["invocations"]
    assert invocation["executionSuccessful"] is successful
    assert invocation["exitCodeDescription"] == meaning


def test_what_was_dropped_is_told(workspace):
    for number in range(11):
        params = "".join(f"  p{i}: {{type: strnig, default: x}}\n" for i in range(100))
        workspace.write(f"manifests/m{number}.yaml",
                        f"job: m{number}\nhelp: M\nparams:\n{params}command: [x]\n")
    (note,) = lint(workspace)["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].endswith("more are not shown")
