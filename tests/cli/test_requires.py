"""`requires`: what the machine and the checkout must be, told before anything is touched."""
import os
import platform
import sys

import pytest

SYSTEM = {"linux": "linux", "darwin": "macos"}[sys.platform]
MACHINE = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
HOST = f"{SYSTEM}-{MACHINE}"
OTHER = "windows-x64"
CONDA = {"linux-x64": "linux-64", "linux-arm64": "linux-aarch64", "macos-x64": "osx-64", "macos-arm64": "osx-arm64"}
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{0}\nsize 12345\n".format("a" * 64)


@pytest.fixture
def asks(workspace):
    """Runs a job that requires something and leaves a file behind."""
    def run(requires, *arguments, more="", env=None, cwd=None):
        workspace.manifest("asks", f"requires: {requires}\n{more}script: touch touched\n")
        result = workspace.run("asks", *arguments, env=env, cwd=cwd)
        ran = workspace.root / "touched"
        assert ran.exists() == (result.status == 0 and "--dry-run" not in arguments), result
        ran.unlink(missing_ok=True)
        return result
    workspace.ignore("/touched", "/out/", "/in/", "/manifests/")
    workspace.commit()
    run.workspace = workspace
    return run


def test_nothing_that_is_met_is_told(asks):
    asks.workspace.write("data/a.bin", "whole")
    asks.workspace.commit()
    requires = (f"{{platform: {HOST}, tools: [sh, git], env: dev, clean-tree: true, lfs: [data/a.bin],"
                " history: full, disk: 1B}")
    assert "requires" not in asks(requires).ok().err


def test_all_that_is_not_met_is_told_at_once(asks):
    asks.workspace.write("data/a.bin", POINTER)
    requires = (f"{{platform: {OTHER}, tools: [no-such-tool], env: CI, clean-tree: true,"
                " lfs: [data/a.bin, data/b.bin], disk: 8000000TiB}")
    result = asks(requires).fails(121)
    assert result.err.count("error[requires]") == 7
    assert result.err.endswith("7 errors\n")


# --- platform ---

@pytest.mark.parametrize("value", [HOST, CONDA[HOST], f"[{OTHER}, {HOST}]", f"[win-64, {CONDA[HOST]}]"])
def test_a_platform_is_this_machines_by_either_name(asks, value):
    asks(f"{{platform: {value}}}").ok()


@pytest.mark.parametrize("value", [OTHER, "win-64"])
def test_another_platform_is_refused_with_its_place_and_where_to_go(asks, value):
    result = asks(f"{{platform: {value}}}").fails(121)
    assert f"requires platform 'windows-x64', and this machine is '{HOST}'" in result.err
    assert "manifests/asks.yaml:3:22" in result.err
    assert "help: run it on a windows-x64 machine" in result.err


def test_several_platforms_are_all_named(asks):
    others = [name for name in ("linux-x64", "linux-arm64", "windows-x64") if name != HOST]
    result = asks(f"{{platform: [{', '.join(others)}]}}").fails(121)
    assert "requires platform " + " or ".join(f"'{name}'" for name in others) in result.err


def test_a_platform_follows_a_param(asks):
    more = f"params: {{on: {{type: enum, values: [{HOST}, {OTHER}], default: {HOST}, help: O}}}}\n"
    asks('{platform: "${params.on}"}', more=more).ok()
    asks('{platform: "${params.on}"}', "--on", OTHER, more=more).fails(121)


def test_a_value_that_is_no_platform_is_a_usage_error(asks):
    more = f"params: {{on: {{type: string, default: {HOST}, help: O}}}}\n"
    asks('{platform: "${params.on}"}', more=more).ok()
    result = asks('{platform: "${params.on}"}', "--on", "amiga", more=more).fails(2)
    assert "a text of 'platform' becomes 'amiga', which is no platform" in result.err


def test_a_null_cell_asks_for_nothing(asks):
    more = ("params: {kind: {type: enum, values: [any, odd], default: any, help: K}}\n"
            f"select: {{kind: {{any: {{on: null, tool: null}}, odd: {{on: {OTHER}, tool: no-such-tool}}}}}}\n")
    requires = '{platform: "${vars.on}", tools: ["${vars.tool}"]}'
    asks(requires, more=more).ok()
    assert asks(requires, "--kind", "odd", more=more).fails(121).err.count("error[requires]") == 2


# --- tools ---

