"""`jobrun lint` and shellcheck: its findings, at their places in the manifest."""
import os
import shutil

import pytest

REAL = shutil.which("shellcheck")


@pytest.fixture
def real(workspace):
    if REAL is None:
        pytest.skip("shellcheck is not installed: make install-deps")
    workspace.environment["JOBRUN_SHELLCHECK"] = REAL
    return workspace


@pytest.fixture
def fake(workspace):
    """A shellcheck of our own; the names of its files are in $TMPDIR afterwards."""
    temp = workspace.top / "temp"
    temp.mkdir()
    workspace.environment["TMPDIR"] = str(temp)
    workspace.manifest("j", "script: |\n  echo $x\n")

    def make(text):
        program = workspace.write("../shellcheck", "#!/bin/sh\n" + text, 0o755)
        workspace.environment["JOBRUN_SHELLCHECK"] = str(program.resolve())
        return workspace
    make.temp = temp
    return make


SCRIPT = """\
script: |
  true
  for f in $(ls); do
    echo $f é; echo $f
  done
"""


def test_a_finding_has_its_place_in_the_manifest(real):
    real.manifest("j", SCRIPT)
    result = real.run("lint", "j").fails(1)
    assert "manifests/j.yaml:6:10" in result.err and "manifests/j.yaml:6:21" in result.err
    assert "warning[shellcheck]: double quote to prevent globbing and word splitting (SC2086)" in result.err
    assert "https://www.shellcheck.net/wiki/SC2086" in result.err
    assert "manifests/j.yaml:5:12" in result.err and "(SC2045)" in result.err


def test_a_folded_script_is_marked_as_a_whole(real):
    real.manifest("j", "script: >\n  echo\n  $x\n")
    assert "manifests/j.yaml:3:9" in real.run("lint", "j").fails(1).err


def test_the_shell_of_the_step_is_the_one_that_is_meant(real):
    steps = "steps:\n  - {name: a, shell: %s, script: '[[ -n \"$HOME\" ]]'}\n"
    real.manifest("j", steps % "[bash]")
    real.run("lint", "j").ok()
    real.manifest("j", steps % "[/bin/sh, -e]")
    assert "(SC3010)" in real.run("lint", "j").fails(1).err
    real.manifest("j", steps % "[python3]")
    real.run("lint", "j").ok()


def test_all_scripts_of_a_workspace_are_checked(real):
    for name in "abc":
        real.manifest(name, SCRIPT if name != "b" else "command: [make]\n")
    assert real.run("lint").fails(1).err.count("(SC2045)") == 2


def test_a_directive_and_the_settings_of_the_workspace_count(real):
    real.manifest("j", "script: |\n  # shellcheck disable=SC2086\n  echo $HOME\n")
    real.run("lint", "j").ok()
    real.manifest("j", "script: |\n  echo $HOME\n")
    real.run("lint", "j").fails(1)
    real.write(".shellcheckrc", "disable=SC2086\n")
    real.run("lint", "j").ok()


def test_variables_that_jobrun_sets_are_assigned(real):
    real.write(".shellcheckrc", "enable=check-unassigned-uppercase\n")
    real.manifest("j", "params: {p: {type: int, default: 1}}\n"
                       "script: |\n  echo \"$PARAM_P $JOB_NAME $OTHER\"\n")
    result = real.run("lint", "j").fails(1)
    assert "OTHER" in result.err and result.err.count("SC2154)") == 1


def test_it_can_be_left_out(real):
    real.manifest("j", SCRIPT)
    real.run("lint", "j", env={"JOBRUN_SHELLCHECK": "off"}).ok()


def test_where_it_is_not_installed_only_v_says_so(workspace):
    workspace.manifest("j", SCRIPT)
    (workspace.top / "bin").mkdir()
    (workspace.top / "bin" / "git").symlink_to(shutil.which("git"))
    environment = {"JOBRUN_SHELLCHECK": None, "PATH": str(workspace.top / "bin")}
    assert "shellcheck" not in workspace.run("lint", "j", env=environment).ok().err
    assert "shellcheck is not installed" in workspace.run("lint", "-v", "j", env=environment).ok().err


def test_it_is_found_on_the_path(real):
    real.manifest("j", SCRIPT)
    assert "(SC2086)" in real.run("lint", "j", env={"JOBRUN_SHELLCHECK": None}).fails(1).err


@pytest.mark.parametrize("text, said", [
    ("echo broken >&2; exit 2", "it ended with status 2: broken"),
    ("kill -9 $$", "it ended with signal 9"),
    ("echo '{'", "it wrote no report"),
    ("echo '{\"comments\": [{\"file\": \"9.sh\"}]}'", "a finding of a file that is not there"),
    ("echo '{\"comments\": [{\"file\": \"0.sh\"}]}'", "without a code or a message"),
])
def test_one_that_fails_is_an_error(fake, text, said):
    result = fake(text).run("lint", "j").fails(3)
    assert "cannot check the scripts with shellcheck" in result.err and said in result.err
    assert "JOBRUN_SHELLCHECK=off leaves it out" in result.err
    assert os.listdir(fake.temp) == []


def test_one_that_hangs_is_ended(fake):
    workspace = fake("exec sleep 1000")
    workspace.environment["JOBRUN_SHELLCHECK_TIMEOUT"] = "1s"
    assert "did not end within 1000 ms" in workspace.run("lint", "j").fails(3).err
    assert os.listdir(fake.temp) == []


def test_one_that_is_not_there_is_an_error(workspace):
    workspace.manifest("j", SCRIPT)
    result = workspace.run("lint", "j", env={"JOBRUN_SHELLCHECK": "/nowhere/shellcheck"}).fails(3)
    assert "cannot run '/nowhere/shellcheck'" in result.err


def test_a_timeout_that_is_none_is_refused(fake):
    workspace = fake("true")
    workspace.environment["JOBRUN_SHELLCHECK_TIMEOUT"] = "soon"
    assert "JOBRUN_SHELLCHECK_TIMEOUT is no time: 'soon'" in workspace.run("lint", "j").fails(3).err


def test_a_place_that_is_none_is_the_whole_script(fake):
    report = '{"comments": [{"file": "0.sh", "line": 99, "code": 1, "message": "X"}]}'
    result = fake(f"echo '{report}'").run("lint", "j").fails(1)
    assert "X (SC0001)" in result.err and "manifests/j.yaml:3:9" in result.err


def test_many_scripts_take_several_processes(fake):
    workspace = fake('echo "$#" >> "$TMPDIR/../calls"; echo "{\\"comments\\": []}"')
    for i in range(120):
        workspace.manifest(f"m{i}", "script: 'true'\n")
    workspace.run("lint").ok()
    assert (workspace.top / "calls").read_text().split() == ["104", "25"]
    assert os.listdir(fake.temp) == []


def test_a_report_of_very_many_findings_is_read(fake):
    workspace = fake("""exec python3 -c '
import json
print(json.dumps({"comments": [{"file": "0.sh", "line": i, "endLine": i, "column": 1, "endColumn": 2,
                                "level": "info", "code": 2086, "message": "x"} for i in range(1, 20001)]}))'\n""")
    workspace.manifest("j", "script: |\n" + "  echo $x\n" * 20000)
    result = workspace.run("lint", "j").fails(1)
    assert "19000 more are not shown" in result.err
