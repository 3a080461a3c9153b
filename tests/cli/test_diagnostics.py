"""Golden tests: manifests that are wrong in one way each, and what is said of them.

diagnostics/<name>.yaml is linted; diagnostics/<name>.txt is what lint must
write. `UPDATE_GOLDEN=1 pytest tests/cli/test_diagnostics.py` writes them anew:
read the difference before you commit it.
"""
import os
import pathlib
import shutil

import pytest

FOLDER = pathlib.Path(__file__).parent / "diagnostics"
CASES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_wrong_manifest_is_told_what_is_wrong(workspace, case):
    shutil.copy(case, workspace.root / case.name)
    result = workspace.run("lint", case.name)
    expected = case.with_suffix(".txt")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(result.err)
    assert result.err == expected.read_text()
    assert result.status == 1
    assert result.out == ""


def test_there_are_enough_of_them_and_each_has_its_text():
    assert len(CASES) >= 60
    assert {p.stem for p in CASES} == {p.stem for p in FOLDER.glob("*.txt")}
