"""`commit`: inputs of another commit than the one that is built."""
import shlex
import subprocess

import pytest

pytestmark = pytest.mark.store


@pytest.fixture
def past(workspace):
    """`build` is published for the first of two commits, `use` takes it from there."""
    workspace.ignore("/app", "/in/", "/made/")
    workspace.manifest("build", """\
        params: {platform: {type: enum, values: [x, y], default: x, help: P}}
        script: echo "$PARAM_PLATFORM of $(cat source)" > app
        outputs: {bin: app}
        """)
    workspace.manifest("use", """\
        params: {rev: {type: string, default: HEAD~1, help: R}}
        inputs: {old: {from: build, commit: "${params.rev}", to: in/old}}
        command: [cat, {files: old}]
        """)
    workspace.write("source", "first\n")
    workspace.first = workspace.commit("first")
    workspace.run("build").ok()
    workspace.write("source", "second\n")
    workspace.second = workspace.commit("second")
    return workspace


def test_a_revision_is_resolved_by_git(past):
    past.git("tag", "-a", "-m", "x", "v1", past.first)
    for revision in ("HEAD~1", "v1", past.first, past.first[:10], "main^"):
        assert past.run("use", "--rev", revision).ok().out == "x of first\n", revision


def test_without_it_the_commit_is_the_jobs_own(past):
    past.run("build").ok()
    assert past.run("use", "--rev", "HEAD").ok().out == "x of second\n"


def test_each_element_may_have_its_own(past):
    past.manifest("use", f"""\
        inputs:
          both:
            from: build
            with: {{platform: [x, y]}}
            select: {{platform: {{x: {{rev: "{past.first}"}}, y: {{rev: HEAD}}}}}}
            commit: "${{with.rev}}"
            to: "in/${{with.platform}}"
        command: [cat, {{files: both}}]
        """)
    past.commit("third")
    past.run("build", "--platform", "y").ok()
    assert past.run("use").ok().out == "x of first\ny of second\n"


def test_a_missing_one_says_what_to_do_there_and_the_command_can_be_pasted(past):
    past.git("tag", "tried", past.first)
    past.run("build", "--platform", "y").ok()
    past.manifest("use", """\
        inputs: {old: {from: build, with: {platform: y}, commit: tried, to: in/old}}
        command: [cat, {files: old}]
        """)
    past.commit("third")
    result = past.run("use").fails(122)
    assert f"at commit {past.first[:7]}" in result.err
    assert f"{past.url}/dev/{past.first}/build/platform=y/receipt.json" in result.err
    assert "git worktree add" in result.err
    assert "it is there for other params: platform=x" in result.err
    line = next(line for line in result.err.splitlines() if "help: git checkout" in line)
    checkout, command = line.split("help: ")[1].split(" && ")
    assert checkout == f"git checkout {past.first}"
    words = shlex.split(command)
    assert words == ["pixi", "run", "build", "--platform", "y"]
    subprocess.run(shlex.split(checkout), cwd=past.root, check=True, capture_output=True)
    past.run(*words[2:]).ok()
    past.git("checkout", "-q", "main")
    assert past.run("use").ok().out == "y of first\n"


def test_near_misses_are_those_of_that_commit(past):
    past.run("build").ok()
    past.commit("third")
    result = past.run("use", "--rev", "HEAD").fails(122)
    assert f"it is there for commit {past.second[:7]} (1 before this one)" in result.err
    past.run("build").ok()
    past.commit("fourth")
    past.commit("fifth")
    result = past.run("use", "--rev", "HEAD~1").fails(122)
    assert "(1 before that one)" in result.err


def test_the_job_itself_may_be_the_producer_at_another_commit(past):
    past.manifest("grow", """\
        inputs: {old: {from: grow, commit: HEAD~1, to: in/list, optional: true}}
        script: |
          mkdir -p made
          { if [ -e in/list ]; then cat in/list; fi; git rev-parse HEAD; } > made/list
        outputs: {list: made/list}
        """)
    first = past.commit("grow")
    past.run("grow").ok()
    assert past.read("made/list").split() == [first]
    second = past.commit("again")
    past.run("grow").ok()
    assert past.read("made/list").split() == [first, second]


