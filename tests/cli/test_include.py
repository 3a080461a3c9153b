"""`include`: params, vars, tables and variables that several manifests share."""
import os

import pytest

PLATFORMS = """\
params:
  platform: {type: enum, values: [linux-x64, macos-arm64], default: linux-x64}
vars:
  greeting: hello from ${vars.target}
select:
  platform:
    linux-x64: {target: x86_64-linux, unused-here: a}
    macos-arm64: {target: aarch64-darwin, unused-here: b}
env:
  FIRST: fragment
  SECOND: fragment
"""

BUILD = """\
include: [shared/platforms.yaml]
select:
  platform:
    macos-arm64: {suffix: mac}
    linux-x64: {suffix: lin}
env:
  SECOND: manifest
script: |
  echo "$VAR_GREETING $VAR_SUFFIX $FIRST $SECOND" | tee out.txt
outputs:
  out: out.txt
"""


@pytest.fixture
def shared(workspace):
    workspace.ignore("out.txt")
    workspace.write("manifests/shared/platforms.yaml", PLATFORMS)
    workspace.manifest("build", BUILD)
    workspace.commit()
    return workspace


def lint(workspace, fragment, manifest="", files=("shared/platforms.yaml",)):
    workspace.write("manifests/shared/platforms.yaml", fragment)
    workspace.manifest("build", f"include: [{', '.join(files)}]\ncommand: [echo]\n" + manifest)
    return workspace.run("lint").fails(1).err


def test_a_fragment_gives_params_vars_tables_and_variables(shared):
    assert "hello from x86_64-linux lin fragment manifest\n" in shared.run("build").ok().out
    mac = shared.run("build", "--platform", "macos-arm64").ok().out
    assert "hello from aarch64-darwin mac fragment manifest\n" in mac


def test_lint_is_content_and_does_not_ask_for_every_column(shared):
    told = shared.run("lint").ok()
    assert "1 manifest checked" in told.out + told.err


def test_help_shows_the_params_of_a_fragment(shared):
    assert "--platform VALUE" in shared.run("build", "--help").ok().out


def test_a_changed_fragment_runs_again(shared):
    shared.run("build").ok()
    assert "nothing to do" in shared.run("build").ok().err
    shared.write("manifests/shared/platforms.yaml", PLATFORMS + "  THIRD: x\n")
    told = shared.run("build", "--explain").ok().err
    assert "the manifest" in told and "runs again" in told
    assert "nothing to do" in shared.run("build").ok().err


def test_paths_begin_at_the_manifest_wherever_one_stands(shared):
    folder = shared.root / "sub"
    folder.mkdir()
    assert "hello" in shared.run("build", cwd=folder).ok().out
    shared.write("manifests/shared/platforms.yaml", "params: [x]\n")
    told = shared.run("build", cwd=folder).fails(120).err
    assert "--> ../manifests/shared/platforms.yaml:1:9" in told


def test_a_fragment_may_lie_above_the_manifest_within_the_workspace(shared):
    shared.write("common.yaml", "env: {A: above}\n")
    shared.manifest("above", "include: [../common.yaml]\nscript: echo $A\n")
    assert "above\n" in shared.run("above").ok().out


def test_a_missing_fragment_is_named_at_its_place(workspace):
    workspace.manifest("build", "include: [nope.yaml]\ncommand: [echo, '${params.x}']\n")
    told = workspace.run("lint").fails(1).err
    assert "error[include]: there is no fragment 'manifests/nope.yaml'" in told
    assert "manifests/build.yaml:3:11" in told
    assert "params" not in told.split("\n", 1)[1].replace("nope", "")


@pytest.mark.parametrize("path", ["../../outside.yaml", "../work2.yaml/../../x.yaml"])
def test_what_is_outside_of_the_workspace_is_not_included(workspace, path):
    workspace.top.joinpath("outside.yaml").write_text("env: {A: b}\n")
    workspace.manifest("build", f"include: [{path}]\ncommand: [echo]\n")
    assert "outside of the workspace" in workspace.run("build").fails(120).err


def test_nor_is_what_a_link_leads_to_outside(workspace):
    workspace.top.joinpath("outside.yaml").write_text("env: {A: b}\n")
    workspace.manifest("build", "include: [link.yaml]\ncommand: [echo]\n")
    os.symlink("../../outside.yaml", workspace.root / "manifests/link.yaml")
    assert "outside of the workspace" in workspace.run("build").fails(120).err


def test_an_absolute_path_is_refused(workspace):
    workspace.manifest("build", f"include: ['{workspace.root}/x.yaml']\ncommand: [echo]\n")
    assert "must not be absolute" in workspace.run("build").fails(120).err


