"""`once`: a job without outputs whose success is recorded."""
import json
import os

import pytest
from conftest import first_line

pytestmark = pytest.mark.store

CI = {"CI": "true", "GITHUB_RUN_ID": "42", "GITHUB_ACTIONS": "true"}
COUNT = "script: echo ran >> \"$TOP/count\"\n"


@pytest.fixture
def job(workspace):
    workspace.environment["TOP"] = str(workspace.top)
    workspace.write("source.txt", "one\n")

    def run(*arguments, **options):
        return workspace.run("note", *arguments, **options)

    def write(text):
        workspace.manifest("note", text)
        workspace.commit()
        return run
    run.write = write
    run.workspace = workspace
    run.count = lambda: (workspace.top / "count").read_text().count("\n") if (
        workspace.top / "count").exists() else 0
    return run


def test_a_second_run_skips(job):
    assert "done, and recorded" in job.write("once: true\n" + COUNT)().ok().err
    again = job().ok().err
    assert "note: already done, nothing to do" in again and " by " in again
    assert "published" not in again and "file" not in again
    assert job.count() == 1
    (receipt,) = job.workspace.receipts()
    assert receipt.parent == job.workspace.address("note")
    assert json.loads(receipt.read_text())["predicate"]["jobrun_receipt"]["entries"] == []


def test_without_it_or_with_false_it_always_runs(job):
    for text in ("", "once: false\n"):
        job.write(text + COUNT)
        before = job.count()
        assert "always runs" in job("--explain").ok().err
        job().ok()
        assert job.count() == before + 2
    assert job.workspace.receipts() == []


def test_force_runs_it_again(job):
    job.write("once: true\n" + COUNT)().ok()
    job("--force").ok()
    job().ok()
    assert job.count() == 2


def test_a_failure_is_not_recorded(job):
    job.write("once: true\nscript: test -e \"$TOP/fine\"\n")().fails(1)
    assert job.workspace.receipts() == []
    (job.workspace.top / "fine").touch()
    job().ok()
    assert "already done" in job().ok().err


def test_explain_says_why(job):
    assert "note runs because it is not done: there is no " in job.write("once: true\n" + COUNT)("--explain").ok().err
    assert "equal: the manifest" in job("--explain").ok().err


def test_what_changed_runs_again_in_dev_and_is_refused_elsewhere(job):
    job.write("once: true\n" + COUNT)
    for environment in ("dev", "staging"):
        job("--env", environment).ok()
    job.workspace.write("source.txt", "two\n")
    assert "note was done before and runs again" in job().ok().err
    result = job("--env", "staging").fails(123)
    assert "job 'note' is done for this commit in environment 'staging', but" in result.err
    assert "to run it again on purpose, add --force" in result.err
    job("--env", "staging", "--force").ok()
    assert job.count() == 4


def test_a_variant_is_recorded_for_itself(job):
    job.write("params: {to: {type: enum, values: [a, b], default: a, help: T}}\nonce: true\n"
              "script: echo \"$PARAM_TO\" >> \"$TOP/count\"\n")
    for _ in range(2):
        job().ok()
        job("--to", "b").ok()
    assert job.count() == 2


def test_a_changed_input_runs_again(job):
    job.workspace.ignore("/out", "/in/")
    job.workspace.manifest("make", "script: echo $RANDOM$RANDOM > out\noutputs: {o: out}\n")
    job.write("inputs: {x: {from: make, to: in/}}\nonce: true\n" + COUNT)
    job.workspace.run("make").ok()
    job().ok()
    job().ok()
    job.workspace.run("make", "--force").ok()
    assert "input 'x'" in job().ok().err
    assert job.count() == 2


