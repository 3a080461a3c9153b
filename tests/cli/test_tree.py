"""The sources and the workspace: what changed, what changes meanwhile, who else runs."""
import os
import time

import pytest
from conftest import first_line

pytestmark = pytest.mark.store

CI = {"CI": "true", "GITHUB_RUN_ID": "42"}


def wait_for(path, process):
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_where_a_renamed_file_came_from_counts(workspace):
    workspace.write("a.txt", "same\n")
    workspace.write("b.txt", "same\n")
    workspace.ignore("/out")
    workspace.manifest("list", "script: ls *.txt > out\noutputs: {o: out}\n")
    workspace.commit()
    workspace.git("mv", "a.txt", "c.txt")
    workspace.run("list").ok()
    workspace.git("mv", "c.txt", "a.txt")
    workspace.git("mv", "b.txt", "c.txt")
    workspace.run("list").ok()
    assert workspace.read("out") == "a.txt\nc.txt\n"


def generating(workspace):
    workspace.write("gen/template", "by hand\n")
    workspace.write("gen/made", "old\n")
    workspace.manifest("gen", "script: echo new > gen/made\noutputs: {o: gen/}\n")
    workspace.commit()
    return workspace


def test_a_tracked_output_is_clean_as_the_job_made_it_and_changed_as_a_person_edited_it(workspace):
    generating(workspace).run("gen").ok()
    assert "M gen/made" in workspace.git("status", "--porcelain")
    assert "nothing to do" in workspace.run("gen").ok().err
    workspace.write("gen/template", "edited\n")
    assert "runs again" in workspace.run("gen").ok().err


def test_a_tracked_link_is_clean_as_the_job_made_it_and_changed_as_a_person_edited_it(workspace):
    workspace.write("gen/file", "f\n")
    (workspace.root / "gen/link").symlink_to("file")
    workspace.manifest("gen", "script: ln -sfn made gen/link\noutputs: {o: gen/}\n")
    workspace.commit()
    assert "changed while" not in workspace.run("gen").ok().err
    assert "M gen/link" in workspace.git("status", "--porcelain")
    assert "nothing to do" in workspace.run("gen").ok().err
    (workspace.root / "gen/link").unlink()
    (workspace.root / "gen/link").symlink_to("edited")
    assert "runs again" in workspace.run("gen").ok().err
    (workspace.root / "gen/link").unlink()
    workspace.write("gen/link", "made")
    assert "runs again" in workspace.run("gen").ok().err


def test_an_edit_below_an_output_is_never_published_to_a_protected_environment(workspace):
    generating(workspace).write("gen/template", "edited\n")
    assert "gen/template" in workspace.run("gen", env=CI).fails(121).err


def slow(workspace):
    workspace.write("source", "one\n")
    workspace.ignore("/out", "/started", "/go")
    workspace.manifest("slow", "script: touch started; while [ ! -e go ]; do sleep 0.02; done; cat source > out\n"
                               "outputs: {o: out}\n")
    workspace.commit()
    return workspace


def test_a_source_that_changes_while_the_job_runs_is_told_and_made_again(workspace):
    process = slow(workspace).spawn("slow")
    wait_for(workspace.root / "started", process)
    workspace.write("source", "two\n")
    workspace.write("go")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "changed while job 'slow' ran" in err and "source" in err
    workspace.git("checkout", "-q", "source")
    assert "runs again" in workspace.run("slow").ok().err
    assert workspace.read("out") == "one\n"
    assert "nothing to do" in workspace.run("slow").ok().err


def test_nothing_is_published_when_head_moves_while_the_job_runs(workspace):
    process = slow(workspace).spawn("slow")
    wait_for(workspace.root / "started", process)
    workspace.git("commit", "-q", "--allow-empty", "-m", "moved")
    workspace.write("go")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 121 and "HEAD moved" in err
    assert workspace.receipts() == []


def test_two_variants_at_once_in_one_workspace_do_not_mix(workspace):
    workspace.ignore("/out/", "/started", "/go")
    workspace.manifest("make", """\
        params: {p: {type: string, default: x, help: P}}
        script: mkdir -p out; echo $PARAM_P > out/f; touch started; while [ ! -e go ]; do sleep 0.02; done
        outputs: {o: out/f}
        """)
    workspace.commit()
    first = workspace.spawn("make", "--p", "x")
    wait_for(workspace.root / "started", first)
    second = workspace.spawn("make", "--p", "y")
    assert "waiting for another run" in first_line(second)
    workspace.write("go")
    second.communicate(timeout=60)
    first.communicate(timeout=60)
    assert first.returncode == second.returncode == 0
    for variant in "xy":
        assert [f.read_text() for f in workspace.address("make", f"p={variant}").rglob("f")] == [variant + "\n"]


def test_the_second_of_two_equal_runs_waits_and_skips(workspace):
    workspace.ignore("/out", "/started", "/count", "/go")
    workspace.manifest("make", "script: echo run >> count; touch started; while [ ! -e go ]; do sleep 0.02; done; echo x > out\n"
                               "outputs: {o: out}\n")
    workspace.commit()
    first = workspace.spawn("make")
    wait_for(workspace.root / "started", first)
    second = workspace.spawn("make")
    assert "waiting for another run" in first_line(second)
    workspace.write("go")
    _, err = second.communicate(timeout=60)
    first.communicate(timeout=60)
    assert first.returncode == second.returncode == 0
    assert "nothing to do" in err
    assert workspace.read("count") == "run\n"


def test_another_commit_is_refused_even_where_it_is_published(pair):
    pair.run("build").ok()
    old = pair.head
    pair.write("source.txt", "two\n")
    pair.commit("second")
    pair.run("build", "--commit", old).fails(121)
    pair.run("build", "--commit", old, "--no-publish", "--force").fails(121)


def test_the_store_cannot_be_the_workspace(pair):
    assert "workspace itself" in pair.run("build", "--store", ".").fails(2).err


def test_a_log_that_cannot_be_written_is_told_before_anything_is_fetched(pair):
    pair.run("build").ok()
    for log in ("absent/x.log", "manifests"):
        assert log in pair.run("use", "--log", log).fails(2).err
    assert not (pair.root / "in").exists()


def test_a_file_in_the_place_of_the_state_folder_is_told_before_anything_runs(pair):
    pair.write(".jobrun", "a file")
    result = pair.run("build").fails(121)
    assert ".jobrun" in result.err and not (pair.root / "out").exists()


def test_without_publishing_a_change_is_no_conflict(pair):
    pair.run("build", "--env", "staging").ok()
    pair.write("source.txt", "two\n")
    pair.run("build", "--env", "staging").fails(123)
    pair.run("build", "--env", "staging", "--no-publish").ok()
    pair.run("build", "--env", "staging", "--dry-run").ok()


def test_a_configuration_that_leads_nowhere_is_not_taken_for_none(pair):
    os.symlink("absent", pair.root / "jobrun.yaml")
    result = pair.run("build")
    assert result.status != 0 and "jobrun.yaml" in result.err


def test_outside_of_git_it_is_said_that_changes_are_not_seen(workspace):
    import shutil
    workspace.manifest("make", "script: echo x > out\noutputs: {o: out}\n")
    shutil.rmtree(workspace.root / ".git")
    result = workspace.run("make", "--commit", "a" * 40).ok()
    assert "not a git repository" in result.err


def test_what_is_left_out_of_the_comparison_is_named_with_explain(pair):
    pair.ignore()
    pair.commit("nothing ignored")
    pair.run("build").ok()
    assert "not compared: out/app" in pair.run("build", "--explain").ok().err
