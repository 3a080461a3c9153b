"""`command`, `shell`, `workdir`, `env`, `vars` and `select`: what the program gets."""
import json

import pytest

TELL = """\
import json, os, sys
print(json.dumps([sys.argv[1:], os.getcwd(), {k: v for k, v in os.environ.items() if k.startswith(("E_", "VAR_"))}]))
"""


@pytest.fixture
def tell(pair):
    """Runs a job with these keys: argv, folder and the variables E_* and VAR_*."""
    pair.write("tell.py", TELL)
    pair.commit()

    def run(items, *arguments, more="", env=None):
        program = json.dumps(["python3", str(pair.root / "tell.py")])[:-1]
        pair.manifest("told", f"{more}command: {program}{items}]\n")
        return json.loads(pair.run("told", *arguments, env=env).ok().out)
    run.workspace = pair
    return run


FLAG = "params: {on: {type: bool, default: false, help: O}, kind: {type: enum, values: [a, b], default: a, help: K}}\n"


def test_items_are_text_or_come_with_a_condition(tell):
    items = ", x y, {when: {on: true}, args: [-v, '${params.kind}']}, {when: {kind: {not: a}}, args: [-n]}"
    assert tell(items, more=FLAG)[0] == ["x y"]
    assert tell(items, "--on", more=FLAG)[0] == ["x y", "-v", "a"]
    assert tell(items, "--kind=b", more=FLAG)[0] == ["x y", "-n"]


def test_a_condition_may_stand_beside_each(tell):
    more = "params: {all: {type: list, of: {type: string}, default: [a, b], help: A}, on: {type: bool, default: true, help: O}}\n"
    items = ", {when: {on: true}, each: '${params.all}', args: [-f, '<${each}>']}"
    assert tell(items, more=more)[0] == ["-f", "<a>", "-f", "<b>"]
    assert tell(items, "--no-on", more=more)[0] == []


def test_the_files_of_an_input_are_one_item_each_in_order(tell):
    pair = tell.workspace
    pair.ignore("/out/", "/in/", "/used/")
    pair.manifest("many", "script: mkdir -p out/d && touch out/d/c out/b out/a\noutputs: {o: out/}\n")
    pair.commit()
    pair.run("many").ok()
    more = "inputs: {m: {from: many, to: in/}}\n"
    assert tell(", {files: m}", more=more)[0] == [f"{pair.root}/in/{name}" for name in ("a", "b", "d/c")]


@pytest.mark.parametrize("item,said", [
    ("{when: {on: true}}", "args"), ("{args: [a]}", "when"), ("{when: {on: true}, args: a}", "must be a list"),
    ("{each: on, args: [a]}", "each"), ("{each: '${params.on}', args: [a]}", "needs a list"), ("{files: }", "missing"),
    ("{files: nothing}", "nothing"), ("{fils: app}", "files"), ("{files: app, args: [a]}", "args"), ("[a]", "a list"),
    ("null", "null")])
def test_an_item_of_no_form_is_refused_in_its_place(pair, item, said):
    pair.manifest("wrong", "params: {on: {type: bool, default: true, help: O}}\n"
                  f"inputs: {{app: {{from: build, to: in/}}}}\ncommand:\n  - echo\n  - '${{params.on}}'\n  - {item}\n")
    result = pair.run("lint", "manifests/wrong.yaml").fails(1)
    assert said in result.err and "manifests/wrong.yaml:8:" in result.err, result


def test_a_null_cell_unsets_what_is_made_of_it_alone(tell):
    more = FLAG + """\
select: {kind: {a: {flag: null, name: x}, b: {flag: --flag, name: y}}}
vars: {both: "<${vars.name}>"}
env: {E_FLAG: "${vars.flag}", E_BOTH: "${vars.both}"}
"""
    items = ", '${vars.flag}', '${vars.both}', '${params.on}'"
    argv, _, env = tell(items, more=more, env={"E_FLAG": "callers"})
    assert argv == ["<x>", "false"]
    assert env == {"E_BOTH": "<x>", "VAR_BOTH": "<x>", "VAR_NAME": "x"}
    argv, _, env = tell(items, "--kind=b", more=more)
    assert argv == ["--flag", "<y>", "false"]
    assert (env["E_FLAG"], env["VAR_FLAG"]) == ("--flag", "--flag")


def test_env_sets_unsets_or_leaves_a_variable(tell):
    more = FLAG + "env: {E_SET: 'a b', E_GONE: null, E_WHEN: {when: {on: true}, value: yes}, E_NULL: {when: {on: true}, value: null}}\n"
    items = ", '${params.kind}'"
    callers = {"E_GONE": "1", "E_WHEN": "callers", "E_NULL": "callers", "E_OWN": "o"}
    assert tell(items, more=more, env=callers)[2] == {
        "E_SET": "a b", "E_WHEN": "callers", "E_NULL": "callers", "E_OWN": "o"}
    assert tell(items, "--on", more=more, env=callers)[2] == {"E_SET": "a b", "E_WHEN": "yes", "E_OWN": "o"}


@pytest.mark.parametrize("env,said", [
    ("{A: [x]}", "'A'"), ("{A: {when: {on: true}}}", "value"), ("{A: {value: x}}", "when"), ("{A: {when: {no: 1}, value: x}}", "'no'"),
    ("{A: ~}", "null"), ("{A: }", "missing"), ("{1A: x}", "'1A'"), ("{PARAM_ON: x}", "PARAM_ON"), ("[A]", "must be a mapping"),
    ("{A: {when: {on: true}, value: x, els: y}}", "'els'")])
