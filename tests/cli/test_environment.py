"""Environments, commits, and who may publish where."""
import pytest

pytestmark = pytest.mark.store

CI = {"CI": "true", "GITHUB_RUN_ID": "42"}


def test_a_recognised_ci_with_a_clean_tree_publishes_under_ci(pair):
    pair.run("build", env=CI).ok()
    assert (pair.store / "CI" / pair.head / "build").is_dir()


@pytest.mark.parametrize("how", ["option", "variable", "bare CI"])
def test_a_laptop_cannot_publish_under_ci(pair, how):
    arguments = ["--env", "CI"] if how == "option" else []
    env = {"option": {}, "variable": {"JOBRUN_ENV": "CI"}, "bare CI": {"CI": "1"}}[how]
    result = pair.run("build", *arguments, env=env).fails(121)
    assert "protected environment 'CI'" in result.err
    assert "access control" in result.err
    assert not (pair.root / "out").exists()
    assert not pair.store.exists() or pair.receipts() == []


def test_a_laptop_may_skip_and_read_under_ci(pair):
    pair.run("build", env=CI).ok()
    assert "nothing to do" in pair.run("build", "--env", "CI").ok().err


def test_a_dirty_tree_is_not_published_under_ci(pair):
    pair.write("source.txt", "changed\n")
    result = pair.run("build", env=CI).fails(121)
    assert "source.txt" in result.err
    assert not (pair.root / "out").exists()


def test_a_project_may_name_its_own_ci_variable_and_protect_other_environments(pair):
    pair.write("jobrun.yaml", "recognised-ci: [OUR_CI]\nenvironments: {prod: {protected: true}}\n")
    pair.commit()
    pair.run("build", "--env", "prod").fails(121)
    pair.run("build", "--env", "prod", env={"OUR_CI": "9"}).ok()


def test_inputs_by_hand_or_from_open_environments_never_reach_a_protected_one(pair):
    pair.run("build").ok()
    local = pair.top / "app"
    local.write_text("x")
    assert "app" in pair.run("use", "--input", f"app={local}", env=CI).fails(121).err
    pair.run("use", "--inputs-from", "dev", env=CI).fails(121)


def test_a_read_only_store_refuses_to_publish_and_still_skips(pair):
    mode = {"JOBRUN_STORE_MODE": "read-only"}
    assert "read-only" in pair.run("build", env=mode).fails(121).err
    pair.run("build").ok()
    assert "nothing to do" in pair.run("build", env=mode).ok().err
    assert "JOBRUN_STORE_MODE" in pair.run("build", env={"JOBRUN_STORE_MODE": "maybe"}).fails(2).err


def test_the_commit_must_be_the_one_that_is_checked_out_for_a_job_with_outputs(pair):
    first = pair.head
    pair.write("source.txt", "two\n")
    pair.commit("second")
    pair.run("build", "--commit", "HEAD").ok()
    result = pair.run("build", "--commit", first).fails(121)
    assert first in result.err and pair.head in result.err
    pair.run("build", env={"JOBRUN_COMMIT": "HEAD~1"}).fails(121)
    assert "no-such-branch" in pair.run("build", "--commit", "no-such-branch").fails(2).err


def test_ci_variables_never_choose_the_commit(pair):
    pair.run("build", env={**CI, "GITHUB_SHA": "0" * 40}).ok()
    assert (pair.store / "CI" / pair.head).is_dir()


def test_without_a_commit_or_a_repository_the_reason_is_said(tmp_path):
    from conftest import Workspace
    fresh = Workspace(tmp_path / "fresh")
    fresh.manifest("make", "script: echo x > out\noutputs: {o: out}\n")
    result = fresh.run("make")
    assert result.status in (2, 121) and "commit" in result.err

    import shutil
    shutil.rmtree(fresh.root / ".git")
    outside = {"GIT_CEILING_DIRECTORIES": str(fresh.top)}
    result = fresh.run("make", env=outside).fails(2)
    assert "--commit" in result.err
    fresh.run("make", "--commit", "a" * 40, env=outside).ok()
    assert (fresh.store / "dev" / ("a" * 40) / "make" / "receipt.json").exists()


def test_bad_names_of_environments_and_stores_are_usage_errors(pair):
    assert "'a/b'" in pair.run("build", "--env", "a/b").fails(2).err
    assert "az://" in pair.run("build", "--store", "az://bucket/x").fails(2).err
    assert "--env" in pair.run("build", "--env").fails(2).err


def test_several_problems_are_reported_together_with_the_first_status(pair):
    pair.write("source.txt", "dirty\n")
    result = pair.run("use", env={"CI": "1"}).fails(121)
    assert "not a recognised CI system" in result.err
    assert "source.txt" in result.err
    assert "input 'app'" in result.err
