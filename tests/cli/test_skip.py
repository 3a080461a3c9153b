"""Skip, run again, refuse: store.md's rules for what changed since."""
import json

import pytest

pytestmark = pytest.mark.store

CI = {"CI": "true", "GITHUB_RUN_ID": "42", "GITHUB_ACTIONS": "true"}


def explained(workspace, *arguments, **options):
    return workspace.run(*arguments, "--explain", **options).err


def test_explain_says_what_was_compared(pair):
    assert "not published" in explained(pair, "build")
    told = explained(pair, "build")
    assert "equal: " in told and "manifest" in told


def test_a_changed_tracked_file_runs_again_in_dev(pair):
    pair.run("build").ok()
    pair.write("source.txt", "two\n")
    told = explained(pair, "build")
    assert "runs again" in told and "working tree" in told
    assert "nothing to do" in explained(pair, "build")
    pair.write("source.txt", "three\n")
    assert "runs again" in explained(pair, "build")
    pair.write("source.txt", "one\n")
    assert "runs again" in explained(pair, "build")


def test_an_untracked_file_runs_again_in_dev_and_an_ignored_one_does_not(pair):
    pair.run("build").ok()
    pair.write("new.txt", "new")
    assert "working tree" in explained(pair, "build")
    assert "nothing to do" in explained(pair, "build")
    pair.write("new.txt", "changed")
    assert "runs again" in explained(pair, "build")
    (pair.root / "new.txt").unlink()
    assert "runs again" in explained(pair, "build")
    pair.write("out/ignored", "x")
    assert "nothing to do" in explained(pair, "build")


def test_a_changed_mode_counts(pair):
    pair.run("build").ok()
    (pair.root / "source.txt").chmod(0o755)
    assert "working tree" in explained(pair, "build")


def test_a_changed_manifest_runs_again_in_dev(pair):
    pair.run("build").ok()
    pair.write("manifests/build.yaml", pair.read("manifests/build.yaml") + "# a comment\n")
    told = explained(pair, "build")
    assert "the manifest" in told and "runs again" in told


def test_a_changed_param_is_another_address(pair):
    pair.run("build").ok()
    pair.run("build", "--platform", "linux-arm64").ok()
    assert len(pair.receipts()) == 2
    assert "nothing to do" in pair.run("build").ok().err


def test_a_param_that_is_no_variant_is_not_compared(workspace):
    workspace.ignore("out")
    workspace.manifest("make", """\
        params: {jobs: {type: int, min: 1, default: 4, variant: false, help: J}}
        script: echo x > out
        outputs: {o: out}
        """)
    workspace.commit()
    workspace.run("make").ok()
    assert "nothing to do" in workspace.run("make", "--jobs", "9").ok().err


def test_a_changed_input_receipt_runs_again_in_dev(pair):
    pair.run("build").ok()
    pair.run("use").ok()
    assert "nothing to do" in explained(pair, "use")
    pair.run("build", "--force").ok()
    told = explained(pair, "use")
    assert "input 'app'" in told and "runs again" in told


def test_a_new_commit_is_another_address(pair):
    pair.run("build").ok()
    pair.write("source.txt", "two\n")
    pair.commit("second")
    assert "not published" in explained(pair, "build")


def test_a_runs_own_products_never_make_the_tree_look_dirty(pair):
    pair.ignore()  # nothing is ignored any more
    pair.commit("nothing ignored")
    pair.run("build").ok()
    pair.run("use").ok()
    assert "?? used/" in pair.git("status", "--porcelain")
    for job in ("build", "use"):
        assert "nothing to do" in explained(pair, job)
        receipt = json.loads((pair.address(job, "platform=linux-x64") / "receipt.json").read_text())
        assert receipt["predicate"]["jobrun_receipt"]["dirty"] in ("", None)


def test_products_are_known_through_vars_and_tables(workspace):
    workspace.manifest("make", """\
        params: {platform: {type: enum, values: [a, b], default: a, help: P}}
        select: {platform: {a: {target: one/x}, b: {target: two/y}}}
        vars: {dist: "dist/${vars.target}"}
        script: mkdir -p "$VAR_DIST" && echo hi > "$VAR_DIST/f.whl"
        outputs: {wheel: {path: "${vars.dist}/*.whl", count: 1}}
        """)
    workspace.commit()
    workspace.run("make").ok()
    assert "nothing to do" in workspace.run("make").ok().err
    workspace.write("dist/one/x/other.txt", "not an output")
    assert "runs again" in explained(workspace, "make")


def test_anything_that_changed_is_refused_outside_of_dev(pair):
    pair.run("build", env=CI).ok()
    assert "nothing to do" in pair.run("build", env=CI).ok().err
    pair.write("manifests/build.yaml", pair.read("manifests/build.yaml") + "# other\n")
    result = pair.run("build", "--env", "staging").ok()
    pair.write("manifests/build.yaml", pair.read("manifests/build.yaml") + "# and other\n")
    result = pair.run("build", "--env", "staging").fails(123)
    assert "the manifest" in result.err and "--force" in result.err
    pair.run("build", "--env", "staging", "--force").ok()


def test_missing_files_of_a_receipt_run_again_in_dev_and_are_refused_elsewhere(pair):
    for environment in ("dev", "staging"):
        pair.run("build", "--env", environment).ok()
    for app in pair.store.rglob("app"):
        app.unlink()
    told = explained(pair, "build")
    assert "damaged" in told or "missing" in told
    assert "nothing to do" in explained(pair, "build")
    assert "damaged" in pair.run("build", "--env", "staging").fails(123).err
    pair.run("build", "--env", "staging", "--force").ok()
    assert "nothing to do" in pair.run("build", "--env", "staging").ok().err


def test_two_environments_do_not_see_each_other(pair):
    pair.run("build", env=CI).ok()
    pair.run("use").fails(122)
    result = pair.run("use", "--inputs-from", "CI").ok()
    assert "CI" in result.err
    assert not (pair.store / "CI" / pair.head / "use").exists()


def test_a_fallback_of_jobrun_yaml_reads_what_ci_published(pair):
    pair.write("jobrun.yaml", "environments:\n  dev: {fallback: [CI]}\n")
    pair.commit()
    pair.run("build", env=CI).ok()
    result = pair.run("use").ok()
    assert "CI" in result.err
    assert (pair.store / "dev" / pair.head / "use").exists()


def test_a_receipt_of_a_newer_jobrun_is_never_replaced(pair):
    pair.run("build").ok()
    receipt = pair.receipts()[0]
    receipt.write_text(receipt.read_text().replace('"version": 1,', '"version": 2,', 1))
    before = receipt.read_bytes()
    for arguments in (("build",), ("use",)):
        assert "newer jobrun" in pair.run(*arguments).fails(123).err
    assert receipt.read_bytes() == before


def test_a_run_that_is_refused_does_not_say_that_it_runs_again(pair):
    pair.run("build").ok()
    text = pair.read("manifests/build.yaml")
    pair.manifest("build", text.split("\n", 2)[2] + "requires: {env: other}\n")
    err = pair.run("build").fails(121).err
    assert "requires environment 'other'" in err and "runs again" not in err
