"""What a command sees of the caller's environment."""
import pytest

CALLER = {"CARGO_HOME": "/c", "CARGO_TARGET": "t", "OTHER": "o"}
OWN = {"JOB_NAME", "JOB_COMMIT", "JOB_ENV", "JOB_ROOT", "JOB_URL", "SET"}


@pytest.fixture
def show(workspace):
    workspace.commit()

    def run(inherit, *arguments, env=None):
        workspace.manifest("told", f"inherit-env: {inherit}\nenv: {{SET: here}}\n"
                                   "command: [env]\n")
        return workspace.run("told", *arguments, env={**CALLER, **(env or {})})
    return run


def names(result):
    return {line.split("=")[0] for line in result.ok().out.splitlines()}


def test_all_of_it_is_the_default(show, workspace):
    workspace.manifest("plain", "command: [env]\n")
    assert {"CARGO_HOME", "OTHER", "PATH"} <= names(workspace.run("plain", env=CALLER))
    assert {"CARGO_HOME", "OTHER", "PATH"} <= names(show("true"))


def test_nothing_of_it_leaves_what_jobrun_and_the_manifest_set(show):
    assert names(show("false")) == OWN


def test_names_and_globs_let_variables_through(show):
    assert names(show('[OTHER, "CARGO_*"]')) == OWN | {"CARGO_HOME", "CARGO_TARGET", "OTHER"}


def test_a_program_is_found_by_the_path_of_the_caller(show, workspace):
    tool = workspace.write("bin/env", "#!/bin/sh\necho mine=\"$OTHER\"\n", mode=0o755)
    path = f"{tool.parent}:{workspace.environment['PATH']}"
    assert show("false", env={"PATH": path}).ok().out == "mine=\n"


def test_a_program_that_is_not_there_is_looked_for_there(workspace):
    workspace.commit()
    workspace.manifest("lost", "inherit-env: false\ncommand: [no-such-program]\n")
    assert "no such program on the caller's PATH" in workspace.run("lost").fails(127).err


def test_a_script_has_its_shell(workspace):
    workspace.commit()
    workspace.manifest("script", 'inherit-env: false\nscript: echo "<${OTHER-}>"\n')
    assert workspace.run("script", env=CALLER).ok().out == "<>\n"


def test_a_dry_run_and_the_help_say_it(show):
    assert "inheriting no variables\n" in show("false", "--dry-run").ok().out
    assert "inheriting CARGO_HOME, CARGO_TARGET\n" in show('["CARGO_*", GONE]', "--dry-run").ok().out
    assert "inheriting" not in show("true", "--dry-run").ok().out
    assert "environment the command sees nothing" in show("false", "--help").ok().out
    assert "sees only:\n  CARGO_*, GONE\n" in show('["CARGO_*", GONE]', "--help").ok().out
    assert "environment" not in show("true", "--help").ok().out.split("options:")[0]
