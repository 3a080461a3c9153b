"""What somebody reads who runs a job before the one that it needs."""
import re
import shlex

import pytest

pytestmark = pytest.mark.store


def run_line(workspace, line):
    """Runs a pasted command, with this jobrun in the place of `pixi run`."""
    words = shlex.split(line)
    assert words[:2] == ["pixi", "run"], line
    return workspace.run(*words[2:])


def help_line(result):
    return re.search(r"help: (pixi run .*)", result.err).group(1)


def test_the_report_says_what_where_and_how_and_the_command_can_be_pasted(pair):
    result = pair.run("use", "--platform", "linux-arm64").fails(122)
    address = pair.address("build", "platform=linux-arm64") / "receipt.json"
    assert "input 'app'" in result.err
    assert "job 'build'" in result.err and "output 'bin'" in result.err
    assert "platform=linux-arm64" in result.err
    assert pair.shown(address) in result.err
    assert "manifests/use.yaml:" in result.err
    assert "manifests/build.yaml" in result.err
    assert help_line(result) == "pixi run build --platform linux-arm64"
    assert not (pair.root / "used").exists() and not (pair.root / "in").exists()

    run_line(pair, help_line(result)).ok()
    pair.run("use", "--platform", "linux-arm64").ok()


def test_the_place_points_at_the_input_in_the_manifest(pair):
    result = pair.run("use").fails(122)
    line, column = map(int, re.search(r"manifests/use\.yaml:(\d+):(\d+)", result.err).groups())
    text = pair.read("manifests/use.yaml").splitlines()[line - 1]
    assert text[column - 1:].startswith(("app", "build", "from")), text


def test_all_missing_inputs_are_reported_at_once(workspace):
    for name in ("a", "b", "c"):
        workspace.manifest(name, f"script: echo {name} > {name}.out\noutputs: {{o: {name}.out}}\n")
    workspace.ignore("*.out", "in")
    workspace.manifest("all", """\
        inputs:
          a: {from: a, to: in/a}
          b: {from: b, to: in/b}
          c: {from: c, to: in/c}
        command: [cat, {files: a}, {files: b}, {files: c}]
        """)
    workspace.commit()
    workspace.run("b").ok()
    result = workspace.run("all").fails(122)
    assert "pixi run a" in result.err and "pixi run c" in result.err
    assert "pixi run b" not in result.err
    workspace.run("a").ok()
    workspace.run("c").ok()
    assert workspace.run("all").ok().out == "a\nb\nc\n"


def test_a_fan_in_names_each_missing_element(workspace):
    workspace.manifest("build", """\
        params: {platform: {type: enum, values: [x, y, z], required: true, help: P}}
        script: echo $PARAM_PLATFORM > app
        outputs: {bin: app}
        """)
    workspace.ignore("app", "lib")
    workspace.manifest("bundle", """\
        inputs:
          libs: {from: build, with: {platform: [x, y, z]}, to: "lib/${with.platform}/"}
        command: [cat, {files: libs}]
        """)
    workspace.commit()
    workspace.run("build", "--platform", "y").ok()
    result = workspace.run("bundle").fails(122)
    assert "pixi run build --platform x" in result.err
    assert "pixi run build --platform z" in result.err
    assert "--platform y" not in result.err
    for platform in "xz":
        workspace.run("build", "--platform", platform).ok()
    assert workspace.run("bundle").ok().out == "x\ny\nz\n"


def test_near_misses_are_named(pair):
    pair.run("build", "--platform", "linux-arm64").ok()
    other_variant = pair.run("use").fails(122)
    assert "platform=linux-arm64" in other_variant.err

    ci = {"CI": "true", "GITHUB_RUN_ID": "7"}
    pair.run("build", env=ci).ok()
    other_environment = pair.run("use").fails(122)
    assert "CI" in other_environment.err and "--inputs-from CI" in other_environment.err

    pair.run("build").ok()
    pair.write("source.txt", "two\n")
    old = pair.head
    pair.commit("second")
    other_commit = pair.run("use").fails(122)
    assert old[:7] in other_commit.err