def test_the_job_itself_at_its_own_commit_is_the_error_that_it_was(past):
    past.manifest("grow", """\
        inputs: {old: {from: grow, commit: HEAD, to: in/old}}
        script: echo 1 > made
        outputs: {o: made}
        """)
    past.commit("grow")
    result = past.run("grow").fails(120)
    assert "made by this job itself" in result.err and "manifests/grow.yaml:3" in result.err
    assert "HEAD~1" in result.err
    past.manifest("grow", "inputs: {old: {from: grow, to: in/old}}\nscript: echo 1 > made\n"
                  "outputs: {o: made}\n")
    assert "made by this job itself" in past.run("grow").fails(120).err


def test_an_unknown_revision_is_refused_with_its_place(past):
    result = past.run("use", "--rev", "no-such").fails(2)
    assert "no-such" in result.err and "manifests/use.yaml:4" in result.err
    assert "help: 'git fetch' may bring it" in result.err
    past.manifest("use", """\
        inputs: {old: {from: build, commit: no-such, to: in/old}}
        command: [cat, {files: old}]
        """)
    assert "git knows no commit 'no-such'" in past.run("use").fails(120).err
    assert past.run("use", "--dry-run").status == 120


def test_a_value_is_never_an_option_of_git(past):
    assert "is no revision" in past.run("use", "--rev=--all").fails(2).err


def test_a_full_id_that_this_clone_lacks_is_taken_as_it_is(past):
    result = past.run("use", "--rev", "ab" * 20).fails(122)
    assert f"/dev/{'ab' * 20}/build/" in result.err
    assert f"git fetch origin {'ab' * 20}" in result.err


def test_a_shallow_clone_is_told_to_fetch(past):
    past.git("clone", "-q", "--depth", "1", f"file://{past.root}", str(past.top / "shallow"))
    result = past.run("use", cwd=past.top / "shallow").fails(2)
    assert "HEAD~1" in result.err and "git fetch --unshallow" in result.err


def test_a_branch_that_moved_makes_the_job_run_again(past):
    past.git("branch", "known", past.first)
    past.manifest("use", """\
        inputs: {old: {from: build, commit: known, to: in/old}}
        script: mkdir -p made; cat in/old > made/o
        outputs: {o: made/o}
        """)
    past.commit("third")
    past.run("use").ok()
    assert "nothing to do" in past.run("use").ok().err
    past.run("build").ok()
    past.git("branch", "-f", "known", "HEAD")
    assert "input 'old' is another one" in past.run("use").ok().err
    assert past.read("made/o") == "x of second\n"


def test_outside_of_git_only_a_full_id_will_do(past):
    import shutil
    shutil.rmtree(past.root / ".git")
    outside = {"GIT_CEILING_DIRECTORIES": str(past.top)}
    arguments = ["use", "--commit", past.second]
    assert "no git repository" in past.run(*arguments, env=outside).fails(2).err
    assert past.run(*arguments, "--rev", past.first, env=outside).ok().out == "x of first\n"


def test_a_dry_run_and_the_help_say_it(past):
    assert f"old: there: dev/{past.first}/build" in past.run("use", "--dry-run").ok().out
    assert "of commit ${params.rev}" in past.run("use", "--help").ok().out
    missing = past.run("use", "--rev", "HEAD", "--dry-run").ok()
    assert "made by: pixi run build" in missing.out


def test_files_of_what_was_packed_at_that_commit_are_not_known(workspace):
    workspace.ignore("/out/", "/in/")
    workspace.manifest("tree", "script: mkdir -p out; echo a > out/a\noutputs: {t: {path: out/, pack: tar.gz}}\n")
    workspace.manifest("use", """\
        inputs: {t: {from: tree, commit: HEAD~1, to: in/}}
        command: [echo, {files: t}]
        """)
    workspace.commit()
    workspace.run("tree").ok()
    workspace.manifest("tree", "script: mkdir -p out; echo a > out/a\noutputs: {t: out/}\n")
    workspace.commit()
    err = workspace.run("use").fails(120).err
    assert "input 't' is packed, so its files are not known" in err
    assert "it was packed when it was published" in err and "${inputs.t.path}" in err
    workspace.manifest("use", """\
        inputs: {t: {from: tree, commit: HEAD~1, to: in/}}
        command: [ls, "${inputs.t.path}"]
        """)
    assert workspace.run("use").ok().out == "a\n"
