"""A job from its manifest to its receipt, and the skip after it."""
import json
import os
import stat

import pytest

pytestmark = pytest.mark.store


def test_a_job_publishes_its_outputs_with_a_receipt_and_skips_then(pair):
    first = pair.run("build").ok()
    assert "published 1 file" in first.err
    folder = pair.address("build", "platform=linux-x64")
    receipt = json.loads((folder / "receipt.json").read_text())
    content = receipt["predicate"]["jobrun_receipt"]["content"]
    published = folder / content / "bin" / "app"
    assert published.read_text() == "built for linux-x64\n"
    assert receipt["_type"] == "https://in-toto.io/Statement/v1"
    assert receipt["subject"][0]["name"] == "bin/app"

    second = pair.run("build").ok()
    assert "already published, nothing to do" in second.err
    assert pair.shown(folder) in second.err
    assert second.out == ""


def test_an_input_comes_from_the_store_with_its_mode(pair):
    pair.run("build").ok()
    pair.run("use").ok()
    landed = pair.root / "in" / "app"
    assert landed.read_text() == "built for linux-x64\n"
    assert stat.S_IMODE(landed.stat().st_mode) == 0o755
    assert pair.read("used/result") == "built for linux-x64\n"


def test_params_choose_the_variant_of_an_input(pair):
    pair.run("build", "--platform", "linux-arm64").ok()
    pair.run("use", "--platform=linux-arm64").ok()
    assert pair.read("used/result") == "built for linux-arm64\n"
    assert (pair.address("use", "platform=linux-arm64") / "receipt.json").exists()


def test_a_job_is_found_by_path_name_and_from_a_sub_folder(pair):
    below = pair.root / "some" / "where"
    below.mkdir(parents=True)
    pair.run("manifests/build.yaml").ok()
    assert "nothing to do" in pair.run("../../manifests/build.yaml", cwd=below).ok().err
    assert "nothing to do" in pair.run("build", cwd=below).ok().err
    assert "nothing to do" in pair.run("run", "build", cwd=below).ok().err


def test_the_folder_of_jobrun_yaml_is_the_workspace_inside_of_a_repository(workspace):
    sub = workspace.root / "sub"
    workspace.write("sub/jobrun.yaml", "manifests: jobs\nrun-prefix: task\nstore: ../kept\n")
    workspace.write("sub/jobs/hello.yaml", "job: hello\nhelp: H\nscript: echo hi > here.txt\n"
                                           "outputs: {text: here.txt}\n")
    workspace.commit()
    workspace.run("hello", cwd=sub, env={"JOBRUN_STORE": None}).ok()
    assert (sub / "here.txt").exists()
    assert list((workspace.root / "kept").rglob("receipt.json"))


def test_the_embedded_default_store_is_in_the_workspace_and_ignored_by_git(pair):
    pair.run("build", env={"JOBRUN_STORE": None}).ok()
    assert list((pair.root / ".jobrun" / "store").rglob("receipt.json"))
    assert pair.git("status", "--porcelain") == ""
    assert "nothing to do" in pair.run("build", env={"JOBRUN_STORE": None}).ok().err


def test_a_failing_command_publishes_nothing_and_keeps_its_status(workspace):
    workspace.manifest("fail", """\
        script: |
          echo made > file
          exit 37
        outputs: {file: file}
        """)
    workspace.commit()
    result = workspace.run("fail").fails(37)
    assert "the command ended with status 37" in result.err
    assert "nothing was published" in result.err
    assert workspace.receipts() == []


def test_a_command_that_is_not_there_ends_with_127_and_one_that_cannot_start_with_126(workspace):
    workspace.manifest("missing", "command: [no-such-program-here]\n")
    workspace.manifest("plain", "command: [./plain.txt]\n")
    workspace.write("plain.txt", "text")
    workspace.commit()
    assert "no-such-program-here" in workspace.run("missing").fails(127).err
    assert "plain.txt" in workspace.run("plain").fails(126).err


def test_output_goes_through_untouched_and_into_a_log(workspace):
    workspace.manifest("talk", r"""
        script: |
          printf 'to out\n'
          printf 'to err\n' >&2
          printf 'no line end'
        """)
    workspace.commit()
    result = workspace.run("talk").ok()
    assert result.out == "to out\nno line end"
    assert "to err\n" in result.err
    logs = list((workspace.root / ".jobrun" / "logs").glob("talk-*.log"))
    assert len(logs) == 1
    assert sorted(logs[0].read_text().splitlines()) == ["no line end", "to err", "to out"]