def test_the_command_repeats_the_environment_that_was_asked_for(pair):
    result = pair.run("use", "--env", "staging").fails(122)
    assert help_line(result) == "pixi run build --platform linux-x64 --env staging"


def test_the_run_prefix_of_the_project_is_what_hints_print(pair):
    pair.write("jobrun.yaml", "run-prefix: just\n")
    pair.commit()
    assert "help: just build --platform linux-x64" in pair.run("use").fails(122).err


def test_an_optional_input_that_is_absent_gives_nothing(workspace):
    workspace.manifest("notes", "script: echo n > notes.txt\noutputs: {text: notes.txt}\n")
    workspace.ignore("notes.txt", "in")
    workspace.manifest("use", """\
        inputs: {notes: {from: notes, to: in/notes.txt, optional: true}}
        command: [sh, -c, 'echo "$# [$INPUT_NOTES]"', sh, {files: notes}]
        """)
    workspace.commit()
    assert workspace.run("use").ok().out == "0 []\n"
    assert not (workspace.root / "in").exists()
    workspace.run("notes").ok()
    assert workspace.run("use").ok().out == f"1 [{workspace.root}/in/notes.txt]\n"


def test_damage_is_never_absence(pair):
    pair.run("build").ok()
    receipt = pair.receipts()[0]
    app = next(receipt.parent.rglob("app"))
    saved = app.read_bytes()
    app.unlink()
    result = pair.run("use").fails(123)
    assert "damaged" in result.err and "app" in result.err

    app.write_bytes(saved[:-1])
    assert "damaged" in pair.run("use").fails(123).err

    app.write_bytes(b"X" * len(saved))
    result = pair.run("use").fails(123)
    assert not (pair.root / "in" / "app").exists()

    receipt.write_text("{}")
    assert "damaged" in pair.run("use").fails(123).err


def test_a_producer_that_does_not_exist_is_a_manifest_problem(pair):
    pair.write("manifests/use.yaml", pair.read("manifests/use.yaml").replace("from: build", "from: biuld"))
    result = pair.run("use").fails(120)
    assert "biuld" in result.err and "did you mean 'build'?" in result.err


def test_landing_on_a_tracked_file_is_refused_before_anything_is_fetched(pair):
    pair.run("build").ok()
    pair.write("manifests/use.yaml",
               pair.read("manifests/use.yaml").replace("to: in/app", "to: source.txt"))
    result = pair.run("use").fails(121)
    assert "source.txt" in result.err
    assert pair.read("source.txt") == "one\n"


def test_problems_of_every_kind_come_together(pair):
    pair.run("build").ok()
    pair.write("manifests/late.yaml", """\
job: late
help: L
inputs:
  app: {from: build, output: bin, with: {platform: linux-x64}, to: source.txt}
  other: {from: build, output: bin, with: {platform: linux-arm64}, to: in/other}
command: [cat, {files: app}, {files: other}]
""")
    result = pair.run("late").fails(121)
    assert "source.txt" in result.err
    assert "pixi run build --platform linux-arm64" in result.err


def test_inputs_that_wait_for_one_run_are_one_problem(workspace):
    workspace.ignore("*.out", "in")
    workspace.manifest("build", "script: touch a.out b.out\noutputs: {a: a.out, b: b.out}\n")
    workspace.manifest("use", """\
        inputs:
          a: {from: build, output: a, to: in/}
          b: {from: build, output: b, to: in/}
        command: [ls, {files: a}, {files: b}]
        """)
    workspace.commit()
    result = workspace.run("use").fails(122)
    assert result.err.count("error[missing-input]") == 1
    assert "input 'b' waits for its output 'b' too" in result.err
    assert result.err.count("help: pixi run build") == 1


def test_a_manifest_of_another_workspace_is_refused(pair):
    other = pair.top / "other"
    (other / "manifests").mkdir(parents=True)
    (other / "manifests" / "x.yaml").write_text("job: x\nhelp: X\ncommand: [pwd]\n")
    assert "not in this workspace" in pair.run("../other/manifests/x.yaml").fails(2).err
