"""Each fuzz target runs once with each input of its corpus, and with what other tests hold."""
import pathlib
import subprocess

import pytest
from conftest import JOBRUN, REPOSITORY

FOLDER = pathlib.Path(__file__).parent
TARGETS = sorted(path.stem.removeprefix("fuzz_") for path in FOLDER.glob("fuzz_*.c"))
DEADLINE_S = 300


def replay(target, paths):
    program = JOBRUN.parent / "fuzz" / target
    if not program.exists():
        pytest.skip(f"{program} is not built: make fuzz-programs")
    result = subprocess.run([str(program), *map(str, paths)], stdin=subprocess.DEVNULL,
                            capture_output=True, timeout=DEADLINE_S)
    assert result.returncode == 0, (result.stdout.splitlines()[-1:], result.stderr.decode())
    assert len(result.stdout.splitlines()) == len(paths)


def test_there_is_a_target_for_each_folder_of_the_corpus():
    assert {path.name for path in (FOLDER / "corpus").iterdir()} == set(TARGETS)
    assert TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_of_the_corpus_breaks_a_promise(target):
    inputs = sorted((FOLDER / "corpus" / target).iterdir())
    assert inputs
    replay(target, inputs)


@pytest.mark.parametrize("target", TARGETS)
def test_nor_does_what_the_golden_diagnostics_are_made_of(target):
    diagnostics = (REPOSITORY / "tests" / "cli" / "diagnostics").rglob("*")
    replay(target, sorted(path for path in diagnostics if path.is_file()))


def test_the_corpus_is_small():
    sizes = [path.stat().st_size for path in (FOLDER / "corpus").rglob("*") if path.is_file()]
    assert sum(sizes) <= 256 * 1024
