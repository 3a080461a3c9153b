"""The problem matcher for GitHub Actions and the hook for pre-commit."""
import json
import re
import shlex
import subprocess

from conftest import JOBRUN, REPOSITORY

MATCHER = REPOSITORY / ".github" / "jobrun-problem-matcher.json"
HOOKS = (REPOSITORY / ".pre-commit-hooks.yaml").read_text()
GOLDEN = sorted((REPOSITORY / "tests" / "cli" / "diagnostics").glob("*.yaml"))


def matched(text):
    """As Actions does it: the patterns match lines that follow one another."""
    (matcher,) = json.loads(MATCHER.read_text())["problemMatcher"]
    assert matcher["owner"] == "jobrun"
    lines = text.splitlines()
    for first, second in zip(lines, lines[1:]):
        found = {}
        for pattern, line in zip(matcher["pattern"], (first, second)):
            match = re.search(pattern["regexp"], line)
            if match is None:
                break
            found.update({key: match[group] for key, group in pattern.items() if key != "regexp"})
        else:
            yield found


def test_the_matcher_finds_every_problem_in_the_text(workspace):
    (workspace.root / "manifests").mkdir()
    for case in GOLDEN:
        (workspace.root / "manifests" / case.name).write_bytes(case.read_bytes())
    problems = json.loads(workspace.run("lint", "--format", "json").fails(1).out)["problems"]
    found = list(matched(workspace.run("lint", "--format", "text").fails(1).err))
    assert found == [{"severity": problem["severity"], "code": problem["rule"], "message": problem["message"],
                      "file": problem["place"]["file"], "line": str(problem["place"]["line"]),
                      "column": str(problem["place"]["column"])} for problem in problems]
    assert len(found) > 100


def test_the_matcher_finds_what_stops_a_run(workspace):
    workspace.manifest("a", "timeout: soon\ncommand: [x]\n")
    (found,) = matched(workspace.run("a", env={"GITHUB_ACTIONS": "true"}).fails(120).err)
    assert found["file"] == "manifests/a.yaml" and found["line"] == "3"


def hook():
    """The only hook of the file, whose values are plain texts."""
    lines = [line for line in HOOKS.splitlines() if not line.startswith("#")]
    assert [line[:2] for line in lines] == ["- "] + ["  "] * (len(lines) - 1)
    return dict(line[2:].split(": ", 1) for line in lines)


def test_the_hook_has_what_a_hook_must_have():
    keys = hook()
    assert {"id", "name", "entry", "language"} <= set(keys)
    assert set(keys) <= {"id", "name", "description", "entry", "language", "files", "pass_filenames"}
    assert keys["language"] == "system" and keys["pass_filenames"] == "false"


def test_the_hook_runs_for_manifests_fragments_and_the_configuration():
    pattern = re.compile(hook()["files"])
    for path in ("manifests/build.yaml", "manifests/shared/f.yaml", "ci/manifests/a.yml", "jobrun.yaml",
                 "pixi.toml", "pyproject.toml", ".gitignore", ".github/workflows/ci.yml"):
        assert pattern.search(path), path
    for path in ("manifests/build.py", "docs/a.yaml", "manifests.yaml", "my-jobrun.yaml", ".github/dependabot.yml"):
        assert not pattern.search(path), path
    assert pattern.search("manifests/lint.yaml") and (REPOSITORY / "manifests" / "lint.yaml").exists()


def run_hook(workspace):
    program, *arguments = shlex.split(hook()["entry"])
    assert program == "jobrun"
    return subprocess.run([JOBRUN, *arguments], cwd=workspace.root, env=workspace.environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


def test_what_the_hook_runs_fails_for_a_mistake(pair):
    assert run_hook(pair).returncode == 0
    pair.manifest("bad", "timeout: soon\ncommand: [x]\n")
    result = run_hook(pair)
    assert result.returncode == 1 and "manifests/bad.yaml:3:10" in result.stderr


def test_names_of_files_can_be_handed_on_too(pair):
    files = ["manifests/build.yaml", "manifests/use.yaml"]
    assert "2 manifests checked" in pair.run("lint", *files).ok().err
