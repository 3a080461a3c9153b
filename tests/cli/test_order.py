"""Checks come first, all of them: either every problem is told, or the work starts."""
import re

import pytest

from test_requires import OTHER, POINTER

pytestmark = pytest.mark.store


def errors(result):
    return re.findall(r"^error\[([\w-]+)\]", result.err, re.MULTILINE)


@pytest.fixture
def world(pair):
    """Producers of all kinds, published and not; `touched` tells that a command ran."""
    pair.ignore("/out/", "/in/", "/used/", "/touched", "/dist/")
    for name in ("good", "bad", "absent"):
        pair.manifest(name, f"script: mkdir -p out && echo {name} > out/{name}\noutputs: {{o: out/{name}}}\n")
    pair.write("tracked.txt", "mine\n")
    pair.write("data.bin", POINTER)
    pair.commit()
    for name in ("good", "bad"):
        pair.run(name).ok()
    for file in pair.address("bad").rglob("out/bad"):
        file.unlink()
    for file in pair.address("bad").rglob("o/bad"):
        file.unlink()
    pair.write("dist/old", "x")
    return pair


def refused(world, manifest, *arguments, env=None):
    """A run that has to be refused and must have touched nothing."""
    world.manifest("job", manifest)
    before = world.snapshot()
    result = world.run("job", *arguments, env=env)
    assert world.snapshot() == before, result
    assert result.status != 0
    return result


ALL_AT_ONCE = f"""\
    requires:
      platform: {OTHER}
      tools: [no-such-tool]
      env: nightly
      clean-tree: true
      lfs: [data.bin]
      disk: 8000000TiB
    inputs:
      absent: {{from: absent, to: in/absent}}
      bad: {{from: bad, to: in/bad}}
      tracked: {{from: good, to: tracked.txt}}
      blocked: {{from: good, to: in/blocked}}
    clean: [dist, source.txt]
    stdout: tracked.txt
    script: touch touched
    outputs: {{o: out/job}}
    """


def test_a_job_that_fails_in_every_way_is_told_all_of_it_and_touches_nothing(world):
    world.write("changed.txt", "new")
    (world.root / "in/blocked").mkdir(parents=True)
    result = refused(world, ALL_AT_ONCE, env={"JOBRUN_STORE_MODE": "read-only"})
    for text in ("'bad' is damaged", "input 'absent'", "which git tracks", "requires platform",
                 "the program 'no-such-tool'", "requires environment 'nightly'",
                 "requires a working tree without changes", "git-lfs pointer", "of free space",
                 "JOBRUN_STORE_MODE=read-only is set", "'clean' would remove 'source.txt'",
                 "'stdout' would be written to 'tracked.txt'", "cannot land on 'in/blocked': a folder is there"):
        assert text in result.err, (text, result)
    # `stdout` and an input in one place is a fault of the manifest.
    assert result.status == 120
    assert result.err.endswith("errors\n")


def test_the_same_without_a_fault_of_the_manifest_is_not_allowed_here(world):
    world.write("changed.txt", "new")
    result = refused(world, ALL_AT_ONCE.replace("stdout: tracked.txt", "stdout: in/log"),
                     env={"JOBRUN_STORE_MODE": "read-only"})
    assert result.status == 121
    assert {"requires", "damaged", "missing-input", "tracked", "not-allowed"} <= set(errors(result))


PARTS = {
    2: ("", ["--log", "nowhere/log"]),
    120: ("stdout: in/good\n", []),
    121: (f"requires: {{platform: {OTHER}}}\n", []),
    122: ("  absent: {from: absent, to: in/absent}\n", []),
    123: ("  bad: {from: bad, to: in/bad}\n", []),
}


@pytest.mark.parametrize("wrong", [(2, 121), (2, 120, 122, 123), (120, 121), (120, 123), (121, 122), (121, 123),
                                   (122, 123), (2, 120, 121, 122, 123), (123,)],
                         ids=lambda wrong: "-".join(map(str, wrong)))
def test_the_status_is_the_first_of_those_that_occur(world, wrong):
    inputs = "".join(PARTS[status][0] for status in wrong if status in (122, 123))
    others = "".join(PARTS[status][0] for status in wrong if status not in (122, 123))
    arguments = [word for status in wrong for word in PARTS[status][1]]
    result = refused(world, f"{others}inputs:\n  good: {{from: good, to: in/}}\n{inputs}script: touch touched\n",
                     *arguments)
    assert len(errors(result)) == len(wrong), result
    assert result.status == min(wrong)