def test_a_name_that_is_defined_twice_shows_both_places(workspace):
    told = lint(workspace, "params:\n  p: {type: bool, default: true}\nvars: {v: a}\n",
                "params:\n  p: {type: bool, default: true}\nvars: {v: b}\n")
    assert "error[conflict]: param 'p' is defined twice" in told
    assert "error[conflict]: var 'v' is defined twice" in told
    assert "--> manifests/build.yaml:6:3" in told
    assert "manifests/shared/platforms.yaml:2:3" in told
    assert told.count("first defined here") == 2


def test_a_column_in_two_tables_shows_both_places_once(workspace):
    told = lint(workspace, PLATFORMS, """\
select:
  platform:
    linux-x64: {target: a}
    macos-arm64: {target: b}
""")
    assert told.count("error[conflict]: column 'target' is defined twice") == 1
    assert "manifests/build.yaml:7:17" in told
    assert "manifests/shared/platforms.yaml:7:17" in told
    assert "no column" not in told


def test_tables_are_joined_and_then_checked_as_one(workspace):
    told = lint(workspace, PLATFORMS, "select:\n  platform:\n    linux-x64: {more: a}\n")
    assert "row 'macos-arm64' has no column 'more'" in told


def test_a_fragment_holds_nothing_else(workspace):
    told = lint(workspace, "command: [x]\ninclude: [y.yaml]\nparms: {}\n")
    assert "a fragment cannot have the key 'command'" in told
    assert "a fragment may hold params, vars, select and env" in told
    assert "name all fragments in the manifest" in told
    assert "did you mean 'params'?" in told
    assert told.count("included here") == 3


def test_a_job_is_not_a_fragment(workspace):
    workspace.manifest("other", "command: [echo]\n")
    workspace.manifest("build", "include: [other.yaml]\ncommand: [echo]\n")
    told = workspace.run("lint").fails(1).err
    assert "a job cannot be included" in told and "manifests/other.yaml:1:1" in told


def test_one_fragment_twice_is_refused_under_whatever_path(workspace):
    told = lint(workspace, "env: {A: b}\n",
                files=("shared/platforms.yaml", "../manifests/shared/platforms.yaml"))
    assert "is included twice" in told and "first included here" in told


def test_a_problem_of_a_fragment_is_told_once_for_all_that_include_it(workspace):
    workspace.manifest("other", "include: [shared/platforms.yaml]\ncommand: [echo]\n")
    told = lint(workspace, "env: {A: '${params.nope}', 1A: x}\n")
    assert told.count("'1A' cannot be the name of") == 1
    assert told.count("there is no param 'nope'") == 1


def test_unused_params_of_a_fragment_name_the_job(workspace):
    told = lint(workspace, "params:\n  p: {type: bool, default: true}\n")
    assert "warning[unused]: param 'p' is not used" in told and "by this job" in told


def test_the_later_of_two_fragments_wins(workspace):
    workspace.write("manifests/a.yaml", "env: {A: a, B: a}\n")
    workspace.write("manifests/b.yaml", "env: {A: null, B: b}\n")
    workspace.manifest("build", "include: [a.yaml, b.yaml]\nscript: echo ${A-unset} $B\n")
    workspace.commit()
    assert "unset b\n" in workspace.run("build").ok().out


def test_values_of_a_fragment_are_taken_by_a_list(shared):
    shared.manifest("each", """\
        include: [shared/platforms.yaml]
        params:
          platforms: {type: list, of: {values-of: platform}, default: all}
        command: [echo, {each: "${params.platforms}", args: ["${each}"]}, "${vars.greeting}"]
        """)
    shared.commit()
    assert "linux-x64 macos-arm64 hello" in shared.run("each").ok().out


def test_there_is_a_limit_on_fragments_and_on_their_nodes(workspace):
    names = [f"f{i}.yaml" for i in range(101)]
    for name in names:
        workspace.write(f"manifests/{name}", "env: {}\n")
    workspace.manifest("build", f"include: [{', '.join(names)}]\ncommand: [echo]\n")
    assert "more than 100 fragments" in workspace.run("lint").fails(1).err
    for name in ("f1.yaml", "f2.yaml"):
        lines = "".join(f"  {name[:2]}_{i}: x\n" for i in range(4995))
        workspace.write(f"manifests/{name}", "env:\n" + lines)
    workspace.manifest("build", "include: [f1.yaml, f2.yaml, f3.yaml]\ncommand: [echo]\n")
    workspace.run("lint").ok()
    workspace.write("manifests/f3.yaml", "env:\n" + "".join(f"  G{i}: x\n" for i in range(50)))
    assert "more than 10000 nodes together" in workspace.run("lint").fails(1).err
