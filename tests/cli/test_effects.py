"""`effect`: a step that cannot be undone happens once, or a person decides.

What an effect did is counted in a file outside of the workspace. An effect that is
`held` says through a fifo that it is inside, and ends when it is told how.
"""
import json
import os
import select
import signal

import pytest
from conftest import first_line

pytestmark = pytest.mark.store

CI = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "42",
      "GITHUB_REPOSITORY": "acme/app"}
ALLOW = "--allow-effects"


class Ship:
    """Workspaces of one commit and one store, whose jobs count what they did."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.top = workspace.top
        workspace.environment["TOP"] = str(self.top)
        workspace.environment["GO"] = str(self.top / "go")
        self.fifos = {}
        for name in ("inside", "go", "other-go"):
            os.mkfifo(self.top / name)
            self.fifos[name] = os.open(self.top / name, os.O_RDWR)
        # For the second of two held steps, so that neither reads what is for the other.
        self.other = {"GO": str(self.top / "other-go")}
        workspace.ignore("/out/", "/in/")
        workspace.write("source.txt", "one\n")

    def job(self, text, name="ship"):
        self.workspace.manifest(name, text)
        self.workspace.commit()
        return self

    def run(self, *arguments, job="ship", **options):
        return self.workspace.run(job, *arguments, **options)

    def spawn(self, *arguments, job="ship", **options):
        return self.workspace.spawn(job, *arguments, **options)

    def clone(self):
        folder = self.top / "clone"
        self.workspace.git("clone", "-q", str(self.workspace.root), str(folder))
        return folder

    def wait_inside(self, process):
        """Until a held step says that it is inside, and which process it is."""
        ready, _, _ = select.select([self.fifos["inside"]], [], [], 60)
        if not ready:
            process.kill()
            pytest.fail(f"the step does not start: {process.communicate()}")
        return int(os.read(self.fifos["inside"], 100))

    def kill_inside(self, process):
        """jobrun dies while the step is held, and so does the step."""
        step = os.pidfd_open(self.wait_inside(process))
        process.kill()
        end(process)
        assert select.select([step], [], [], 60)[0], "the step lives on"
        os.close(step)

    def tell(self, answer, fifo="go"):
        os.write(self.fifos[fifo], f"{answer}\n".encode())

    def count(self, name="count"):
        path = self.top / name
        return path.read_text().count("\n") if path.exists() else 0

    def marker_files(self):
        return sorted(self.workspace.store.rglob("effects/*.json"))

    def markers(self):
        return [json.loads(path.read_text()) for path in self.marker_files()]

    def states(self):
        return [marker["state"] for marker in self.markers()]

    def close(self):
        for fifo in self.fifos.values():
            os.close(fifo)


@pytest.fixture
def ship(workspace):
    made = Ship(workspace)
    yield made
    made.close()


def end(process, timeout=60):
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, err


COUNT = "echo ran >> \"$TOP/count\""
HELD = COUNT + "; echo $$ > \"$TOP/inside\"; read -r answer < \"$GO\"; test \"$answer\" = good"
PUSH = f"""\
effect: true
script: |
  {COUNT}
"""
HOLD = f"""\
effect: true
kill-after: 1s
script: |
  {HELD}
"""
STEPS = f"""\
steps:
  - name: build
    script: echo ran >> "$TOP/built"
  - name: push
    effect: true
    script: {COUNT}
  - name: tell
    script: |
      echo ran >> "$TOP/told"
      test ! -e "$TOP/broken"