@pytest.mark.parametrize("store,said,status", [
    ("/dev/null/store", "cannot tell whether job 'job' is published", 121),
    ("ftp://host/x", "cannot open the store 'ftp://host/x' (from --store)", 2)], ids=["no folder", "no store"])
def test_a_store_that_does_not_work_hides_nothing_that_does_not_need_it(world, store, said, status):
    manifest = (f"requires: {{platform: {OTHER}, tools: [no-such-tool]}}\n"
                "inputs: {good: {from: good, to: in/good}}\nclean: [source.txt]\n"
                "script: touch touched\noutputs: {o: out/job}\n")
    result = refused(world, manifest, "--store", store)
    assert errors(result).count("requires") == 2
    assert "'clean' would remove 'source.txt'" in result.err
    assert said in result.err
    assert result.status == status


def test_params_and_constraints_end_before_the_machine_is_looked_at(world):
    manifest = (f"params: {{mode: {{type: enum, values: [a, b], default: a, help: M}}}}\n"
                f"constraints: [{{require: {{mode: a}}, message: only a}}]\n"
                f"requires: {{platform: {OTHER}}}\nscript: touch touched\n")
    assert errors(refused(world, manifest, "--mode", "c")) == ["param"]
    result = refused(world, manifest, "--mode", "b")
    assert errors(result) == ["constraint"] and result.status == 2
    assert errors(refused(world, manifest)) == ["requires"]


def test_a_dry_run_of_all_that_is_a_matter_of_the_machine_is_no_error(world):
    manifest = (f"requires: {{platform: {OTHER}, tools: [no-such-tool], clean-tree: true}}\n"
                "inputs: {absent: {from: absent, to: in/absent}, tracked: {from: good, to: tracked.txt},"
                " blocked: {from: good, to: in/blocked}}\n"
                "clean: [source.txt]\nstdout: tracked.txt/x\nscript: touch touched\noutputs: {o: out/job}\n")
    world.manifest("job", manifest)
    (world.root / "in/blocked").mkdir(parents=True)
    before = world.snapshot()
    result = world.run("job", "--dry-run", env={"JOBRUN_STORE_MODE": "read-only"}).ok()
    refusals = result.out[:result.out.index("requires:\n")]
    assert refusals.count("\n  job 'job' ") == 4 and "  input 'absent' is missing\n" in refusals
    for text in ("input 'tracked' would land on 'tracked.txt', which git tracks", "'clean' would remove 'source.txt'",
                 "'stdout' cannot be written to 'tracked.txt/x'", "input 'blocked' cannot land on 'in/blocked'"):
        assert f"\n  {text}" in refusals, (text, refusals)
    assert world.snapshot() == before


# --- what is in the way of an input ---

@pytest.mark.parametrize("clean,status", [("dist", 0), ("dist/*", 0), ("dist/old", 121), ("out", 121)])
def test_a_folder_in_the_way_of_an_input_is_refused_unless_it_is_cleaned(world, clean, status):
    (world.root / "dist/good/sub").mkdir(parents=True)
    world.manifest("job", f'inputs: {{good: {{from: good, to: dist/good}}}}\nclean: ["{clean}"]\n'
                   'command: [cat, "${inputs.good.path}"]\n')
    before = world.snapshot()
    result = world.run("job").fails(status)
    if status:
        assert "input 'good' cannot land on 'dist/good': a folder is there" in result.err
        assert "manifests/job.yaml:3:" in result.err
        assert world.snapshot() == before
    else:
        assert result.out == "good\n"


def test_a_file_in_the_way_of_an_inputs_folder_is_refused_too(world):
    result = refused(world, "inputs: {good: {from: good, to: dist/old/}}\nclean: [out]\nscript: touch touched\n")
    assert "'dist/old' is a file, and a folder is needed there" in result.err
    assert result.status == 121
    assert (world.root / "out/good").exists()


def test_inputs_in_a_folder_that_is_cleaned_are_there_when_the_command_starts(world):
    world.manifest("job", "inputs: {good: {from: good, to: dist/deep/}}\nclean: [dist]\n"
                   "command: [find, dist, -type, f]\n")
    for _ in range(2):
        assert world.run("job").ok().out == "dist/deep/good\n"