def test_a_tool_is_looked_up_in_the_path_that_the_command_sees(asks):
    tools = asks.workspace.top / "tools"
    tools.mkdir()
    (tools / "our-tool").write_text("#!/bin/sh\n")
    (tools / "our-tool").chmod(0o755)
    requires = "{tools: [our-tool]}"
    path = f"{tools}:{os.environ['PATH']}"
    asks(requires).fails(121)
    asks(requires, env={"PATH": path}).ok()
    asks(requires, more=f"env: {{PATH: '{path}'}}\n").ok()
    asks(requires, more="env: {PATH: '%s'}\n" % os.environ["PATH"], env={"PATH": path}).fails(121)
    asks(requires, more="inherit-env: [HOME]\n", env={"PATH": path}).ok()


def test_a_relative_folder_of_the_path_is_from_the_commands_folder(asks):
    asks.workspace.write("sub/bin/our-tool", "#!/bin/sh\n", mode=0o755)
    asks.workspace.commit()
    path = os.environ["PATH"]
    more = f"env: {{PATH: 'bin:{path}'}}\n"
    asks("{tools: [our-tool]}", more=more).fails(121)
    asks.workspace.manifest("sub", f"requires: {{tools: [our-tool]}}\n{more}workdir: sub\nscript: our-tool\n")
    asks.workspace.run("sub").ok()


def test_a_missing_tool_is_refused_with_where_it_was_looked_for(asks):
    result = asks("{tools: [sh, no-such-tool, git]}").fails(121)
    assert result.err.count("error[requires]") == 1
    assert "requires the program 'no-such-tool', which is not found" in result.err
    assert "manifests/asks.yaml:3:24" in result.err
    assert f"looked in: {os.environ['PATH']}" in result.err
    assert "pixi add no-such-tool" in result.err
    asks.workspace.write("jobrun.yaml", "run-prefix: just\n")
    result = asks("{tools: [no-such-tool]}").fails(121)
    assert "install 'no-such-tool'" in result.err and "pixi" not in result.err


def test_a_file_that_cannot_be_executed_is_no_tool_and_named(asks):
    tools = asks.workspace.top / "tools"
    tools.mkdir()
    (tools / "our-tool").write_text("#!/bin/sh\n")
    result = asks("{tools: [our-tool]}", env={"PATH": f"{os.environ['PATH']}:{tools}"}).fails(121)
    assert f"'{tools}/our-tool' is there, but cannot be executed" in result.err


def test_a_tool_that_an_input_brings_is_found(asks):
    asks.workspace.manifest("maker", """\
        script: |
          mkdir -p out
          printf '#!/bin/sh\\n' > out/our-tool
          chmod 755 out/our-tool
        outputs: {bin: out/our-tool}
        """)
    asks.workspace.run("maker").ok()
    path = os.environ["PATH"]
    inputs = "inputs: {tool: {from: maker, to: in/bin/}}\n"
    asks("{tools: [our-tool]}", more=inputs).fails(121)
    asks("{tools: [our-tool]}", more=f"{inputs}env: {{PATH: 'in/bin:{path}'}}\n").ok()


def test_a_tool_that_is_removed_before_the_command_runs_is_none(asks):
    path = os.environ["PATH"]
    asks.workspace.write("gone/our-tool", "#!/bin/sh\n", 0o755)
    more = f"env: {{PATH: 'gone:{path}'}}\n"
    asks("{tools: [our-tool]}", more=more).ok()
    err = asks("{tools: [our-tool]}", more=f"clean: [gone]\n{more}").fails(121).err
    assert "our-tool', which is not found" in err and "cannot be executed" not in err
    assert (asks.workspace.root / "gone/our-tool").exists()


def test_a_tool_that_an_archive_or_a_missing_input_may_bring_is_not_refused(asks):
    asks.workspace.manifest("maker", """\
        script: |
          mkdir -p out/d
          printf '#!/bin/sh\\n' > out/d/our-tool
          chmod 755 out/d/our-tool
        outputs: {bin: {path: out/d/, pack: tar.gz}}
        """)
    path = os.environ["PATH"]
    more = f"inputs: {{tool: {{from: maker, to: in/bin/}}}}\nenv: {{PATH: 'in/bin:{path}'}}\n"
    assert "our-tool" not in asks("{tools: [our-tool]}", more=more).fails(122).err
    asks.workspace.run("maker").ok()
    asks("{tools: [our-tool]}", more=more).ok()
    asks("{tools: [our-tool]}", more=more.replace("in/bin:", "in:")).fails(121)


def test_a_tool_follows_a_param_and_may_not_become_a_path(asks):
    more = "params: {tool: {type: string, default: sh, help: T}}\n"
    asks('{tools: ["${params.tool}"]}', more=more).ok()
    asks('{tools: ["${params.tool}"]}', "--tool", "no-such-tool", more=more).fails(121)
    assert "is a path" in asks('{tools: ["${params.tool}"]}', "--tool", "./x", more=more).fails(2).err


