"""Golden tests: manifests that are wrong in one way each, and what is said of them.

diagnostics/<name>.yaml is linted, with the jobs of diagnostics/jobs/ in the
workspace; diagnostics/<name>.txt is what lint must write. Where the jobs together
are wrong, diagnostics/<name>/ holds the whole workspace, and all of it is linted.
`UPDATE_GOLDEN=1 pytest tests/cli/test_diagnostics.py` writes the texts anew: read the
difference before you commit it.
"""
import os
import pathlib
import shutil

import pytest

FOLDER = pathlib.Path(__file__).parent / "diagnostics"
JOBS = FOLDER / "jobs"
CASES = sorted(FOLDER.glob("*.yaml"))
TOGETHER = sorted(p for p in FOLDER.iterdir() if p.is_dir() and p != JOBS)


def compare(result, expected):
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(result.err)
    assert result.err == expected.read_text()
    assert result.status == 1
    assert result.out == ""


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_wrong_manifest_is_told_what_is_wrong(workspace, case):
    shutil.copytree(JOBS, workspace.root / "manifests")
    shutil.copy(case, workspace.root / case.name)
    compare(workspace.run("lint", case.name), case.with_suffix(".txt"))


@pytest.mark.parametrize("case", TOGETHER, ids=lambda path: path.name)
def test_jobs_that_do_not_fit_together_are_told_what_is_wrong(workspace, case):
    shutil.copytree(case, workspace.root, dirs_exist_ok=True)
    workspace.ignore("*")
    compare(workspace.run("lint"), case.with_suffix(".txt"))


def test_there_are_enough_of_them_and_each_has_its_text():
    assert len(CASES) >= 60 and len(TOGETHER) >= 15
    assert {p.stem for p in CASES + TOGETHER} == {p.stem for p in FOLDER.glob("*.txt")}


def test_the_jobs_that_they_take_from_are_in_order(workspace):
    shutil.copytree(JOBS, workspace.root / "manifests")
    workspace.ignore("*")
    workspace.run("lint").ok()
