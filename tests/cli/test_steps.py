"""`steps`: their order, what a failure stops, and what belongs to each."""
import signal

import pytest


@pytest.fixture
def steps(workspace):
    """Runs a job whose steps are given, each of which says its name in `ran`."""
    workspace.ignore("/out/", "/ran")
    workspace.commit()

    def run(text, *arguments, **options):
        workspace.manifest("job", text)
        (workspace.root / "ran").unlink(missing_ok=True)
        return workspace.run("job", *arguments, **options)
    run.workspace = workspace
    run.root = workspace.root
    run.ran = lambda: workspace.read("ran").split() if (workspace.root / "ran").exists() else []
    return run


def step(name, end="true", more=""):
    return f"  - {{name: {name}, script: 'echo {name} >> \"$JOB_ROOT/ran\"; {end}'{more}}}\n"


def test_they_run_in_their_order_and_say_their_names(steps):
    result = steps("steps:\n" + step("b") + step("a") + step("c")).ok()
    assert steps.ran() == ["b", "a", "c"]
    said = [line for line in result.err.splitlines() if "step" in line]
    assert said == ["job: step 'b'", "job: step 'a'", "job: step 'c'"]


def test_a_command_and_a_script_may_be_mixed(steps):
    result = steps("""\
        shell: [sh, -e]
        steps:
          - {name: argv, command: [printf, "%s|", "a b", "$HOME"]}
          - {name: text, script: 'echo "$0" | grep -c scripts'}
          - {name: own, script: 'echo "${BASH_VERSION:+bash}"', shell: [bash]}
        """).ok()
    assert result.out == "a b|$HOME|1\nbash\n"


def test_the_first_failure_stops_and_its_status_is_the_jobs(steps):
    result = steps("steps:\n" + step("a") + step("b", "exit 7") + step("c") +
                   "outputs: {o: {path: out/o, optional: true}}\n").fails(7)
    assert steps.ran() == ["a", "b"]
    assert "job: failed: step 'b' ended with status 7\n" in result.err
    assert "nothing was published" in result.err and steps.workspace.receipts() == []


def test_a_step_that_cannot_start_is_named(steps):
    result = steps("steps:\n  - {name: a, command: [no-such-program]}\n").fails(127)
    assert "failed: step 'a': cannot start 'no-such-program'" in result.err
    result = steps("steps:\n  - {name: a, command: ['true'], workdir: out/none}\n").fails(126)
    assert "out/none' of step 'a' is not a folder" in result.err


def test_a_condition_leaves_a_step_out(steps):
    text = "params: {fast: {type: bool, default: false}}\nsteps:\n" + step("a") + \
        step("b", more=", when: {fast: true}") + step("c", more=", when: {fast: {not: true}}")
    steps(text).ok()
    assert steps.ran() == ["a", "c"]
    steps(text, "--fast").ok()
    assert steps.ran() == ["a", "b"]


def test_always_runs_after_a_failure_and_changes_no_status(steps):
    result = steps("steps:\n" + step("a", "exit 5") + step("b") +
                   step("c", "exit 6", ", always: true") + step("d", more=", always: true")).fails(5)
    assert steps.ran() == ["a", "c", "d"]
    assert "failed: step 'a' ended with status 5\n" in result.err
    assert "  steps that failed: a, c\n" in result.err


def test_always_runs_after_a_failure_of_jobrun_itself_too(steps):
    result = steps("steps:\n" + step("a", "mkdir -p out/x") + step("b", more=", stdout: out/x") +
                   step("c") + step("d", "echo why > out/log", ", always: true") +
                   "outputs: {log: {path: out/log, on: failure}}\n").fails(125)
    assert steps.ran() == ["a", "d"]
    assert "failed: step 'b': cannot write the standard output to 'out/x': it is a folder\n" in result.err
    assert [path.read_text() for path in steps.workspace.store.rglob("log/log")] == ["why\n"]


def test_always_runs_after_success_too_and_its_failure_counts(steps):
    steps("steps:\n" + step("a") + step("b", more=", always: true") + step("c")).ok()
    assert steps.ran() == ["a", "b", "c"]
    steps("steps:\n" + step("a") + step("b", "exit 3", ", always: true") + step("c")).fails(3)
    assert steps.ran() == ["a", "b"]


def test_continue_on_error_goes_on_publishes_nothing_and_names_all(steps):
    result = steps("steps:\n" + step("a", "exit 4", ", continue-on-error: true") +
                   step("b", "exit 5", ", continue-on-error: true") +
                   step("c", "mkdir -p out; echo 1 > out/o") +
                   "outputs: {o: out/o}\n").fails(4)
    assert steps.ran() == ["a", "b", "c"]
    assert "  steps that failed: a, b\n" in result.err
    assert "step 'b' ended with status 5; the steps behind it run all the same\n" in result.err
    assert (steps.root / "out/o").exists() and steps.workspace.receipts() == []


