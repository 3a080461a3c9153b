"""`jobrun lint --format json`."""
import json
import re
import shutil

import pytest
from conftest import REPOSITORY

GOLDEN = sorted((REPOSITORY / "tests" / "cli" / "diagnostics").glob("*.yaml"))


def document(result):
    assert result.err == "", result
    found = json.loads(result.out)
    assert found["version"] == 1
    assert found["tool"]["name"] == "jobrun"
    assert found["status"] == result.status
    return found


def place(file, line, column, end_column, end_line=None):
    return {"file": file, "line": line, "column": column, "endLine": end_line or line,
            "endColumn": end_column}


def test_everything_of_a_problem_is_there(workspace):
    workspace.manifest("a", """\
        inputs: {in: {from: b, to: x/, optional: true}}
        env: {é: "${inputs.in.path}"}
        vars: {v: 1, v: 2}
        command: [echo, "${vars.v}"]
        """)
    workspace.manifest("b", "command: [make]\noutputs: {o: out/o}\n")
    found = document(workspace.run("lint", "a", "--format", "json").fails(1))
    by_rule = {problem["rule"]: problem for problem in found["problems"]}
    assert by_rule["duplicate-key"] == {
        "rule": "duplicate-key", "group": "syntax", "severity": "error",
        "message": "key 'v' is given twice", "place": place("manifests/a.yaml", 5, 14, 15),
        "labels": [{"message": "first given here", "place": place("manifests/a.yaml", 5, 8, 9)}],
        "notes": [], "helps": []}
    assert found["totals"] == {"checked": 1, "errors": 2, "warnings": 1,
                               "ignored": 0, "dropped": 0}
    assert found["ignored"] == []


def test_columns_count_characters(workspace):
    workspace.write("manifests/a.yaml", "job: a\nhelp: A\ncommand: [\"🎉é\", \"${params.ü}\"]\n")
    (problem,) = document(workspace.run("lint", "--format=json").fails(1))["problems"]
    assert problem["place"] == place("manifests/a.yaml", 3, 18, 29)


def test_a_label_in_another_file_has_its_place(workspace):
    workspace.write("manifests/f.yaml", "params:\n  p: {type: string, default: x, help: P}\n")
    workspace.manifest("a", """\
        include: [f.yaml]
        params: {p: {type: string, default: x, help: P}}
        command: [echo, "${params.p}"]
        """)
    (problem,) = document(workspace.run("lint", "--format", "json").fails(1))["problems"]
    files = {problem["place"]["file"], problem["labels"][0]["place"]["file"]}
    assert files == {"manifests/a.yaml", "manifests/f.yaml"}


def lines_of(problem):
    """What the text has of it, but for the lines of the file."""
    yield f"{problem['severity']}[{problem['rule']}]: {problem['message']}"
    yield "--> {file}:{line}:{column}".format(**problem["place"])
    for kind in "note", "help":
        for text in problem[kind + "s"]:
            yield f"= {kind}: {text}"


def test_nothing_that_the_text_has_is_lost(workspace):
    shutil.copytree(GOLDEN[0].parent / "jobs", workspace.root / "manifests")
    for case in GOLDEN:
        shutil.copy(case, workspace.root / case.name)
        text = case.with_suffix(".txt").read_text()
        found = document(workspace.run("lint", "--format", "json", case.name).fails(1))
        shown = [line.strip() for line in text.splitlines()
                 if re.match(r"(error|warning)\[| *--> | *= ", line)]
        assert [line for problem in found["problems"] for line in lines_of(problem)] == shown
        labels = [label["message"] for problem in found["problems"] for label in problem["labels"]]
        assert all(f" {label}\n" in text for label in labels)
        assert len(labels) == len(re.findall(r"^ *\| +-+ ", text, re.M)), case.name


def test_a_clean_lint_has_a_document_too(pair):
    found = document(pair.run("lint", "--format", "json").ok())
    assert found["problems"] == found["ignored"] == []
    assert found["totals"]["checked"] == 2


@pytest.mark.parametrize("arguments, status, rule, message", [
    (("--no-such",), 2, "usage", "'lint' has no option '--no-such'"),
    (("absent.yaml",), 3, "job", "there is no file 'absent.yaml'"),
    ((".",), 3, "file", "there is no manifest in '.'"),
    ((), 3, "file", "cannot open folder 'manifests': No such file or directory"),
])
def test_what_has_no_place_in_a_text_is_there(workspace, arguments, status, rule, message):
    result = workspace.run("lint", "--format", "json", *arguments).fails(status)
    (problem,) = document(result)["problems"]
    assert (problem["rule"], problem["message"], problem["place"]) == (rule, message, None)
    assert problem["severity"] == "error"


def test_problems_behind_the_first_thousand_are_counted(workspace):
    for number in range(11):
        params = "".join(f"  p{i}: {{type: strnig, default: x}}\n" for i in range(100))
        workspace.write(f"manifests/m{number}.yaml",
                        f"job: m{number}\nhelp: M\nparams:\n{params}command: [x]\n")
    found = document(workspace.run("lint", "--format", "json").fails(1))
    totals = found["totals"]
    assert len(found["problems"]) == 1000
    assert totals["errors"] + totals["warnings"] - totals["dropped"] == 1000
    assert totals["dropped"] >= 100


def test_a_full_device_is_an_error_not_a_success(pair):
    with open("/dev/full", "w") as full:
        process = pair.spawn("lint", "--format", "json", stdout=full)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 125 and "standard output" in err


def test_another_format_is_refused_with_those_that_there_are(pair):
    result = pair.run("lint", "--format", "xml").fails(2)
    assert "--format is text, json, sarif or github, not 'xml'" in result.err and result.out == ""
    assert "--format needs a value" in pair.run("lint", "--format").fails(2).err
    assert "given twice" in pair.run("lint", "--format=json", "--format=sarif").fails(2).out
