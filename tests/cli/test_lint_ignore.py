"""`# jobrun: ignore[RULE] REASON`."""
import json

import pytest

IGNORED = "# jobrun: ignore[help] nobody calls it by hand\njob: a\ncommand: [x]\n"


def test_an_ignored_finding_is_counted_and_not_shown(workspace):
    workspace.write("manifests/a.yaml", IGNORED)
    result = workspace.run("lint").ok()
    assert result.err == "1 manifest checked, no problems, 1 ignored\n"
    workspace.write("manifests/b.yaml", "job: b\ncommand: [x]\n")
    result = workspace.run("lint").fails(1)
    assert "manifests/b.yaml:1:6" in result.err and "a.yaml" not in result.err
    assert result.err.endswith("\n1 warning, 1 ignored\n")


def test_programs_are_told_of_it_with_the_reason(workspace):
    workspace.write("manifests/a.yaml", IGNORED)
    found = json.loads(workspace.run("lint", "--format", "json").ok().out)
    (ignored,) = found["ignored"]
    assert found["problems"] == [] and found["totals"]["ignored"] == 1
    assert ignored["rule"] == "help" and ignored["reason"] == "nobody calls it by hand"
    assert ignored["comment"] == {"file": "manifests/a.yaml", "line": 1, "column": 1, "endLine": 1,
                                  "endColumn": 47}
    assert ignored["place"]["line"] == 2


@pytest.mark.parametrize("text", [
    "job: a # jobrun: ignore[help] beside\ncommand: [x]\n",
    "# jobrun: ignore[unused, help] several\njob: a\nparams: {p: {type: string, default: x}} # jobrun: ignore[unused] x\n"
    "command: [x]\n".replace("unused, help", "help"),
    "# jobrun: ignore[help] one\n# and more on it\njob: a\ncommand: [x]\n",
    "#jobrun:ignore[ help ]: tight\njob: a\ncommand: [x]\n",
])
def test_it_stands_beside_or_above(workspace, text):
    workspace.write("manifests/a.yaml", text)
    assert "no problems" in workspace.run("lint").ok().err


@pytest.mark.parametrize("text", [
    "# jobrun: ignore[help] too far\n\njob: a\ncommand: [x]\n",
    "job: a\n# jobrun: ignore[help] below\ncommand: [x]\n",
    "command: [x] # jobrun: ignore[help] of another line\njob: a\n",
])
def test_elsewhere_it_hides_nothing_and_is_told(workspace, text):
    workspace.write("manifests/a.yaml", text)
    err = workspace.run("lint").fails(1).err
    assert "warning[help]" in err and "warning[ignore-unused]" in err


def test_what_only_looks_like_a_comment_is_none(workspace):
    workspace.write("manifests/a.yaml", """\
job: a
script: |
  # jobrun: ignore[unused] of a shell
env: {A: "# jobrun: ignore[unused]", B: x#jobrun:ignore}
""")
    err = workspace.run("lint").fails(1).err
    assert "warning[help]" in err and "ignore" not in err


def test_an_error_that_stops_a_run_stays(workspace):
    workspace.manifest("a", "# jobrun: ignore[value] please\ntimeout: soon\ncommand: [x]\n")
    err = workspace.run("lint").fails(1).err
    assert "error[value]" in err and "- this cannot hide an error that stops a run" in err
    assert "manifests/a.yaml:4:10" in err and "ignored" not in err
    assert "error[value]" in workspace.run("a").fails(120).err


def test_a_run_shows_no_warning_with_or_without_it(workspace):
    workspace.write("manifests/a.yaml", IGNORED.replace("[x]", "[echo, x]"))
    workspace.commit()
    result = workspace.run("a").ok()
    assert result.out == "x\n" and "help" not in result.err


def test_a_fragment_has_comments_of_its_own(workspace):
    workspace.write("manifests/f.yaml", "params:\n  # jobrun: ignore[unused] some jobs need it\n"
                                        "  p: {type: string, default: x, help: P}\n")
    for name in "a", "b":
        workspace.manifest(name, 'include: [f.yaml]\ncommand: [x, --, "${params.p}"]\n')
    # Of one manifest alone it cannot be known whether another one needs it.
    assert "no problems" in workspace.run("lint", "a").ok().err
    err = workspace.run("lint").fails(1).err
    assert err.count("warning[ignore-unused]") == 1 and "manifests/f.yaml:2:20" in err


def test_rules_of_several_jobs_are_unused_only_where_all_were_checked(workspace):
    workspace.manifest("a", "command: [x] # jobrun: ignore[producer] b is made elsewhere\n")
    assert "no problems" in workspace.run("lint", "a").ok().err
    assert "warning[ignore-unused]" in workspace.run("lint").fails(1).err


def test_where_an_error_ends_the_search_nothing_is_called_unused(workspace):
    workspace.manifest("a", "command: [x] # jobrun: ignore[unused] x\n")
    assert "ignore-unused" in workspace.run("lint").fails(1).err
    workspace.manifest("b", "command: [x]\ntimeout: soon\n")
    assert "ignore-unused" not in workspace.run("lint").fails(1).err


def test_findings_about_comments_cannot_be_ignored(workspace):
    workspace.write("manifests/a.yaml", "job: a # jobrun: ignore[help, ignore-reason]\ncommand: [x]\n")
    err = workspace.run("lint").fails(1).err
    assert "warning[ignore-reason]" in err and "warning[ignore-unused]" in err


def test_quiet_lint_shows_warnings(workspace):
    workspace.write("manifests/a.yaml", "job: a\ncommand: [x]\n")
    assert "warning[help]" in workspace.run("lint", "-q").fails(1).err


def test_what_was_dropped_is_a_finding_where_all_else_is_ignored(workspace):
    for i in range(1000):
        workspace.write(f"manifests/a{i:03}.yaml",
                        f"job: a{i:03} # jobrun: ignore[help] generated\ncommand: [make]\n")
    workspace.manifest("z", "command: [make, '${params.nope}']\n")
    result = workspace.run("lint").fails(1)
    assert "no problems" not in result.err and "1 more are not shown" in result.err


def test_a_lint_that_fails_half_way_ignores_what_it_found(workspace):
    workspace.write("manifests/a.yaml", "job: a # jobrun: ignore[help] generated\nscript: make\n")
    workspace.environment["JOBRUN_SHELLCHECK"] = "/nonexistent"
    result = workspace.run("lint", "a").fails(3)
    assert "warning[help]" not in result.err and "1 ignored" in result.err


def test_an_ignore_of_a_rule_that_was_not_looked_for_is_not_unused(workspace):
    workspace.write("manifests/a.yaml", "job: a\nhelp: A\nscript: | # jobrun: ignore[shellcheck] x\n  make\n")
    workspace.environment["JOBRUN_SHELLCHECK"] = "off"
    workspace.run("lint", "a").ok()