def test_a_failure_that_stops_does_so_behind_one_that_does_not(steps):
    steps("steps:\n" + step("a", "exit 4", ", continue-on-error: true") + step("b", "exit 5") +
          step("c")).fails(4)
    assert steps.ran() == ["a", "b"]


def test_variables_of_a_step_are_its_own_and_win(steps):
    result = steps("""\
        env: {A: job, B: job, C: job}
        steps:
          - {name: one, script: 'echo "$A $B ${C-none}"', env: {A: one, C: null}}
          - {name: two, script: 'echo "$A $B $C"', env: {B: {when: {p: x}, value: two}}}
        params: {p: {type: enum, values: [x, y], default: x}}
        """, env={"A": "caller"}).ok()
    assert result.out == "one job none\njob two job\n"


def test_each_has_a_folder(steps):
    (steps.root / "sub/deep").mkdir(parents=True)
    result = steps("""\
        workdir: sub
        steps:
          - {name: one, command: [pwd]}
          - {name: two, command: [pwd], workdir: sub/deep}
        """).ok()
    assert result.out == f"{steps.root}/sub\n{steps.root}/sub/deep\n"


def test_each_has_a_standard_output(steps):
    steps("""\
        steps:
          - {name: one, command: [echo, one], stdout: out/one}
          - {name: two, command: [echo, two]}
          - {name: three, command: [echo, three], stdout: "out/${params.p}"}
        params: {p: {default: three}}
        outputs: {all: out/}
        """).ok()
    assert steps.workspace.read("out/one") == "one\n" and steps.workspace.read("out/three") == "three\n"


def test_two_do_not_write_one_file_whatever_the_params(steps):
    text = """\
        params: {p: {default: other}}
        steps:
          - {name: one, command: [echo, one], stdout: out/one}
          - {name: two, command: [echo, two], stdout: "out/${params.p}"}
        """
    steps(text).ok()
    result = steps(text, "--p", "one").fails(120)
    assert "steps 'one' and 'two' cannot write their standard output" in result.err
    assert ":6:" in result.err


def test_the_timeout_is_for_all_and_always_comes_after_it(steps):
    result = steps("timeout: 1s\nkill-after: 20s\nsteps:\n" + step("a") + step("b", "sleep 100") + step("c") +
                   step("d", more=", always: true")).fails(124)
    assert steps.ran() == ["a", "b", "d"]
    assert "step 'b' ran out of time: the timeout is 1.000s" in result.err


def test_what_always_runs_after_the_timeout_has_time_to_end_and_no_more(steps):
    result = steps("timeout: 1s\nkill-after: 1s\nsteps:\n" + step("a", "sleep 100") +
                   step("b", "sleep 100", ", always: true")).fails(124)
    assert "step 'b' ran out of time: after the timeout there is 1.000s" in result.err


def test_nothing_runs_after_a_signal(steps):
    text = "steps:\n" + step("a", "echo ready; sleep 100") + step("b", more=", always: true")
    steps.workspace.manifest("job", text)
    process = steps.workspace.spawn("job")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert steps.ran() == ["a"]


def test_a_step_that_a_signal_kills_is_a_failure_of_its_own(steps):
    result = steps("steps:\n" + step("a", "kill -KILL $$") + step("b", more=", always: true")).fails(137)
    assert steps.ran() == ["a", "b"]
    assert "step 'a' was killed by signal KILL" in result.err


def test_the_receipt_and_the_dry_run_have_all_of_them(steps):
    text = "steps:\n" + step("a", "mkdir -p out; echo 1 > out/o") + \
        "  - {name: b, command: [echo, 'x y'], continue-on-error: true}\n" + \
        step("c", more=", when: {no: true}") + step("d", more=", always: true") + \
        "outputs: {o: out/o}\nparams: {no: {type: bool, default: false, variant: false}}\n"
    out = steps(text, "--dry-run").ok().out
    assert "  step 'a', in " in out and "  step 'b', going on if it fails, in " in out
    assert "  step 'd', after a failure too, in " in out and "step 'c'" not in out
    steps(text).ok()
    receipt = steps.workspace.receipts()[0].read_text()
    assert '"echo \'x y\'"' in receipt


def test_a_job_whose_steps_are_all_left_out_is_done(steps):
    result = steps("params: {p: {type: bool, default: false}}\nsteps:\n" +
                   step("a", more=", when: {p: true}")).ok()
    assert "job: done" in result.err and steps.ran() == []


def test_the_job_is_skipped_when_it_is_published(steps):
    text = "steps:\n" + step("a", "mkdir -p out; echo 1 > out/o") + step("b") + "outputs: {o: out/o}\n"
    steps(text).ok()
    assert "nothing to do" in steps(text).ok().err
    assert steps.ran() == []


def test_the_help_names_them(steps):
    out = steps("params: {p: {type: bool, default: false}}\nsteps:\n" + step("a", more=", when: {p: true}") +
                step("b", more=", always: true") + step("c", more=", continue-on-error: true"), "--help").ok().out
    assert "\nsteps:\n  a, when p is true\n  b, after a failure too\n  c, going on if it fails\n" in out
