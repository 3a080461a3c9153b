"""The repository's own jobs: manifests, pixi's tasks and the workflow agree."""
import re
import shutil
import subprocess

import pytest
from conftest import JOBRUN, REPOSITORY

MANIFESTS = sorted((REPOSITORY / "manifests").glob("*.yaml"))
JOBS = sorted(path.stem for path in MANIFESTS)


@pytest.fixture(scope="module")
def pixi():
    tomllib = pytest.importorskip("tomllib")
    return tomllib.loads((REPOSITORY / "pixi.toml").read_text())


def test_there_is_one_task_for_each_job_and_none_takes_args(pixi):
    tasks = dict(pixi["tasks"])
    assert tasks.pop("bootstrap")["cmd"] == "make"
    assert sorted(tasks) == JOBS
    for job, task in tasks.items():
        assert task == {"cmd": f"build/jobrun manifests/{job}.yaml", "depends-on": ["bootstrap"]}


def test_the_workflow_runs_each_job_in_one_line(pixi):
    workflow = (REPOSITORY / ".github/workflows/ci.yml").read_text()
    lines = re.findall(r"pixi run (?:-e (\w+) )?(\S+)$", workflow, re.MULTILINE)
    assert sorted(job for _, job in lines) == JOBS
    assert {environment for environment, _ in lines if environment} <= set(pixi["environments"])


def test_the_workflow_pins_what_it_uses_and_may_only_read():
    workflow = (REPOSITORY / ".github/workflows/ci.yml").read_text()
    used = re.findall(r"uses: (.*)", workflow)
    assert used and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v[\d.]+", line) for line in used)
    assert "permissions:\n  contents: read\n" in workflow
    assert "secrets." not in workflow


def test_every_manifest_lints_clean(workspace):
    shutil.copytree(REPOSITORY / "manifests", workspace.root / "manifests")
    for name in (".gitignore", "pixi.toml"):
        shutil.copy(REPOSITORY / name, workspace.root)
    result = workspace.run("lint").ok()
    assert f"{len(MANIFESTS)} manifests checked, no problems" in result.err


@pytest.mark.parametrize("job", JOBS)
def test_every_job_has_help(workspace, job):
    shutil.copytree(REPOSITORY / "manifests", workspace.root / "manifests")
    workspace.commit()
    assert workspace.run(job, "--help").ok().out != ""


def test_what_jobs_land_and_publish_is_ignored_by_git():
    places = []
    for path in MANIFESTS:
        places += re.findall(r"(?:to: |path: |--out=)([\w/.-]+)", path.read_text())
    assert places
    for place in places:
        subprocess.run(["git", "check-ignore", "-q", place], cwd=REPOSITORY, check=True)


# The options of jobrun, from their one table.

def option_rows():
    """(name or None, letter or None, commands) of each row of OPTIONS."""
    source = (REPOSITORY / "src/cli/options_table.c").read_text()
    rows = re.findall(r"\[OPTION_\w+\] =\s+\{(NULL|\"(--[\w-]+)\"), (0|'(\w)'), (?:NULL|\"[^\"]*\"),"
                      r"\s*(\w+),", source)
    assert len(rows) == len(re.findall(r"^ +\[OPTION_\w+\] =", source, re.MULTILINE)) > 10
    return [(name or None, letter or None, commands) for _, name, _, letter, commands in rows]


def test_every_option_is_in_the_help(workspace):
    shown = workspace.run("--help").ok().out
    words = set(re.findall(r"(?<![\w-])--?[\w-]+", shown))
    for name, letter, _ in option_rows():
        assert name is None or name in words
        assert letter is None or f"-{letter}" in words


RUN_OPTIONS = [name[2:] for name, _, commands in option_rows()
               if name and commands in ("FOR_RUN", "FOR_JOB", "FOR_ALL")]


@pytest.mark.parametrize("option", RUN_OPTIONS)
def test_no_param_may_have_the_name_of_an_option(workspace, option):
    for name in (option, option[3:] if option.startswith("no-") else "no-" + option):
        workspace.manifest("taken", f"params:\n  {name}: {{default: x, help: H}}\n"
                                    f"env: {{X: '${{params.{name}}}'}}\ncommand: ['true']\n")
        result = workspace.run("lint", "manifests/taken.yaml").fails(1)
        assert f"'{name}'" in result.err
        assert "reserved" in result.err


def test_the_binary_under_test_is_there():
    assert JOBRUN.is_file()
