"""The benchmark of lint runs, and what it measures is clean; no time is judged."""
import json
import pathlib
import subprocess
import sys

import pytest
from conftest import JOBRUN

FOLDER = pathlib.Path(__file__).parent


def write(folder, count, seed=1):
    subprocess.run([sys.executable, FOLDER / "manifests.py", folder, str(count), str(seed)],
                   check=True)
    return {path.name: path.read_text() for path in (folder / "manifests").glob("*.yaml")}


def test_it_prints_a_table_and_writes_its_figures(tmp_path):
    if not (JOBRUN.parent / "bench" / "measure").exists():
        pytest.skip("the programs of the benchmark are not built: make bench-programs")
    figures = tmp_path / "figures.json"
    result = subprocess.run([sys.executable, FOLDER / "bench_lint.py", "--counts=20,40", "--rounds=1",
                             f"--build={JOBRUN.parent}", f"--json={figures}"], text=True,
                            stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    assert result.returncode == 0, result
    rows = [line.split("|")[1:3] for line in result.stdout.splitlines() if line.startswith("| ")]
    assert [20, "libyaml"] in [[int(count), name.strip()] for count, name in rows[1:]]
    assert "2 times the manifests take" in result.stdout
    written = json.loads(figures.read_text())
    assert [one["manifests"] for one in written] == [20, 40]
    for one in written:
        assert one["programs"]["jobrun lint"]["peak_kib"] > 0


def test_the_manifests_are_the_same_each_time_clean_and_as_large_as_others(tmp_path, workspace):
    texts = write(tmp_path / "a", 60)
    assert texts == write(tmp_path / "b", 60)
    assert texts != write(tmp_path / "c", 60, seed=2)
    assert len(texts) == 60
    assert 1000 < sum(map(len, texts.values())) / 60 < 2048
    assert sum("from: " in text for text in texts.values()) > 20
    assert sum("include: " in text for text in texts.values()) > 5
    workspace.run("lint", cwd=tmp_path / "a").ok()


def test_transfers_to_google_cloud_storage_are_measured(tmp_path):
    """With every program that is installed; each brings down what it sent up."""
    for program in ("bench/measure", "support/gcs_double.so"):
        if not (JOBRUN.parent / program).exists():
            pytest.skip("the programs of the benchmark are not built: make bench-programs support")
    figures = tmp_path / "figures.json"
    result = subprocess.run([sys.executable, FOLDER / "bench_gcs.py", "--cases=1x1MiB,2000x3KiB", "--rounds=1",
                             "--scale=200", "--latency=1", f"--folder={tmp_path}", f"--build={JOBRUN.parent}", f"--json={figures}"],
                            text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    assert result.returncode == 0, result
    assert "10 KiB over 8: up " in result.stdout
    rows = [[cell.strip() for cell in line.split("|")[1:-1]]
            for line in result.stdout.splitlines() if line.startswith("| ")][1:]
    assert {tuple(row[:3]) for row in rows} == {
        (files, "1", way) for files in ("1 x 5242 B", "10 x 3 KiB") for way in ("up", "down")}
    assert {row[5] for row in rows if row[3] == "jobrun"} == {"1.00"}
    for one in json.loads(figures.read_text())["results"]:
        for way in ("up", "down"):
            taken = one["programs"]["jobrun"][way]
            assert taken["wall_s"] > 0 and taken["peak_kib"] > 0


def test_an_unknown_program_is_refused():
    result = subprocess.run([sys.executable, FOLDER / "bench_gcs.py", "--programs=rsync"], text=True,
                            stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert result.returncode == 2
    assert "unknown program" in result.stderr
