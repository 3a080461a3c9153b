"""Outputs with `on: failure` and `on: always`."""
import json
import os
import stat
import time

import pytest

pytestmark = pytest.mark.store


@pytest.fixture
def logs(workspace):
    workspace.ignore("/log/", "/dist/", "/in/")
    job(workspace, "exit 3")
    workspace.commit()
    return workspace


def job(workspace, end, more=""):
    workspace.manifest("test", f"""\
        script: |
          mkdir -p log/d dist
          echo trace > log/d/trace.txt; chmod 640 log/d/trace.txt; ln -sf d/trace.txt log/last
          echo report > dist/report.xml
          echo built > dist/app
          {end}
        outputs:
          app: dist/app
          logs: {{path: log/, on: failure}}
          report: {{path: dist/report.xml, on: always}}
        {more}
        """.replace("        \n", "\n"))


def failures(workspace, name="test"):
    return sorted(p for p in workspace.store.rglob("failed/*") if p.is_dir())


def test_a_failed_command_leaves_them_beside_where_the_receipt_would_be(logs):
    result = logs.run("test").fails(3)
    (folder,) = failures(logs)
    assert folder.parent.parent == logs.address("test")
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()) == \
        ["failure.json", "logs/d/trace.txt", "report/report.xml"]
    assert (folder / "logs/d/trace.txt").read_text() == "trace\n"
    assert f"  failure outputs: 3 files, 13 B, at {logs.shown(folder)}\n" in result.err
    assert "nothing was published" not in result.err
    assert logs.receipts() == []


def test_the_document_says_what_failed_and_what_there_is(logs):
    logs.run("test").fails(3)
    document = json.loads((failures(logs)[0] / "failure.json").read_text())
    record = document["predicate"]["jobrun_receipt"]
    assert record["failure"] == {"status": 3, "message": "the command ended with status 3"}
    assert record["address"]["job"] == "test" and record["command"]
    found = {(e["output"], e["path"]): e for e in record["entries"]}
    assert set(found) == {("logs", "d/trace.txt"), ("logs", "last"), ("report", "report.xml")}
    assert found["logs", "d/trace.txt"]["mode"] == "0640"
    assert found["logs", "last"]["target"] == "d/trace.txt"


def test_each_failure_has_a_folder_of_its_own(logs):
    logs.run("test").fails(3)
    logs.run("test").fails(3)
    assert len(failures(logs)) == 2


def test_a_success_publishes_those_that_are_always_published_and_no_others(logs):
    job(logs, "exit 0")
    assert "published 2 files" in logs.run("test").ok().err
    assert failures(logs) == []
    assert not [p for p in logs.store.rglob("*") if "logs" in p.name]
    assert "nothing to do" in logs.run("test").ok().err


def test_a_failure_never_counts_as_done(logs):
    logs.run("test").fails(3)
    job(logs, "exit 0")
    assert "nothing to do" not in logs.run("test").ok().err
    job(logs, "exit 3")
    logs.run("test").fails(3)
    job(logs, "exit 0")
    assert logs.run("test").ok()