# --- env ---

@pytest.mark.parametrize("value", ["dev", "[CI, dev]"])
def test_the_environment_is_one_of_those(asks, value):
    asks(f"{{env: {value}}}").ok()
    result = asks(f"{{env: {value}}}", "--env", "nightly").fails(121)
    assert "and this is 'nightly'" in result.err
    assert "the environment is 'nightly': " in result.err
    assert "help: run it with --env " in result.err


def test_an_environment_follows_a_param(asks):
    more = "params: {in: {type: string, default: dev, help: I}}\n"
    asks('{env: "${params.in}"}', more=more).ok()
    asks('{env: "${params.in}"}', "--in", "other", more=more).fails(121)
    asks('{env: "${params.in}"}', "--in", "a/b", more=more).fails(2)


# --- clean-tree ---

def test_a_clean_tree_has_no_changes(asks):
    asks("{clean-tree: true}").ok()
    asks.workspace.write("new.txt", "x")
    result = asks("{clean-tree: true}").fails(121)
    assert "requires a working tree without changes" in result.err
    assert "changed or untracked: new.txt" in result.err
    assert "commit, stash or git-ignore" in result.err
    asks("{clean-tree: false}").ok()


def test_what_jobs_leave_behind_does_not_make_the_tree_changed(asks):
    asks.workspace.manifest("maker", "script: mkdir -p made && touch made/x\noutputs: {o: made/x}\n")
    asks.workspace.run("maker").ok()
    assert asks.workspace.git("status", "--porcelain") != ""
    asks("{clean-tree: true}").ok()


# --- lfs ---

@pytest.mark.parametrize("pattern", ["data/a.bin", "data/*.bin", '"**/*.bin"', "data/", '"data/**"'])
def test_a_pointer_is_told_from_the_file_itself(asks, pattern):
    asks.workspace.write("data/a.bin", "the file itself")
    asks(f"{{lfs: [{pattern}]}}").ok()
    asks.workspace.write("data/a.bin", POINTER)
    result = asks(f"{{lfs: [{pattern}]}}").fails(121)
    assert "1 of 1 is a git-lfs pointer" in result.err
    assert "a pointer: data/a.bin" in result.err
    assert "help: git lfs pull --include=" in result.err


def test_a_large_file_that_begins_as_a_pointer_is_none(asks):
    asks.workspace.write("data/a.bin", POINTER + "x" * 1024)
    asks("{lfs: [data/a.bin]}").ok()


def test_many_pointers_are_counted_and_the_first_named(asks):
    for i in range(12):
        asks.workspace.write(f"data/{i:02}.bin", POINTER)
    asks.workspace.write("data/whole.bin", "x")
    result = asks("{lfs: [data/*.bin]}").fails(121)
    assert "12 of 13 are each a git-lfs pointer" in result.err
    assert result.err.count("a pointer: ") == 10


@pytest.mark.parametrize("pattern", ["none.bin", "data/*.none", "nowhere/", "data/a.bin/x"])
def test_a_path_that_matches_nothing_is_refused(asks, pattern):
    asks.workspace.write("data/a.bin", "x")
    result = asks(f"{{lfs: [{pattern}]}}").fails(121)
    assert f"requires the files of '{pattern}', and there are none" in result.err
    assert "mend the path" in result.err


def test_the_pattern_to_pull_is_from_the_top_of_the_repository(asks):
    below = asks.workspace.root / "sub"
    asks.workspace.write("sub/jobrun.yaml", "")
    asks.workspace.write("sub/manifests/asks.yaml",
                         "job: asks\nhelp: A.\nrequires: {lfs: [data/*.bin]}\ncommand: [echo]\n")
    asks.workspace.write("sub/data/a.bin", POINTER)
    result = asks.workspace.run("asks", cwd=below).fails(121)
    assert "help: git lfs pull --include='sub/data/*.bin'" in result.err


def test_lfs_follows_a_param(asks):
    asks.workspace.write("data/a.bin", POINTER)
    asks.workspace.write("other/a.bin", "x")
    more = "params: {in: {type: string, default: other, help: I}}\n"
    asks('{lfs: ["${params.in}/a.bin"]}', more=more).ok()
    asks('{lfs: ["${params.in}/a.bin"]}', "--in", "data", more=more).fails(121)
    asks('{lfs: ["${params.in}/a.bin"]}', "--in", "..", more=more).fails(2)


