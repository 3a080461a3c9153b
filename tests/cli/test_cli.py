"""The command line itself: help, version, unknown things, lint's statuses."""
import os
import re

from conftest import REPOSITORY


def test_help_shows_commands_options_variables_and_statuses(workspace):
    result = workspace.run("--help").ok()
    for part in ("jobrun JOB", "jobrun lint", "--force", "--dry-run", "JOBRUN_STORE", "122", "exit status"):
        assert part in result.out, part
    assert result.err == ""
    assert max(len(line) for line in result.out.splitlines()) <= 130


def test_nothing_asked_is_a_usage_error(workspace):
    result = workspace.run().fails(2)
    assert "usage:" in result.err and result.out == ""


def test_version_is_the_one_of_the_makefile(workspace):
    version = re.search(r"^VERSION := (\S+)$", (REPOSITORY / "Makefile").read_text(), re.M).group(1)
    assert workspace.run("version").ok().out == f"jobrun {version}\n"
    assert workspace.run("--version").ok().out == f"jobrun {version}\n"
    workspace.run("version", "extra").fails(2)


def test_an_unknown_job_is_told_with_the_nearest_name(pair):
    result = pair.run("biuld").fails(2)
    assert "there is no job 'biuld'" in result.err and "did you mean 'build'?" in result.err
    assert "manifests/nothing.yaml" in pair.run("manifests/nothing.yaml").fails(2).err


def test_an_unknown_flag_is_told_before_anything_runs(pair):
    result = pair.run("build", "--plaform", "linux-x64").fails(2)
    assert "did you mean '--platform'?" in result.err
    assert not (pair.root / "out").exists()


def test_lint_of_everything_of_files_and_of_folders(pair):
    assert "2 manifests checked" in pair.run("lint").ok().err
    assert "1 manifest checked" in pair.run("lint", "manifests/use.yaml").ok().err
    pair.run("lint", "manifests").ok()
    pair.run("lint", "absent.yaml").fails(3)
    pair.run("lint", "--no-such-option").fails(2)
    pair.write("manifests/use.yaml", "job: use\n")
    result = pair.run("lint").fails(1)
    assert "> manifests/use.yaml:1:6" in result.err


def test_lint_reports_every_problem_in_one_pass(workspace):
    workspace.write("manifests/many.yaml", """\
job: many
help: Many problems.
params:
  mode: {type: enmu, values: [a], default: a, help: M}
  jobs: {type: int, min: 5, default: 3, help: J}
command: [echo, "${params.mdoe}", "${params.jobs}", "${params.mode}"]
outptus: {x: y}
timeout: soon
""")
    result = workspace.run("lint").fails(1)
    for part in ("many.yaml:4:16", "'enmu'", "did you mean 'enum'?", "many.yaml:5:", "did you mean 'mode'?",
                 "did you mean 'outputs'?", "'soon'"):
        assert part in result.err, part


def test_a_key_that_is_not_built_yet_is_refused_by_name(workspace):
    workspace.manifest("later", "command: [x]\nci: {runner: x}\n")
    assert "'ci'" in workspace.run("lint").fails(1).err
    assert "'ci'" in workspace.run("later").fails(120).err


def test_colours_only_when_asked_for(pair):
    pair.write("manifests/use.yaml", "job: use\n")
    assert "\x1b[" not in pair.run("lint").err
    assert "\x1b[" in pair.run("lint", "--color", "always").err
    assert "\x1b[" in pair.run("lint", env={"CLICOLOR_FORCE": "1"}).err
    assert "\x1b[" not in pair.run("lint", env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}).err
    pair.run("lint", "--color", "perhaps").fails(2)


def test_quiet_says_only_what_went_wrong(pair):
    assert pair.run("build", "-q").ok().err == ""
    assert pair.run("-q", "build").ok().err == ""
    assert "error" in pair.run("use", "-q", "--platform", "linux-arm64").fails(122).err


def test_control_characters_of_a_manifest_never_reach_the_terminal(workspace):
    workspace.write("manifests/evil.yaml", 'job: evil\nhelp: "\\e[31mred"\ncommand: [echo]\n"\\e[1mkey": 1\n')
    for arguments in (("lint",), ("evil", "--help"), ("evil",)):
        result = workspace.run(*arguments)
        assert "\x1b" not in result.err + result.out


def test_a_full_device_is_an_error_not_a_success(workspace):
    if not os.path.exists("/dev/full"):
        return
    with open("/dev/full", "w") as full:
        process = workspace.spawn("--help", stdout=full)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 125 and "standard output" in err


def test_inside_of_a_git_hook_the_right_repository_is_read(pair):
    pair.run("build", env={"GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index"}).ok()