def test_the_rules_of_publishing_are_its_rules(job):
    job.write("once: true\n" + COUNT)
    assert "protected environment 'CI'" in job("--env", "CI").fails(121).err
    assert "read-only" in job(env={"JOBRUN_STORE_MODE": "read-only"}).fails(121).err
    (job.workspace.top / "blocked").write_text("a file, not a folder")
    assert "blocked" in job("--store", job.workspace.top / "blocked").fails(123).err
    assert job.count() == 0
    job(env=CI).ok()
    assert "already done" in job(env=CI).ok().err
    job.workspace.write("source.txt", "two\n")
    job("--force", env=CI).fails(121)
    assert job.count() == 1


def test_a_commit_that_is_not_checked_out_is_refused(job):
    job.write("once: true\n" + COUNT)
    job.write("once: true\n" + COUNT + "# changed\n")
    assert "job 'note' is recorded, so its commit must be" in job("--commit", "HEAD~1").fails(121).err


def test_no_publish_records_nothing(job):
    job.write("once: true\n" + COUNT)
    for _ in range(2):
        assert "done; not recorded, because of --no-publish" in job("--no-publish").ok().err
    assert job.count() == 2 and job.workspace.receipts() == []
    job().ok()
    assert "already done" in job("--no-publish").ok().err


def test_with_effects_it_skips_as_a_whole(job):
    job.write("once: true\nsteps:\n  - {name: push, effect: true, " + COUNT.replace("script: ", "script: '").strip() + "'}\n"
              "  - {name: tell, script: 'echo ran >> $TOP/told'}\n")
    job("--allow-effects").ok()
    assert "already done, nothing to do" in job().ok().err
    assert job.count() == 1 and (job.workspace.top / "told").read_text() == "ran\n"
    job.workspace.receipts()[0].unlink()
    assert "effect 'push' is done already" in job().ok().err
    assert job.count() == 1


def test_it_is_for_jobs_that_have_outputs_at_times(job):
    job.workspace.ignore("/out")
    job.write("params: {keep: {type: bool, default: false, help: K}}\nonce: true\n"
              "script: echo ran >> \"$TOP/count\"; echo 1 > out\n"
              "outputs: {o: {path: out, when: {keep: true}}}\n")
    job.workspace.run("lint").ok()
    job().ok()
    assert "already done" in job().ok().err
    assert "published 1 file" in job("--keep").ok().err
    assert "already published" in job("--keep").ok().err


def test_the_second_of_two_runs_in_one_workspace_waits_and_skips(job):
    workspace = job.workspace
    for name in ("inside", "go"):
        os.mkfifo(workspace.top / name)
    go = os.open(workspace.top / "go", os.O_RDWR)
    job.write("once: true\n" + COUNT.strip() + "; echo in > \"$TOP/inside\"; read -r answer < \"$TOP/go\"\n")
    first = workspace.spawn("note")
    assert (workspace.top / "inside").read_text() == "in\n"
    second = workspace.spawn("note")
    assert "waiting for another run" in first_line(second)
    os.write(go, b"go\n")
    first.communicate(timeout=60)
    _, err = second.communicate(timeout=60)
    os.close(go)
    assert first.returncode == second.returncode == 0
    assert "already done" in err and job.count() == 1


def test_a_damaged_receipt_runs_again_in_dev_and_is_refused_elsewhere(job):
    job.write("once: true\n" + COUNT)
    for environment in ("dev", "staging"):
        job("--env", environment).ok()
    for receipt in job.workspace.receipts():
        receipt.write_text("{}")
    job().ok()
    assert "is damaged" in job("--env", "staging").fails(123).err
    assert job.count() == 3


def test_a_dry_run_and_the_help_say_it(job):
    job.write("once: true\n" + COUNT)
    receipt = job.workspace.shown(job.workspace.address("note") / "receipt.json")
    assert f"would be recorded at {receipt}\n" in job("--dry-run").ok().out
    assert "would not be recorded" in job("--dry-run", "--no-publish").ok().out
    assert "it runs once, and a success is recorded" in job("--help").ok().out
    job().ok()
    assert "is done already: a run would skip" in job("--dry-run").ok().out
