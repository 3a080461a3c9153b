"""Every example is a workspace that holds what the README of the repository promises."""
import re
import shutil
import subprocess

import pytest
from conftest import REPOSITORY

EXAMPLES = sorted(path.parent for path in (REPOSITORY / "examples").glob("*/jobrun.yaml"))


def manifests(example):
    return sorted((example / "manifests").glob("*.yaml"))


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name)
def example(request):
    return request.param


@pytest.fixture
def copied(example, workspace):
    shutil.copytree(example / "manifests", workspace.root / "manifests")
    for name in ("jobrun.yaml", ".gitignore", "pixi.toml"):
        shutil.copy(example / name, workspace.root)
    workspace.commit()
    return workspace


def test_there_is_one():
    assert EXAMPLES


def test_its_manifests_lint_clean(example, copied):
    count = len(manifests(example))
    assert f"{count} manifests checked, no problems" in copied.run("lint").ok().err


def test_every_job_has_help(example, copied):
    for path in manifests(example):
        assert copied.run(path.stem, "--help").ok().out != ""


def test_there_is_one_task_for_each_job_and_none_takes_args(example):
    tomllib = pytest.importorskip("tomllib")
    tasks = tomllib.loads((example / "pixi.toml").read_text())["tasks"]
    assert tasks == {path.stem: f"jobrun manifests/{path.name}" for path in manifests(example)}


def test_what_jobs_land_and_publish_is_ignored_by_git(example):
    for path in manifests(example):
        for place in re.findall(r"(?:to: |path: \"?|stdout: )([\w/.-]+)", path.read_text()):
            subprocess.run(["git", "check-ignore", "-q", place], cwd=example, check=True)


def test_the_readme_links_to_it_and_it_names_every_job(example):
    assert f"(examples/{example.name})" in (REPOSITORY / "README.md").read_text()
    text = (example / "README.md").read_text()
    for path in manifests(example):
        assert f"| `{path.stem}` |" in text