"""


# --- once ---

def test_it_happens_once_and_later_steps_run_again(ship):
    ship.job(STEPS).run(ALLOW).ok()
    again = ship.run(ALLOW).ok()
    assert (ship.count("built"), ship.count(), ship.count("told")) == (2, 1, 2)
    assert "effect 'push' is done already, so it is skipped" in again.err
    (marker,) = ship.markers()
    assert marker["state"] == "done" and marker["step"] == "push"
    assert f"by {marker['user']}@{marker['host']} (process {marker['pid']}) at 20" in again.err
    assert marker["started_ms"] <= marker["finished_ms"]
    assert marker["address"] == f"dev/{ship.workspace.head}/ship"
    (path,) = ship.marker_files()
    assert path.parent.parent == ship.workspace.address("ship")
    assert path.name == f"push-{marker['digest']}.json"


def test_a_job_without_steps_gives_its_own_name(ship):
    ship.job(PUSH).run(ALLOW).ok()
    assert "effect 'ship' is done already" in ship.run(ALLOW).ok().err
    assert ship.count() == 1 and ship.markers()[0]["step"] == "ship"


def test_false_is_no_effect(ship):
    ship.job(PUSH.replace("true", "false"))
    ship.run().ok()
    ship.run().ok()
    assert ship.count() == 2 and ship.marker_files() == []


def test_a_variant_has_its_own(ship):
    ship.job("params: {to: {type: enum, values: [a, b], default: a, help: T}}\neffect: true\n"
             "script: echo \"$PARAM_TO\" >> \"$TOP/count\"\n")
    for _ in range(2):
        ship.run(ALLOW).ok()
        ship.run(ALLOW, "--to", "b").ok()
    assert ship.count() == 2
    assert {path.parent.parent.name for path in ship.marker_files()} == {"to=a", "to=b"}


# --- where it may happen ---

def test_in_an_environment_that_is_not_protected_it_must_be_asked_for(ship):
    ship.job("clean: [out]\n" + STEPS)
    ship.workspace.write("out/old")
    result = ship.run().fails(121)
    assert "effect 'push' cannot be undone, and environment 'dev' is not protected" in result.err
    assert "manifests/ship.yaml:8:5" in result.err and "--allow-effects" in result.err
    assert ship.count("built") == 0 and (ship.workspace.root / "out/old").exists()
    ship.run("--env", "staging").fails(121)
    ship.run("--env", "staging", ALLOW).ok()
    assert ship.count() == 1


def test_all_effects_of_a_job_are_one_problem(ship):
    ship.job("steps:\n  - {name: a, effect: true, command: [echo, a]}\n"
             "  - {name: b, effect: true, command: [echo, b]}\n")
    result = ship.run().fails(121)
    assert result.err.count("error[") == 1 and "effect 'b' too" in result.err


def test_what_is_done_needs_no_allowance(ship):
    ship.job(STEPS).run(ALLOW).ok()
    ship.run().ok()
    ship.run("--no-publish").ok()
    ship.run(env={"JOBRUN_STORE_MODE": "read-only"}).ok()
    assert ship.count() == 1 and ship.count("told") == 4


def test_what_is_done_needs_no_secret(ship):
    ship.job("steps:\n  - {name: build, command: [echo, built]}\n"
             f"  - {{name: push, effect: true, secrets: [TOKEN], script: '{COUNT}'}}\n")
    assert "secret 'TOKEN' is not set" in ship.run(ALLOW).fails(121).err
    ship.run(ALLOW, env={"TOKEN": "correct-horse"}).ok()
    ship.run().ok()
    assert "secret 'TOKEN' is not set" in ship.run(ALLOW, "--force").fails(121).err
    assert ship.count() == 1


def test_a_step_whose_condition_does_not_hold_does_not_count(ship):
    ship.job("params: {real: {type: bool, default: false, help: R}}\nsteps:\n"
             "  - {name: build, command: [echo, built]}\n"
             f"  - {{name: push, when: {{real: true}}, effect: true, script: '{COUNT}'}}\n")
    ship.run().ok()
    assert ship.count() == 0
    ship.run("--real").fails(121)


@pytest.mark.parametrize("environment", [{}, {"CI": "1"}])
def test_a_protected_environment_is_for_recognised_ci(ship, environment):
    ship.job(STEPS)
    result = ship.run("--env", "CI", ALLOW, env=environment).fails(121)
    assert "must not have effects in the protected environment 'CI' from this machine" in result.err
    assert ship.count("built") == 0
    ship.run(env=CI).ok()
    (marker,) = ship.markers()
    assert marker["ci"]["system"] == "GitHub Actions"
    assert marker["ci"]["url"] == "https://github.com/acme/app/actions/runs/42"
    assert "https://github.com/acme/app/actions/runs/42" in ship.run(env=CI).ok().err


def test_a_protected_environment_wants_a_clean_tree(ship):
    ship.job(STEPS)
    ship.workspace.write("source.txt", "two\n")
    result = ship.run(env=CI).fails(121)
    assert "from a working tree with changes" in result.err and "source.txt" in result.err


def test_a_protected_environment_takes_its_inputs_from_the_store(ship):
    ship.job("script: mkdir -p out; echo 1 > out/x\noutputs: {o: out/x}\n", name="make")
    ship.job("inputs: {x: {from: make, to: in/x}}\n" + PUSH)
    ship.run(env=CI, job="make").ok()
    given = ship.workspace.root / "source.txt"
    assert "--input must not be used" in ship.run(f"--input=x={given}", env=CI).fails(121).err
    assert ship.count() == 0


def test_where_no_record_can_be_left_nothing_happens(ship):
    ship.job(STEPS)
    for environment in ({}, CI):
        result = ship.run("--no-publish", ALLOW, env=environment).fails(121)
        assert "--no-publish leaves no record of it" in result.err
        result = ship.run(ALLOW, env={"JOBRUN_STORE_MODE": "read-only", **environment}).fails(121)
        assert "read-only" in result.err and "JOBRUN_STORE_MODE" in result.err
    (ship.top / "blocked").write_text("a file, not a folder")
    assert "blocked" in ship.run(ALLOW, "--store", ship.top / "blocked").fails(123).err
    assert ship.count("built") == 0


def test_a_commit_that_is_not_checked_out_is_refused(ship):
    ship.job(STEPS)
    ship.job(STEPS + "# changed\n")
    result = ship.run(ALLOW, "--commit", "HEAD~1").fails(121)
    assert "has effects, so its commit must be the one that is checked out" in result.err


def test_problems_are_told_all_at_once(ship):
    ship.job(STEPS + "inputs: {x: {from: make, to: in/x}}\n")
    ship.job("script: mkdir -p out; echo 1 > out/x\noutputs: {o: out/x}\n", name="make")
    result = ship.run()
    assert result.status in (121, 122)
    assert "--allow-effects" in result.err and "has not published output 'o'" in result.err


# --- the plan ---

def plan(ship, *arguments, **options):
    return next(line for line in ship.run("--dry-run", *arguments, **options).ok().out.splitlines()
                if "cannot be undone: " in line)


def test_a_dry_run_tells_its_state_and_needs_no_permission(ship):
    ship.job(STEPS)
    assert plan(ship).endswith("would happen")
    assert "environment 'dev' is not protected" in ship.run("--dry-run").ok().out
    assert plan(ship, "--env", "CI").endswith("would happen")
    assert ship.marker_files() == [] and ship.count("built") == 0
    ship.run(ALLOW).ok()
    assert "would be skipped, for it is done, by " in plan(ship)
    assert "would be repeated, for it is done, by " in plan(ship, "--force")
    (path,) = ship.marker_files()
    path.write_text(path.read_text().replace('"done"', '"begun"'))
    assert "would be refused, for it was begun, by " in plan(ship)
    assert "was begun by another run" in ship.run("--dry-run").ok().out
    assert "would be repeated, for it was begun" in plan(ship, "--force")
    path.write_text("{}")
    assert "would be refused, for its marker is damaged" in plan(ship)


def test_a_dry_run_of_what_would_skip_tells_what_force_would_do(ship):
    ship.job("once: true\n" + PUSH).run(ALLOW).ok()
    assert "would be repeated, for it is done, by " in plan(ship)
    assert "with --force it would do this" in ship.run("--dry-run").ok().out


def test_a_dry_run_does_not_guess_what_missing_inputs_make(ship):
    ship.job("script: mkdir -p out; echo 1 > out/x\noutputs: {o: out/x}\n", name="make")
    ship.job("inputs: {x: {from: make, to: in/x}}\n" + PUSH)
    assert "depends on inputs that are missing" in plan(ship)


def test_explain_names_the_marker(ship):
    before = ship.job(PUSH).run(ALLOW, "--explain").ok().err
    (path,) = ship.marker_files()
    assert f"effect 'ship' is not done: there is no {ship.workspace.shown(path)}" in before
    assert f"effect 'ship' is done: {ship.workspace.shown(path)}" in ship.run("--explain").ok().err


def test_help_names_the_effects(ship):
    ship.job(STEPS)
    help_text = ship.run("--help").ok().out
    assert "cannot be undone" in help_text and "\n  step push\n" in help_text
    ship.job(PUSH)
    assert "\n  the job\n" in ship.run("--help").ok().out


# --- how it ends ---

def test_its_own_failure_takes_the_marker_back(ship):
    ship.job(f"effect: true\nscript: |\n  {COUNT}\n  test -e \"$TOP/fine\"\n")
    ship.run(ALLOW).fails(1)
    assert ship.marker_files() == []
    (ship.top / "fine").touch()
    ship.run(ALLOW).ok()
    assert ship.count() == 2 and ship.states() == ["done"]


@pytest.mark.parametrize("text, status", [("command: [no-such-program]\n", 127),
                                          ("workdir: nowhere\ncommand: [echo, x]\n", 126)])
def test_what_cannot_be_started_takes_the_marker_back(ship, text, status):
    ship.job("effect: true\n" + text).run(ALLOW).fails(status)
    assert ship.marker_files() == []


def test_an_output_file_that_cannot_be_opened_takes_the_marker_back(ship):
    """The step before puts a folder in the place of `stdout`."""
    ship.job("steps:\n  - {name: a, command: [mkdir, -p, out/log]}\n"
             "  - {name: b, effect: true, stdout: out/log, command: [echo, x]}\n")
    assert ship.run(ALLOW).status != 0
    assert ship.marker_files() == []


def test_after_a_later_failure_the_rest_is_run_without_it(ship):
    (ship.top / "broken").touch()
    ship.job(STEPS).run(ALLOW).fails(1)
    assert ship.states() == ["done"]
    (ship.top / "broken").unlink()
    ship.run(ALLOW).ok()
    assert (ship.count("built"), ship.count(), ship.count("told")) == (2, 1, 2)


def refused(ship, *words):
    """The next run stops before anything, and says who began it and how to go on."""
    count = ship.count()
    (marker,) = ship.markers()
    assert marker["state"] == "begun"
    result = ship.run(ALLOW).fails(123)
    (path,) = ship.marker_files()
    for word in ("was begun by another run, and nothing says how it ended", f"by {marker['user']}@",
                 f"(process {marker['pid']})", ship.workspace.shown(path), "--force", *words):
        assert word in result.err, (word, result)
    assert ship.count() == count and ship.states() == ["begun"]
    return result


def test_after_a_kill_of_jobrun_nobody_knows(ship):
    process = ship.job(HOLD).spawn(ALLOW)
    ship.kill_inside(process)
    refused(ship, "look at what that run did, and whether it goes on: process ")
    ship.job(HOLD)  # another commit: another address
    assert "would happen" in plan(ship)


def test_force_repeats_what_was_begun(ship):
    process = ship.job(HOLD).spawn(ALLOW)
    ship.kill_inside(process)
    ship.tell("good")
    ship.run(ALLOW, "--force").ok()
    assert ship.count() == 2 and ship.states() == ["done"]
    ship.run().ok()
    assert ship.count() == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interruption_leaves_it_begun(ship, number):
    process = ship.job(HOLD).spawn(ALLOW, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    ship.wait_inside(process)
    process.send_signal(number)
    status, _, err = end(process)
    assert status == 128 + number
    assert "was cut off, and nobody knows whether it happened" in err and "--force" in err
    refused(ship)


def test_the_deadline_leaves_it_begun(ship):
    result = ship.job(HOLD + "timeout: 4s\n").run(ALLOW).fails(124)
    assert "was cut off" in result.err
    refused(ship)


@pytest.mark.parametrize("text", ["script: kill -KILL $$\n",
                                  "script: bash -c 'kill -KILL $$'\n"], ids=["shell", "its command"])
def test_one_that_is_killed_leaves_it_begun(ship, text):
    ship.job("effect: true\n" + text).run(ALLOW).fails(137)
    refused(ship)


def test_a_high_status_that_is_no_signal_is_a_failure(ship):
    ship.job("effect: true\nscript: exit 255\n").run(ALLOW).fails(255)
    assert ship.marker_files() == []


def test_an_interruption_before_it_begins_nothing(ship):
    ship.job(f"steps:\n  - name: first\n    script: |\n      {HELD}\n"
             "  - {name: push, effect: true, always: true, script: 'echo ran >> $TOP/pushed'}\n")
    process = ship.spawn(ALLOW)
    ship.wait_inside(process)
    process.send_signal(signal.SIGTERM)
    assert end(process)[0] == 143
    assert ship.marker_files() == [] and ship.count("pushed") == 0


def test_a_person_who_knows_that_it_happened_says_so(ship):
    """As the message advises."""
    ship.job("effect: true\nscript: kill -KILL $$\n").run(ALLOW).fails(137)
    (path,) = ship.marker_files()
    assert f'write "done" for "begun" in {ship.workspace.shown(path)}' in ship.run(ALLOW).fails(123).err
    path.write_text(path.read_text().replace('"begun"', '"done"'))
    assert "is done already" in ship.run().ok().err


def test_force_repeats_what_is_done_and_a_failure_brings_the_record_back(ship):
    ship.job(f"effect: true\nscript: |\n  {COUNT}\n  test ! -e \"$TOP/broken\"\n")
    ship.run(ALLOW).ok()
    before = ship.markers()
    (ship.top / "broken").touch()
    ship.run(ALLOW, "--force").fails(1)
    assert ship.count() == 2 and ship.markers() == before
    ship.run().ok()
    (ship.top / "broken").unlink()
    ship.run(ALLOW, "--force").ok()
    assert ship.count() == 3 and ship.states() == ["done"] and ship.markers() != before
    ship.run("--force").fails(121)


# --- the store fails ---

@pytest.mark.folder_store(reason="a file in the place of a folder is no obstacle in a bucket")
def test_without_a_record_it_does_not_begin(ship):
    """The step before spoils the place of the markers."""
    place = '"$JOB_URL"'
    ship.job("steps:\n"
             f"  - {{name: spoil, script: 'mkdir -p {place}; echo x > {place}/effects'}}\n"
             f"  - {{name: push, effect: true, script: '{COUNT}'}}\n"
             "  - {name: tidy, always: true, script: 'echo ran >> $TOP/tidied'}\n")
    result = ship.run(ALLOW).fails(123)
    assert "effect 'push' is not begun" in result.err
    assert ship.count() == 0 and ship.count("tidied") == 1


def test_when_the_end_cannot_be_recorded_it_is_said(ship):
    process = ship.job(HOLD).spawn(ALLOW)
    ship.wait_inside(process)
    (path,) = ship.marker_files()
    path.write_text(path.read_text().replace(ship.markers()[0]["run"], "f" * 32))
    ship.tell("good")
    status, _, err = end(process)
    assert status == 123
    assert "effect 'ship' happened, but its marker does not say so: another run has taken it over" in err
    refused(ship)


def test_when_a_failure_cannot_be_recorded_it_is_said(ship):
    process = ship.job(HOLD).spawn(ALLOW)
    ship.wait_inside(process)
    (path,) = ship.marker_files()
    path.write_text("{}")
    ship.tell("bad")
    status, _, err = end(process)
    assert status == 1 and "did not happen, but its marker cannot be taken back" in err


DAMAGE = {
    "empty": lambda text: "",
    "no json": lambda text: "begun",
    "cut": lambda text: text[:100],
    "no state": lambda text: text.replace('"done"', '"maybe"'),
    "a text is missing": lambda text: text.replace('"host"', '"hots"'),
    "a time that is none": lambda text: text.replace('"started_ms": ', '"started_ms": -'),
    "another effect": lambda text: text.replace('"step": "ship"', '"step": "push"'),
    "another address": lambda text: text.replace('"address": "dev', '"address": "CI'),
    "version": lambda text: text.replace('"jobrun_effect": 1', '"jobrun_effect": 0'),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_marker_is_not_no_marker(ship, kind):
    ship.job(PUSH).run(ALLOW).ok()
    (path,) = ship.marker_files()
    damaged = DAMAGE[kind](path.read_text())
    assert damaged != path.read_text()
    path.write_text(damaged)
    result = ship.run(ALLOW).fails(123)
    assert "its marker is damaged" in result.err and ship.workspace.shown(path) in result.err
    assert ship.count() == 1 and path.read_text() == damaged
    ship.run(ALLOW, "--force").ok()
    assert ship.count() == 2 and ship.states() == ["done"]


def test_a_marker_that_is_too_large_is_never_replaced(ship):
    ship.job(PUSH).run(ALLOW).ok()
    (path,) = ship.marker_files()
    path.write_text(path.read_text() + " " * 70000)
    for arguments in ((), ("--force",)):
        assert "its marker is damaged" in ship.run(ALLOW, *arguments).fails(123).err
    assert ship.count() == 1


def test_a_marker_of_a_newer_jobrun_is_never_replaced(ship):
    ship.job(PUSH).run(ALLOW).ok()
    (path,) = ship.marker_files()
    path.write_text(path.read_text().replace('"jobrun_effect": 1', '"jobrun_effect": 2'))
    before = path.read_bytes()
    for arguments in ((), ("--force",)):
        assert "a newer jobrun wrote it" in ship.run(ALLOW, *arguments).fails(123).err
    assert ship.count() == 1 and path.read_bytes() == before


# --- several runs ---

def test_two_clones_at_once_let_it_happen_once(ship):
    first = ship.job(HOLD).spawn(ALLOW)
    ship.wait_inside(first)
    other = ship.clone()
    assert "was begun by another run" in ship.run(ALLOW, cwd=other).fails(123).err
    ship.tell("good")
    assert end(first)[0] == 0
    assert "is done already" in ship.run(ALLOW, cwd=other).ok().err
    assert ship.count() == 1


WAITS = f"""\
steps:
  - name: wait
    script: |
      if [ -e "$TOP/wait" ]; then echo $$ > "$TOP/inside"; read -r answer < "$GO"; fi
  - name: push
    effect: true
    script: |
      {COUNT}
      if [ -e "$TOP/hold" ]; then echo $$ > "$TOP/inside"; read -r answer < "$GO"; fi
  - name: tidy
    always: true
    script: echo ran >> "$TOP/tidied"
