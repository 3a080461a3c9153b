"""Options, commands and the words between them: what is refused, and what is said of it."""
import itertools
import subprocess

import pytest
from conftest import JOBRUN

pytestmark = pytest.mark.store


@pytest.fixture
def job(workspace):
    workspace.manifest("a", """\
        params:
          m: {type: enum, values: [linux, macos], default: linux, help: M, variant: false}
          on: {type: list, of: {type: string}, min-length: 0, default: [], help: O, variant: false}
        command: [echo, ran, "${params.m}", {each: "${params.on}", args: ["${each}"]}]
        """)
    workspace.commit()
    return workspace


def helps(result):
    return [line.split("help: ", 1)[1] for line in result.err.splitlines() if "= help: " in line]


def errors(result):
    return [line for line in result.err.splitlines() if line.startswith("error")]


@pytest.mark.parametrize("closed", [c for n in range(4) for c in itertools.combinations(range(3), n)],
                         ids=lambda closed: "".join(map(str, closed)) or "none")
def test_closed_standard_descriptors_change_nothing(workspace, closed):
    """Much is written, so that a pipe of jobrun's own in their place would fill up."""
    workspace.ignore("out")
    workspace.manifest("v", """\
        kill-after: 1s
        script: |
          cat
          for i in $(seq 9999); do echo "to out $i"; echo "to err $i" >&2; done
          sleep 0.2
          echo x > out
        outputs: {o: out}
        """)
    workspace.commit()
    redirections = " ".join(f"{fd}{'<' if fd == 0 else '>'}&-" for fd in closed)
    ended = subprocess.run(["sh", "-c", f'exec "$0" v --force {redirections}', str(JOBRUN)],
                           cwd=workspace.root, env=workspace.environment, timeout=60,
                           stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert ended.returncode == 0, ended
    assert len(workspace.receipts()) == 1
    assert ("to out 9999\n" in ended.stdout) == (1 not in closed)
    assert ("published" in ended.stderr) == (2 not in closed)


@pytest.mark.parametrize("option", ["--env", "--commit", "--store", "--inputs-from", "--input", "--params-file",
                                    "--timeout", "--log", "--color"])
def test_the_next_option_is_no_value_of_the_one_before(pair, option):
    result = pair.run("build", option, "--dry-run").fails(2)
    assert errors(result) == [f"error[usage]: {option} needs a value"]
    assert helps(result) == [f"where '--dry-run' is meant as the value, write {option}=--dry-run"]
    assert pair.receipts() == [] and not (pair.root / "out").exists()


def test_the_next_option_is_no_value_of_a_short_one_either(job):
    for arguments in (("a", "-P", "--force"), ("-P", "-q", "a"), ("a", "-P", "-q")):
        result = job.run(*arguments).fails(2)
        assert "-P needs a value" in errors(result)[0], result
        assert result.out == ""
    assert helps(job.run("a", "-P", "-q")) == ["where '-q' is meant as the value, write -P-q"]


def test_an_environment_does_not_begin_with_a_dash(pair):
    assert "'-x'" in pair.run("build", "--env=-x").fails(2).err
    assert "'--dry-run'" in pair.run("build", env={"JOBRUN_ENV": "--dry-run"}).fails(2).err


@pytest.mark.parametrize("arguments", [("--env",), ("--env=",), ("--color",), ("--color=",), ("-P",), ("--store=",),
                                       ("--timeout=",), ("--input=",)], ids=" ".join)
def test_a_value_that_is_not_there_is_one_message(job, arguments):
    result = job.run("a", *arguments).fails(2)
    assert len(errors(result)) == 1
    assert f"{arguments[0].rstrip('=')} needs a value" in result.err


def test_no_option_of_jobrun_stands_between_a_flag_and_its_value(job):
    result = job.run("a", "--m", "--force", "macos").fails(2)
    assert "param 'm' needs a value" in result.err and "'macos' is not expected here" in result.err
    assert "-P needs a value" in job.run("a", "-P", "--force", "m=macos").fails(2).err


@pytest.mark.parametrize("time", ["0s", "0m", "0h"])
def test_a_timeout_of_nothing_is_refused(job, time):
    result = job.run("a", "--timeout", time).fails(2)
    assert f"--timeout '{time}' is not a time to run in" in result.err and result.out == ""


def test_an_unknown_flag_is_compared_with_the_options_too(job):
    result = job.run("a", "--forse").fails(2)
    assert "job 'a' has no param '--forse', and jobrun has no such option" in result.err
    assert helps(result) == ["did you mean '--force'?"]


@pytest.mark.parametrize("arguments", [("--format", "json"), ("--format=json",), ("--progress", "never")], ids=" ".join)
@pytest.mark.parametrize("place", ["before", "behind"])
def test_an_option_that_is_not_built_yet_is_called_so(job, arguments, place):
    line = (*arguments, "a") if place == "before" else ("a", *arguments)
    result = job.run(*line).fails(2)
    name = arguments[0].split("=")[0]
    assert errors(result) == [f"error[usage]: {name} is not in this version of jobrun"]


def test_lint_knows_its_options(job):
    assert "did you mean '--color'?" in job.run("lint", "--colour").fails(2).err


def test_an_unknown_command_is_told_with_the_nearest(job):
    result = job.run("lnit").fails(2)
    assert "there is no job 'lnit', and no command of that name" in result.err
    assert helps(result) == ["did you mean 'lint'?"]
    assert "command" not in job.run("run", "lnit").fails(2).err


@pytest.mark.parametrize("name", ["list", "plan", "status", "graph", "get", "where", "verify", "prune",
                                  "export", "init", "completion"])
def test_a_command_that_is_not_built_yet_is_called_so(job, name):
    result = job.run(name).fails(2)
    assert errors(result) == [f"error[usage]: command '{name}' is not in this version of jobrun"]
    assert f"there is no job '{name}'" in job.run("run", name).fails(2).err


def test_a_job_may_have_the_name_of_a_command_that_is_not_built_yet(job):
    job.manifest("list", "command: [echo, the job]\n")
    assert job.run("list").ok().out == "the job\n"


@pytest.mark.parametrize("subject", ["biuld", "./biuld.yaml", "manifests/biuld.yaml"])
def test_a_missing_job_has_one_message_by_name_and_by_path(job, subject):
    job.manifest("build", "command: [echo]\n")
    result = job.run(subject).fails(2)
    assert f"there is no {'file' if '/' in subject else 'job'} '{subject}'" in result.err
    assert helps(result) == ["did you mean 'build'?"]


def test_a_missing_job_is_told_with_the_list_of_jobs_and_with_the_file_that_ends_in_yml(job):
    assert helps(job.run("zzzzzz")) == ["the jobs are: a"]
    for number in range(30):
        job.manifest(f"job-{number:02}", "command: [echo]\n")
    assert helps(job.run("zzzzzz"))[0].endswith(", job-18, ...")
    job.write("manifests/zzzzzz.yml", "job: zzzzzz\nhelp: Z\ncommand: [echo]\n")
    for subject in ("zzzzzz", "manifests/zzzzzz.yaml"):
        assert helps(job.run(subject)) == \
            ["rename 'manifests/zzzzzz.yml': the name of a manifest ends in .yaml"]


def test_a_flag_before_the_job_is_refused_and_never_takes_a_value_for_the_job(job):
    job.manifest("macos", "command: [echo, wrong]\n")
    result = job.run("--m", "macos", "a").fails(2)
    assert errors(result) == ["error[usage]: jobrun has no option '--m'"]
    assert "the job comes first: jobrun JOB --m ..." in result.err
    assert "did you mean '--force'?" in job.run("--forse", "a").fails(2).err
    assert len(errors(job.run("--nothing").fails(2))) == 1


def test_one_leading_dashes_may_stand_before_the_command_too(job):
    for line in (("--", "a"), ("--", "run", "a"), ("run", "--", "a"), ("a", "--", "--m=linux"),
                 ("--", "a", "--", "--m=linux")):
        assert job.run(*line).ok().out == "ran linux\n", line
    assert "1 manifest checked" in job.run("--", "lint").ok().err
    assert "1 manifest checked" in job.run("lint", "--", "a").ok().err
    result = job.run("a", "--m=linux", "--").fails(2)
    assert "may only stand before all params" in result.err


def test_stray_words_are_told_how_to_be_written(job):
    result = job.run("a", "-m", "macos").fails(2)
    assert len(errors(result)) == 1 and helps(result) == ["a param has two dashes: write --m VALUE"]
    result = job.run("a", "--on", "x", "y").fails(2)
    assert helps(result) == ["repeat the flag for each element: --on y"]


def test_long_words_are_shown_in_part(job):
    long = "x" * 5000
    for line in ((long,), (f"{long}.yaml",), ("a", f"--{long}"), (f"--{long}", "a"), ("a", long), ("lint", f"--{long}"),
                 ("a", "--env", f"--{long}"), ("a", f"--timeout={long}"), ("a", f"--input={long}"),
                 ("a", "-P", f"{long}=1"), ("a", "-P", long), ("a", "--m", f"--on{long}")):
        result = job.run(*line).fails(2)
        assert max(map(len, result.err.splitlines())) < 600, line