def test_env_of_no_form_is_refused_in_its_place(pair, env, said):
    pair.manifest("wrong", FLAG + f"env: {env}\ncommand: [echo, '${{params.on}}', '${{params.kind}}']\n")
    result = pair.run("lint", "manifests/wrong.yaml").fails(1)
    assert said in result.err and "manifests/wrong.yaml:" in result.err, result


def test_the_workdir_is_from_the_root_and_may_be_an_output(tell):
    pair = tell.workspace
    pair.write("sub/x/kept", "")
    pair.commit()
    assert tell("", more="workdir: sub/x\n")[1] == f"{pair.root}/sub/x"
    assert tell("")[1] == str(pair.root)
    more = "params: {in: {type: string, default: sub, help: I}}\nworkdir: '${params.in}/x'\n"
    assert tell("", more=more)[1] == f"{pair.root}/sub/x"
    pair.run("told", "--in", "..").fails(2)
    assert "is not a folder" in pair.run("told", "--in", "none").fails(126).err


@pytest.mark.parametrize("workdir,said", [("/abs", "absolute"), ("../x", "'..'"), ("[a]", "must be text"), ("'a*'", "wildcard"),
                                          (".git/x", ".git"), ("null", "null"), ("'${job.root}'", "job.root")])
def test_a_workdir_that_is_none_is_refused(pair, workdir, said):
    pair.manifest("wrong", f"workdir: {workdir}\ncommand: [echo]\n")
    result = pair.run("lint", "manifests/wrong.yaml").fails(1)
    assert said in result.err and "manifests/wrong.yaml:3:1" in result.err, result


def test_a_script_runs_in_bash_strictly_or_in_the_shell_that_is_named(pair):
    pair.manifest("strict", "script: |\n  false | true\n  echo not here\n")
    assert pair.run("strict").fails(1).out == ""
    pair.manifest("strict", "script: |\n  echo $NO_SUCH_VARIABLE\n")
    assert pair.run("strict").fails(1).out == ""
    pair.manifest("other", "shell: [python3]\nscript: |\n  import sys\n  print(sys.argv[0].endswith('x'), 1 + 1)\n")
    assert pair.run("other").ok().out.endswith(" 2\n")
    pair.manifest("param", "params: {flag: {type: string, default: -B, help: F}}\n"
                  "shell: [python3, '${params.flag}']\nscript: |\n  import sys\n  print(sys.dont_write_bytecode)\n")
    assert pair.run("param").ok().out == "True\n"


@pytest.mark.parametrize("keys,said", [
    ("shell: bash\nscript: x\n", "must be a list"), ("shell: []\nscript: x\n", "empty"), ("shell: [sh]\ncommand: [x]\n", "shell"),
    ("script: [x]\n", "must be text"), ("script: ''\n", "script"), ("script: x\ncommand: [x]\n", "command"),
    ("command: x\n", "must be a list"), ("command: []\n", "does not name a program"), ("command: ['']\n", "")])
def test_shell_and_script_of_no_form_are_refused(pair, keys, said):
    pair.manifest("wrong", keys)
    result = pair.run("lint", "manifests/wrong.yaml").fails(1)
    assert said in result.err and "manifests/wrong.yaml:" in result.err, result


@pytest.mark.parametrize("key", ["timeout", "kill-after"])
@pytest.mark.parametrize("value,said", [("90", "not a duration"), ("0s", "more than 0"), ("1d", "not a duration"), ("721h", "30 days"),
                                        ("[1s]", "must be text"), ("null", "null")])
def test_a_time_of_no_form_is_refused(pair, key, value, said):
    pair.manifest("wrong", f"{key}: {value}\ncommand: [x]\n")
    assert said in pair.run("lint", "manifests/wrong.yaml").fails(1).err


@pytest.mark.parametrize("head,said", [
    ("job: other\nhelp: H\n", "stands in the file"), ("job: Wrong\nhelp: H\n", "'Wrong'"), ("job: [a]\nhelp: H\n", "must be text"),
    ("help: H\n", "job"), ("job: wrong\n", "no 'help'"), ("job: wrong\nhelp: [a]\n", "must be text"), ("job: wrong\nhelp: H\nversion: 2\n", "version 2"),
    ("job: wrong\nhelp: H\nversion: one\n", "whole number"), ("job: wrong\nhelp: H\ninclude: a.yaml\n", "must be a list"),
    ("job: wrong\nhelp: H\ninclude: [none.yaml]\n", "none.yaml"), ("job: wrong\nhelp: H\ncolour: red\n", "unknown key")])
def test_the_head_of_a_manifest_is_checked(pair, head, said):
    pair.write("manifests/wrong.yaml", f"{head}command: [echo]\n")
    assert said in pair.run("lint", "manifests/wrong.yaml").fails(1).err


def test_the_version_of_the_language_may_be_said(pair):
    pair.manifest("versioned", "version: 1\ncommand: [echo, ok]\n")
    assert pair.run("versioned").ok().out == "ok\n"


def test_all_that_a_job_knows_of_itself(tell):
    pair = tell.workspace
    fields = ("name", "commit", "short-commit", "env", "root", "url")
    items = "".join(f", '${{job.{field}}}'" for field in fields) + ", '$${job.name}', '$HOME'"
    head = pair.head
    assert tell(items)[0] == ["told", head, head[:7], "dev", str(pair.root), f"{pair.url}/dev/{head}/told",
                              "${job.name}", "$HOME"]