def test_neither_the_store_nor_jobruns_own_files_are_looked_at(asks):
    asks.workspace.write("data/a.bin", "x")
    asks.workspace.write(".jobrun/logs/a.bin", POINTER)
    asks.workspace.write("stored/dev/a.bin", POINTER)
    asks('{lfs: ["**/*.bin"]}', env={"JOBRUN_STORE": str(asks.workspace.root / "stored")}).ok()


# --- history ---

def test_a_shallow_clone_lacks_history(asks):
    asks.workspace.commit("second")
    asks("{history: full}").ok()
    shallow = asks.workspace.top / "shallow"
    asks.workspace.git("clone", "-q", "--depth", "1", f"file://{asks.workspace.root}", str(shallow))
    (shallow / "manifests").mkdir()
    (shallow / "manifests/asks.yaml").write_text(
        "job: asks\nhelp: A.\nrequires: {history: full}\ncommand: [echo]\n")
    result = asks.workspace.run("asks", cwd=shallow).fails(121)
    assert "requires the whole history, and this clone is shallow" in result.err
    assert "help: git fetch --unshallow" in result.err


@pytest.mark.parametrize("requires,what", [("history: full", "the whole history"),
                                           ("clean-tree: true", "a working tree without changes")])
def test_outside_of_git_there_is_neither_history_nor_a_clean_tree(workspace, requires, what):
    folder = workspace.top / "plain"
    (folder / "manifests").mkdir(parents=True)
    (folder / "manifests/asks.yaml").write_text(
        f"job: asks\nhelp: A.\nrequires: {{{requires}}}\ncommand: [echo]\n")
    result = workspace.run("asks", "--commit", "a" * 40, cwd=folder).fails(121)
    assert f"requires {what}, and '{folder}' is in no git repository" in result.err


# --- disk ---

def test_free_space_is_compared(asks):
    for size in ("1B", "1KiB", "1MiB"):
        asks(f"{{disk: {size}}}").ok()
    result = asks("{disk: 8000000TiB}").fails(121)
    assert "of free space, and there are " in result.err
    assert f"on the file system of '{asks.workspace.root}'" in result.err
    assert "df -h" in result.err


# --- when it is asked ---

def test_a_published_job_is_skipped_whatever_the_machine_is(asks):
    tool = asks.workspace.write("tools/our-tool", "#!/bin/sh\n", mode=0o755)
    asks.workspace.manifest("maker", "requires: {tools: [our-tool]}\n"
                            "script: mkdir -p out && touch out/x\noutputs: {o: out/x}\n")
    asks.workspace.commit()
    with_tool = {"PATH": f"{tool.parent}:{os.environ['PATH']}"}
    asks.workspace.run("maker").fails(121)
    asks.workspace.run("maker", env=with_tool).ok()
    assert "nothing to do" in asks.workspace.run("maker").ok().err
    asks.workspace.run("maker", "--force").fails(121)
    shown = asks.workspace.run("maker", "--dry-run").ok().out
    assert "a run would skip" in shown and "tools our-tool: NOT met" in shown
    assert "would be refused" not in shown


def test_a_dry_run_lists_what_is_met_and_what_is_not(asks):
    result = asks(f"{{platform: {OTHER}, tools: [sh, no-such-tool], disk: 1GiB}}", "--dry-run").ok()
    assert ("requires:\n  platform windows-x64: NOT met\n  tools sh: met\n  tools no-such-tool: NOT met\n"
            "  disk 1.0 GiB: met\n") in result.out
    refused = result.out[:result.out.index("requires:")]
    assert "a run would be refused here:\n  job 'asks' requires platform" in refused
    assert "help: run it on a windows-x64 machine" in refused
    assert "requires the program 'no-such-tool'" in refused
    assert result.err == ""


def test_help_shows_what_is_asked_for_as_it_is_written(asks):
    more = f"params: {{on: {{type: enum, values: [{HOST}, {OTHER}], default: host, help: O}}}}\n"
    result = asks.workspace.manifest("asks", f"requires: {{platform: ['${{params.on}}', {HOST}], history: full}}\n"
                                     f"{more}command: [echo]\n")
    result = asks.workspace.run("asks", "--help").ok()
    assert f"\nrequires:\n  platform ${{params.on}} or {HOST}\n  history full\n" in result.out


def test_a_fragment_has_neither_requires_nor_ci(asks):
    for key in ("requires: {history: full}", "ci: {a: b}"):
        asks.workspace.write("manifests/shared.yaml", f"{key}\n")
        asks.workspace.manifest("asks", "include: [shared.yaml]\ncommand: [echo]\n")
        result = asks.workspace.run("lint", "manifests/asks.yaml").fails(1)
        assert f"a fragment cannot have the key '{key.split(':')[0]}'" in result.err