def test_a_timeout_leaves_them_and_no_process(logs):
    job(logs, "(sleep 1000 & echo $! > log/pid); touch log/ready; sleep 1000", "timeout: 3s\n        kill-after: 1s")
    assert logs.run("test").fails(124)
    (folder,) = failures(logs)
    failure = json.loads((folder / "failure.json").read_text())["predicate"]["jobrun_receipt"]["failure"]
    assert failure["status"] == 124
    pid = int((folder / "logs/pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_interruption_leaves_nothing(logs):
    job(logs, ": > log/ready; exec sleep 1000")
    process = logs.spawn("test")
    while not (logs.root / "log/ready").exists():
        time.sleep(0.01)
    process.send_signal(2)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert failures(logs) == []


def test_a_command_that_cannot_start_is_a_failure_too(logs):
    logs.write("log/old.txt", "old")
    logs.manifest("test", "command: [no-such-program]\noutputs: {logs: {path: log/, on: failure}}\n")
    logs.run("test").fails(127)
    assert len(failures(logs)) == 1


def test_what_matches_nothing_is_a_note_and_no_count_is_asked_for(logs):
    logs.manifest("test", """\
        script: mkdir -p log && touch log/a && exit 4
        outputs:
          core: {path: "core.*", on: failure, count: 1}
          logs: {path: "log/*", on: failure, count: 7}
        """)
    err = logs.run("test").fails(4).err
    assert "note: failure output 'core': nothing matches 'core.*'" in err
    assert "failure outputs: 1 file, 0 B" in err


def test_where_nothing_matches_at_all_nothing_is_published(logs):
    logs.manifest("test", "script: exit 4\noutputs: {core: {path: 'core.*', on: failure}}\n")
    logs.run("test").fails(4)
    assert not logs.store.exists() or failures(logs) == []


def test_what_cannot_be_published_is_left_out_with_a_warning(logs):
    job(logs, "ln -s /etc/passwd log/out; exit 5")
    err = logs.run("test").fails(5).err
    assert "warning: failure outputs of job 'test': output 'logs': 'log/out' is a symbolic link that leaves" in err
    assert (failures(logs)[0] / "logs/d/trace.txt").exists()


@pytest.mark.folder_store(reason="a file in the place of a folder is no obstacle in a bucket")
def test_a_store_that_fails_is_a_warning_and_the_status_stays(logs):
    job(logs, f"touch log/x; rm -rf '{logs.store}'; touch '{logs.store}'; exit 6")
    err = logs.run("test").fails(6).err
    assert "warning: failure outputs of job 'test': " in err


def test_a_job_with_such_outputs_alone_is_one_without_outputs(logs):
    logs.manifest("test", "script: mkdir -p log && echo x > log/x\noutputs: {logs: {path: log/, on: failure}}\n")
    for _ in range(2):
        assert "test: done" in logs.run("test").ok().err
    assert logs.receipts() == [] and failures(logs) == []
    assert "it runs every time" in logs.run("test", "--help").ok().out


@pytest.mark.parametrize("arguments, env, said", [
    (["--no-publish"], {}, "stay here, because of --no-publish"),
    (["--env", "CI"], {}, "must not publish to the protected environment 'CI'"),
    ([], {"JOBRUN_STORE_MODE": "read-only"}, "JOBRUN_STORE_MODE=read-only is set"),
])
def test_where_publishing_is_not_allowed_they_stay(logs, arguments, env, said):
    logs.manifest("test", "script: mkdir -p log && echo x > log/x && exit 7\n"
                          "outputs: {logs: {path: log/, on: failure}}\n")
    logs.commit()
    err = logs.run("test", *arguments, env=env).fails(7).err
    assert "its failure outputs stay here" in err and said in err
    assert not logs.store.exists() or failures(logs) == []
    assert logs.read("log/x") == "x\n"


def test_they_are_not_published_as_those_of_another_commit(logs):
    logs.manifest("test", "script: mkdir -p log && echo x > log/x && exit 7\n"
                          "outputs: {logs: {path: log/, on: failure}}\n")
    logs.commit()
    err = logs.run("test", "--commit", "HEAD~1").fails(7).err
    assert "its failure outputs stay here: job 'test' has failure outputs, so its commit must be" in err
    assert not logs.store.exists() or failures(logs) == []


def test_a_protected_environment_takes_them_from_its_ci_and_a_clean_tree(logs):
    ci = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "1"}
    logs.run("test", env=ci).fails(3)
    (folder,) = failures(logs)
    assert folder.parent.parent == logs.address("test", environment="CI")
    logs.manifest("other", "script: mkdir -p log && echo x > log/x && exit 7\n"
                           "outputs: {logs: {path: log/, on: failure}}\n")
    logs.write("source.c", "changed")
    assert "from a working tree with changes" in logs.run("other", env=ci).fails(7).err
    assert len(failures(logs)) == 1


def test_they_are_packed_where_that_is_asked_for(logs):
    logs.manifest("test", "script: mkdir -p log && echo x > log/x && exit 7\n"
                          "outputs: {logs: {path: log/, on: failure, pack: tar.gz}}\n")
    logs.run("test").fails(7)
    assert (failures(logs)[0] / "logs/logs.tar.gz").exists()


def test_the_plan_and_the_help_tell_them_apart(logs):
    out = logs.run("test", "--dry-run").ok().out
    published, _, failed = out.partition("after a failure it would publish beside it, in failed/:\n")
    assert "app: dist/app" in published and "logs:" not in published and "report: " in published
    assert "logs: log/" in failed and "report: " in failed and "app:" not in failed
    text = logs.run("test", "--help").ok().out
    assert "log/, after a failure" in text and "dist/report.xml, always" in text


# --- inputs ---


def consumer(workspace, output):
    workspace.manifest("use", f"inputs: {{i: {{from: test{output}, to: in/}}}}\ncommand: [ls, in]\n")


def test_a_failure_output_is_never_an_input(logs):
    consumer(logs, ", output: logs")
    logs.run("test").fails(3)
    err = logs.run("use").fails(120).err
    assert "output 'logs' of job 'test' is published after a failure, and never an input\n" \
           "  --> manifests/use.yaml:3:34\n" in err
    assert "only after a failure" in err


def test_nor_is_it_one_of_those_to_choose_from(logs):
    logs.manifest("test", "script: mkdir -p log dist && touch log/x dist/app\n"
                          "outputs: {app: dist/app, logs: {path: log/, on: failure}}\n")
    consumer(logs, "")
    logs.run("test").ok()
    assert logs.run("use").ok().out == "app\n"
    logs.manifest("test", "command: ['true']\noutputs: {logs: {path: log/, on: failure}}\n")
    assert "never an input" in logs.run("use").fails(120).err


def test_what_failed_does_not_satisfy_an_input_that_is_always_published(logs):
    consumer(logs, ", output: report")
    logs.run("test").fails(3)
    err = logs.run("use").fails(122).err
    assert "has not published output 'report'" in err and "/failed/" not in err


def test_the_document_is_not_taken_for_a_receipt(logs):
    consumer(logs, ", output: report")
    logs.run("test").fails(3)
    (folder,) = failures(logs)
    (logs.address("test") / "receipt.json").write_bytes((folder / "failure.json").read_bytes())
    assert "it is the record of a run that failed" in logs.run("use").fails(123).err


def test_the_folder_of_failures_is_not_taken_for_a_variant(logs):
    logs.manifest("test", """\
        params: {mode: {type: enum, values: [a, b], default: a, help: M}}
        script: mkdir -p log && touch log/x && exit 3
        outputs: {o: dist/o, logs: {path: log/, on: failure}}
        """)
    logs.manifest("use", "inputs: {i: {from: test, output: o, to: in/}}\ncommand: [ls, in]\n")
    logs.run("test").fails(3)
    logs.run("test", "--mode", "b").fails(3)
    stray = logs.address("test") / "failed"
    stray.mkdir(parents=True)
    (stray / "receipt.json").write_text("{}")
    err = logs.run("use").fails(122).err
    assert "for other params" not in err