def test_a_named_log_holds_the_output(workspace):
    workspace.manifest("talk", "script: echo hello\n")
    workspace.commit()
    workspace.run("talk", "--log", "../my.log").ok()
    assert (workspace.top / "my.log").read_text() == "hello\n"


def test_a_job_without_outputs_runs_every_time(workspace):
    workspace.manifest("test", "script: echo ran\n")
    workspace.commit()
    for _ in range(2):
        assert workspace.run("test").ok().out == "ran\n"
    assert workspace.receipts() == []


def test_a_timeout_ends_the_whole_process_group(workspace):
    workspace.manifest("slow", """\
        timeout: 1s
        kill-after: 1s
        script: |
          sleep 300 &
          echo $! > child.pid
          wait
        """)
    workspace.ignore("child.pid")
    workspace.commit()
    result = workspace.run("slow").fails(124)
    assert "ran out of time: the timeout is 1" in result.err
    child = int(workspace.read("child.pid"))
    assert not os.path.exists(f"/proc/{child}")


def test_the_timeout_of_the_command_line_wins(workspace):
    workspace.manifest("slow", "timeout: 10m\nkill-after: 1s\ncommand: [sleep, '300']\n")
    workspace.commit()
    workspace.run("slow", "--timeout", "1s").fails(124)
    assert "--timeout 'soon' is not a time" in workspace.run("slow", "--timeout", "soon").fails(2).err


def test_nothing_that_a_job_started_outlives_it(workspace):
    workspace.manifest("leave", """\
        kill-after: 1s
        script: |
          setsid sleep 300 > /dev/null 2>&1 &
          echo $! > child.pid
          sleep 300 > /dev/null 2>&1 &
          echo $! >> child.pid
        """)
    workspace.ignore("child.pid")
    workspace.commit()
    workspace.run("leave").ok()
    for line in workspace.read("child.pid").split():
        assert not os.path.exists(f"/proc/{line}"), line


def test_dry_run_prints_the_plan_and_touches_nothing(pair):
    before = sorted(p for p in pair.top.rglob("*") if ".git/" not in str(p))
    result = pair.run("use", "--dry-run").ok()
    assert "job use at commit " + pair.head in result.out
    assert "app: MISSING" in result.out
    assert "made by: pixi run build --platform linux-x64" in result.out
    assert "PARAM_PLATFORM=linux-x64" in result.out
    assert "would publish at " in result.out
    after = sorted(p for p in pair.top.rglob("*") if ".git/" not in str(p))
    assert before == after


def test_force_publishes_again_and_the_reader_sees_the_new_set(workspace):
    workspace.ignore("/out")
    workspace.manifest("stamp", "script: date +%N > out\noutputs: {out: out}\n")
    workspace.commit()
    workspace.run("stamp").ok()
    first = workspace.receipts()[0].read_bytes()
    workspace.run("stamp", "--force").ok()
    assert workspace.receipts()[0].read_bytes() != first
    assert len(workspace.receipts()) == 1


def test_no_publish_runs_without_a_receipt(pair):
    result = pair.run("build", "--no-publish").ok()
    assert "not published, because of --no-publish" in result.err
    assert pair.receipts() == []


def test_a_local_input_is_used_recorded_and_makes_the_next_run_differ(pair):
    pair.run("build").ok()
    local = pair.top / "my-app"
    local.write_text("by hand\n")
    pair.run("use", "--input", f"app={local}").ok()
    assert pair.read("used/result") == "by hand\n"
    receipt = json.loads((pair.address("use", "platform=linux-x64") / "receipt.json").read_text())
    assert "my-app" in json.dumps(receipt["predicate"]["jobrun_receipt"]["inputs"])
    again = pair.run("use").ok()
    assert "runs again" in again.err
    assert pair.read("used/result") == "built for linux-x64\n"


def test_an_unknown_local_input_is_refused_by_name(pair):
    result = pair.run("use", "--input", "ap=/tmp").fails(2)
    assert "'ap'" in result.err and "did you mean 'app'?" in result.err
    assert "is not NAME=PATH" in pair.run("use", "--input", "app").fails(2).err


def test_no_fetch_uses_what_lies_in_the_workspace(pair):
    pair.write("in/app", "lies here\n")
    pair.run("use", "--no-fetch").ok()
    assert pair.read("used/result") == "lies here\n"
