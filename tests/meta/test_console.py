"""tests/support/console.py: what a README shows is compared, not skipped."""
import os
import sys

import pytest
from conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))
import console  # noqa: E402

TEXT = """\
```console
$ echo one; echo two
one
two
$ sh -c 'echo gone; exit 3'
g...e
$ echo $?
3
```
```console
$ seq 9
1
...
9
```
"""


def test_what_is_shown_is_found():
    assert [command.status for command in console.commands(TEXT)] == [0, 3, 0]
    console.follow(TEXT, ".", dict(os.environ))


@pytest.mark.parametrize("right, wrong", [
    ("one\n", "won\n"), ("\n3\n", "\n4\n"), ("9\n```", "8\n```"), ("two\n", ""),
    ("$ echo $?\n3\n", ""), ("g...e", "g..e")])
def test_what_is_not_so_is_found(right, wrong):
    assert right in TEXT
    with pytest.raises(AssertionError):
        console.follow(TEXT.replace(right, wrong), ".", dict(os.environ))


def test_lines_are_run_as_a_reader_types_them(tmp_path):
    (tmp_path / "a").mkdir()
    place, variables = console.enter("cd a\nexport B='c\nd'", tmp_path, dict(os.environ))
    assert place == str(tmp_path / "a") and variables["B"] == "c\nd"
    with pytest.raises(AssertionError):
        console.enter("cd none\ntrue", tmp_path, dict(os.environ))