"""


def test_one_that_another_run_does_meanwhile_is_skipped(ship):
    (ship.top / "wait").touch()
    late = ship.job(WAITS).spawn(ALLOW)
    ship.wait_inside(late)
    (ship.top / "wait").unlink()
    ship.run(ALLOW, cwd=ship.clone()).ok()
    ship.tell("go")
    status, _, err = end(late)
    assert status == 0 and "effect 'push' is done already" in err
    assert ship.count() == 1


def test_one_that_another_run_begins_meanwhile_is_refused(ship):
    (ship.top / "wait").touch()
    late = ship.job(WAITS).spawn(ALLOW)
    ship.wait_inside(late)
    (ship.top / "wait").unlink()
    (ship.top / "hold").touch()
    first = ship.spawn(ALLOW, cwd=ship.clone(), env=ship.other)
    ship.wait_inside(first)
    ship.tell("go")
    status, _, err = end(late)
    assert status == 123 and "effect 'push' is not begun" in err and "look at what that run did" in err
    assert ship.count("tidied") == 1
    ship.tell("go", "other-go")
    assert end(first)[0] == 0
    assert ship.count() == 1 and ship.states() == ["done"]


def test_in_one_workspace_the_second_run_waits_and_skips(ship):
    first = ship.job(HOLD).spawn(ALLOW)
    ship.wait_inside(first)
    second = ship.spawn(ALLOW)
    assert "waiting for another run" in first_line(second)
    ship.tell("good")
    assert end(first)[0] == 0
    status, _, err = end(second)
    assert status == 0 and "is done already" in err
    assert ship.count() == 1


def test_a_run_that_lost_its_marker_to_force_says_so(ship):
    first = ship.job(HOLD).spawn(ALLOW)
    ship.wait_inside(first)
    second = ship.spawn(ALLOW, "--force", cwd=ship.clone(), env=ship.other)
    ship.wait_inside(second)
    ship.tell("good")
    status, _, err = end(first)
    assert status == 123 and "another run has taken it over" in err
    ship.tell("good", "other-go")
    assert end(second)[0] == 0
    assert ship.states() == ["done"]


# --- which effect it is ---

def same(ship, change=None, before=(), **options):
    """Whether a run after the change takes the effect for the one that is done."""
    ship.run(ALLOW, *before).ok()
    count = ship.count()
    if change is not None:
        change()
    ship.run(ALLOW, **options).ok()
    return ship.count() == count


@pytest.mark.parametrize("old, new", [
    ("[sh, count, a]", "[sh, count, b]"), ("[sh, count, a]", "[sh, count, a, '']"),
    ("[sh, count, a]", "[sh, counta]"), ("level: low", "level: high"), ("level: low", "levels: low"),
    ("workdir: src", "workdir: other"), ("effect: true", "effect: true\nstdout: out/log"),
    ("help: A test.", "help: Another.")])
def test_what_it_is_made_of_makes_another_effect(ship, old, new):
    """Outside of git, where the tree does not change with the manifest."""
    plain = ship.top / "plain"
    for folder in ("src", "other", "manifests"):
        (plain / folder).mkdir(parents=True)
    for name in ("src/count", "src/counta", "other/count"):
        (plain / name).write_text(COUNT + "\n")
    manifest = plain / "manifests/ship.yaml"
    manifest.write_text("job: ship\nhelp: A test.\nenv: {level: low}\nworkdir: src\neffect: true\n"
                        "command: [sh, count, a]\n")
    for _ in range(2):
        ship.run(ALLOW, "--commit", "0" * 40, cwd=plain).ok()
    assert ship.count() == 1
    assert old in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(old, new))
    ship.run(ALLOW, "--commit", "0" * 40, cwd=plain).ok()
    assert ship.count() == (1 if "help" in old else 2)


def test_a_changed_tree_makes_another_effect(ship):
    ship.job(PUSH)
    assert not same(ship, lambda: ship.workspace.write("source.txt", "two\n"))


def test_a_changed_input_makes_another_effect(ship):
    ship.job("script: mkdir -p out; echo $RANDOM$RANDOM > out/x\noutputs: {o: out/x}\n", name="make")
    ship.job("inputs: {x: {from: make, to: in/x}}\n" + PUSH)
    ship.run(job="make").ok()
    assert same(ship)
    assert not same(ship, lambda: ship.run("--force", job="make").ok())


def test_what_is_inherited_does_not_count(ship):
    ship.job(PUSH)
    assert same(ship, env={"LEVEL": "high", "PATH": f"/nowhere:{os.environ['PATH']}"})


def test_a_param_that_is_no_variant_does_not_count(ship):
    ship.job("params: {jobs: {type: int, min: 1, default: 4, variant: false, help: J}}\n"
             "vars: {flag: \"-j${params.jobs}\"}\nsteps:\n"
             "  - {name: build, command: [echo, \"${vars.flag}\"]}\n"
             f"  - {{name: push, effect: true, script: '{COUNT}'}}\n")
    assert same(ship, before=("--jobs", "9"))


def test_a_workspace_elsewhere_has_the_same_effect(ship):
    ship.job("effect: true\nenv: {WHERE: \"${job.root}/out\"}\nworkdir: manifests\nscript: |\n"
             f"  {COUNT}\n")
    ship.run(ALLOW).ok()
    assert "is done already" in ship.run(ALLOW, cwd=ship.clone()).ok().err
    assert ship.count() == 1


# --- with other keys ---

def test_one_that_is_always_to_run_happens_after_a_failure(ship):
    ship.job("steps:\n  - {name: a, command: ['false']}\n"
             f"  - {{name: b, effect: true, always: true, script: '{COUNT}'}}\n")
    ship.run(ALLOW).fails(1)
    ship.run(ALLOW).fails(1)
    assert ship.count() == 1 and ship.states() == ["done"]


def test_one_that_others_do_not_wait_for_fails_and_is_repeated(ship):
    ship.job("steps:\n"
             f"  - {{name: a, effect: true, continue-on-error: true, script: '{COUNT}; exit 3'}}\n"
             "  - {name: b, effect: true, script: 'echo ran >> $TOP/b'}\n")
    for _ in range(2):
        ship.run(ALLOW).fails(3)
    assert ship.count() == 2 and ship.count("b") == 1 and ship.states() == ["done"]


def test_a_job_with_outputs_skips_as_a_whole_and_its_markers_stay(ship):
    ship.job(f"steps:\n  - {{name: push, effect: true, script: '{COUNT}'}}\n"
             "  - {name: make, script: 'mkdir -p out; echo 1 > out/x; echo ran >> $TOP/made'}\n"
             "outputs: {o: out/x}\n")
    ship.run(ALLOW).ok()
    assert "already published, nothing to do" in ship.run().ok().err
    assert "--force, which repeats its effects too" in ship.run().ok().err
    (receipt,) = ship.workspace.receipts()
    receipt.unlink()
    ship.run().ok()
    assert ship.count() == 1 and ship.count("made") == 2
    for marker in ship.marker_files():
        marker.unlink()
    assert "already published, nothing to do" in ship.run().ok().err
    assert ship.count() == 1


def test_markers_are_no_variant_of_what_is_missing(ship):
    ship.job("params: {to: {type: enum, values: [a, b], default: a, help: T}}\n"
             "effect: true\nscript: mkdir -p out; echo \"$PARAM_TO\" > out/x\noutputs: {o: out/x}\n",
             name="make")
    ship.job("inputs: {x: {from: make, with: {to: b}, to: in/x}}\nscript: echo\n", name="use")
    ship.run(ALLOW, job="make").ok()
    (marker,) = ship.marker_files()
    (marker.parent.parent.parent / "effects").mkdir()  # of a job that had no params
    err = ship.run(job="use").fails(122).err
    assert "it is there for other params: to=a" in err and "effects" not in err


def test_an_output_that_only_a_skipped_effect_makes_is_missing_for_that_reason(workspace):
    workspace.ignore("/log", "/out", "/fail")
    workspace.manifest("ship", """\
        steps:
          - {name: push, command: [echo, pushed], stdout: log, effect: true}
          - {name: rest, script: "test ! -e fail; echo x > out"}
        outputs: {log: log, o: out}
        """)
    workspace.commit()
    workspace.write("fail")
    workspace.run("ship", "--allow-effects").fails(1)
    (workspace.root / "fail").unlink()
    (workspace.root / "log").unlink()
    err = workspace.run("ship", "--allow-effects").fails(118).err
    assert "output 'log': nothing matches 'log'" in err
    assert "effect 'push' was skipped, since it is done already: what it made then was not made again" in err
    assert "repeat the effects: --force" in err
    assert "was skipped" not in workspace.run("ship", "--allow-effects", "--force").ok().err
