"""Several runs at once, and runs that are killed: nothing or all, never half."""
import hashlib
import json
import os
import random
import signal
import time

import pytest

pytestmark = pytest.mark.store


def artifact_is_whole(receipt):
    """Every file of a receipt is there with its size and digest."""
    record = json.loads(receipt.read_text())["predicate"]["jobrun_receipt"]
    for entry in record["entries"]:
        if entry.get("kind", "file") != "file":
            continue
        data = (receipt.parent / record["content"] / entry["output"] / entry["path"]).read_bytes()
        assert len(data) == entry["size"]
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    return len(record["entries"])


@pytest.fixture
def racing(workspace):
    workspace.ignore("/out/")
    workspace.manifest("same", "script: mkdir -p out; for i in 1 2 3 4; do echo $i > out/$i; done\noutputs: {o: out/}\n")
    workspace.manifest("differ", "script: rm -rf out; mkdir -p out/$$; date +%N > out/$$/stamp\noutputs: {o: 'out/*/stamp'}\n")
    workspace.commit()
    return workspace


def clone(workspace, number):
    """A second checkout of the same commit, with the same store."""
    folder = workspace.top / f"clone{number}"
    workspace.git("clone", "-q", str(workspace.root), str(folder))
    return folder


@pytest.mark.parametrize("job", ["same", "differ"])
def test_two_runs_at_once_leave_one_receipt_and_both_succeed(racing, job):
    other = clone(racing, 1)
    for _ in range(20):
        racing.git("commit", "-q", "--allow-empty", "-m", "next")
        racing.git("-C", str(other), "pull", "-q")
        runs = [racing.spawn(job), racing.spawn(job, cwd=other)]
        ends = [(run.communicate(timeout=60), run.returncode) for run in runs]
        assert [status for _, status in ends] == [0, 0], ends
        receipts = list((racing.store / "dev" / racing.head).rglob("receipt.json"))
        assert len(receipts) == 1
        assert artifact_is_whole(receipts[0]) == (4 if job == "same" else 1)
        for temporary in racing.store.rglob(".jobrun-tmp-*"):
            pytest.fail(f"left behind: {temporary}")


def test_with_force_a_lost_race_over_different_content_is_an_error_and_the_winner_stays(racing):
    other = clone(racing, 1)
    racing.run("differ").ok()
    racing.manifest("differ", "script: rm -rf out; mkdir -p out/$$; date +%N > out/$$/stamp; while [ ! -e go ]; do sleep 0.02; done\n"
                              "outputs: {o: 'out/*/stamp'}\n")
    racing.ignore("/out/", "go")
    waiting = racing.spawn("differ", "--force")
    while not list(racing.root.glob("out/*/stamp")):
        assert waiting.poll() is None
        time.sleep(0.01)
    racing.run("differ", "--force", cwd=other).ok()
    winner = racing.receipts()[0].read_bytes()
    racing.write("go")
    _, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 123, err
    assert racing.receipts()[0].read_bytes() == winner


def test_a_publish_killed_at_random_moments_shows_nothing_or_all_and_the_next_run_completes_it(racing):
    racing.manifest("big", "script: mkdir -p out; head -c 12000000 /dev/zero | split -b 200000 - out/\n"
                           "outputs: {o: out/}\n")
    racing.manifest("read", "inputs: {big: {from: big, to: in/}}\nscript: ls in | wc -l\n")
    racing.ignore("/out/", "/in/")
    racing.commit()
    started = time.monotonic()
    racing.run("big").ok()
    whole = time.monotonic() - started
    dice = random.Random(20260101)
    killed = attempts = 0
    while killed < 50:
        attempts += 1
        assert attempts <= 250, "the machine's speed changes too much to hit a run"
        racing.git("commit", "-q", "--allow-empty", "-m", f"round {attempts}")
        process = racing.spawn("big")
        time.sleep(dice.uniform(0, whole))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        receipts = list((racing.store / "dev" / racing.head).rglob("receipt.json"))
        if receipts:
            assert artifact_is_whole(receipts[0]) == 60
            racing.run("read").ok()
        else:
            racing.run("read").fails(122)
        racing.run("big").ok()
        receipts = list((racing.store / "dev" / racing.head).rglob("receipt.json"))
        assert artifact_is_whole(receipts[0]) == 60
        assert racing.run("read").ok().out.strip() == "60"
        leftovers = list((racing.store / "dev" / racing.head).rglob(".jobrun-tmp-*"))
        assert leftovers == [], "the next run sweeps what the killed one left"


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_job_and_publishes_nothing(racing, number, status):
    racing.manifest("slow", "kill-after: 5s\nscript: mkdir -p out; touch out/a; echo > started; exec sleep 100\n"
                            "outputs: {o: out/}\n")
    racing.ignore("/out/", "started")
    racing.commit()
    process = racing.spawn("slow")
    while not (racing.root / "started").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    assert "interrupted" in err
    assert racing.receipts() == []


def test_a_job_that_ignores_signals_is_killed_by_the_third(racing):
    racing.manifest("deaf", "kill-after: 60s\nscript: |\n  trap '' INT TERM\n  : > started\n"
                            "  while :; do sleep 0.1; done\n")
    racing.ignore("started")
    racing.commit()
    process = racing.spawn("deaf")
    while not (racing.root / "started").exists():
        assert process.poll() is None
        time.sleep(0.01)
    for name in ("INT", "TERM", "KILL"):
        process.send_signal(signal.SIGINT)
        while f"sending {name} to the job" not in (line := process.stderr.readline()):
            assert line, "jobrun ended before it said so"
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_a_store_that_cannot_be_written_stops_before_the_command_runs(racing):
    if os.geteuid() == 0:
        blocked = racing.top / "blocked"
        blocked.write_text("a file, not a folder")
    else:
        blocked = racing.top / "blocked"
        blocked.mkdir(mode=0o500)
    result = racing.run("same", "--store", str(blocked)).fails(123)
    assert "blocked" in result.err
    assert not (racing.root / "out").exists()
