"""`jobrun show JOB`: what a run would be, without a store; and `ci`, which it prints."""
import json

import pytest

from test_requires import HOST

pytestmark = pytest.mark.store

MANIFEST = """\
    params:
      platform: {type: enum, values: [linux-x64, linux-arm64], default: linux-x64, help: P}
      features: {type: list, of: {type: enum, values: [a, b, c]}, default: [b, a], help: F}
      jobs: {type: int, min: 1, default: 4, variant: false, help: J}
      release: {type: bool, default: false, env: RELEASE, help: R}
    select:
      platform:
        linux-x64: {target: x86, flag: null}
        linux-arm64: {target: arm, flag: --arm}
    vars:
      dist: dist/${vars.target}
      from: "${inputs.app.path}"
    requires:
      platform: [linux-64, "${params.platform}"]
      tools: [cargo, no-such-tool]
      env: [CI, dev]
      clean-tree: true
      lfs: [data/]
      history: full
      disk: 20GiB
    inputs:
      app: {from: build, output: bin, with: {platform: "${params.platform}"}, to: in/app}
      all: {from: build, output: bin, with: {platform: [linux-x64, linux-arm64]}, to: "in/${with.platform}/"}
      maybe: {from: build, output: bin, to: in/maybe, optional: true, else: source.txt}
      tree: {from: build, output: bin, to: in/tree/, unpack: tar.gz}
      link: {from: build, output: bin}
      never: {from: build, output: bin, to: in/never, when: {release: true}}
    clean: ["${vars.dist}"]
    env: {EXTRA: "<${params.platform}>", GONE: null}
    inherit-env: [PATH, "CARGO_*"]
    workdir: sub
    timeout: 90s
    stdout: "${vars.dist}/log"
    command: [cargo, "--out=${vars.dist}", "${vars.flag}", {files: app}, {urls: link}, {each: "${params.features}", args: ["-F", "${each}"]}]
    outputs:
      wheel: {path: ["${vars.dist}/*.whl", "${vars.dist}/x"]}
      debug: {path: debug/, when: {release: true}}
      logs: {path: logs/, on: failure, pack: tar.zst}
    ci:
      runner: "runs-on-${params.platform}"
      container: {image: "img:${job.short-commit}", options: [--cpus, 4, "${job.env}", "${vars.flag}"]}
      retry: true
    """


@pytest.fixture
def wide(pair):
    pair.manifest("wide", MANIFEST)
    pair.commit()
    return pair


def shown(workspace, *arguments, **options):
    return json.loads(workspace.run("show", *arguments, "--json", **options).ok().out)


def test_the_document_has_everything(wide):
    document = shown(wide, "wide", "--jobs", "2", env={"RELEASE": "false"})
    head, root = wide.head, str(wide.root)
    assert document["version"] == 1
    assert (document["job"], document["help"]) == ("wide", "A test.")
    assert document["manifest"]["path"] == "manifests/wide.yaml"
    assert len(document["manifest"]["sha256"]) == 64
    assert (document["commit"], document["environment"]) == (head, "dev")
    assert document["store"] == wide.url
    variant = "features=a+b,platform=linux-x64,release=false"
    assert document["address"] == f"dev/{head}/wide/{variant}"
    assert document["url"] == f"{wide.url}/dev/{head}/wide/{variant}"
    assert document["params"] == [
        {"name": "platform", "type": "enum", "value": "linux-x64", "origin": "default", "variant": True},
        {"name": "features", "type": "list", "value": ["a", "b"], "origin": "default", "variant": True},
        {"name": "jobs", "type": "int", "value": "2", "origin": "command line", "variant": False},
        {"name": "release", "type": "bool", "value": "false", "origin": "variable", "variant": True}]
    assert {v["name"]: v["value"] for v in document["vars"]} == {
        "dist": "dist/x86", "from": f"{root}/in/app", "target": "x86", "flag": None}
    assert document["requires"] == {
        "platform": ["linux-x64", "linux-x64"], "tools": ["cargo", "no-such-tool"], "env": ["CI", "dev"],
        "clean_tree": True, "lfs": ["data/"], "history": "full", "disk_bytes": 20 << 30}
    assert document["clean"] == ["dist/x86"]
    assert document["commands"][0]["stdout"] == "dist/x86/log"
    assert (document["timeout_ms"], document["kill_after_ms"]) == (90000, 10000)
    assert document["outputs"] == [
        {"name": "wheel", "patterns": ["dist/x86/*.whl", "dist/x86/x"], "on": "success", "pack": None,
         "wanted": True},
        {"name": "debug", "patterns": [], "on": "success", "pack": None, "wanted": False},
        {"name": "logs", "patterns": ["logs/"], "on": "failure", "pack": "tar.zst", "wanted": True}]


def test_each_element_of_an_input_has_its_address(wide):
    inputs = shown(wide, "wide")["inputs"]
    address = f"dev/{wide.head}/build/platform=linux-x64"
    assert inputs[0] == {
        "name": "app", "label": "", "from": "build", "output": "bin", "params": {"platform": "linux-x64"},
        "address": address, "receipt": f"{address}/receipt.json", "to": "in/app", "else": None,
        "unpack": None, "optional": False, "wanted": True}
    assert [(i["name"], i["label"], i["to"]) for i in inputs[1:3]] == [
        ("all", "platform=linux-x64", "in/linux-x64/"), ("all", "platform=linux-arm64", "in/linux-arm64/")]
    maybe, tree, link, never = inputs[3:]
    assert (maybe["optional"], maybe["wanted"], maybe["to"], maybe["else"]) == (True, True, "in/maybe", "source.txt")
    assert (tree["to"], tree["unpack"]) == ("in/tree/", "tar.gz")
    assert (link["to"], link["wanted"], link["address"]) == (None, True, address)
    assert (never["name"], never["wanted"], never["address"]) == ("never", False, None)


def test_the_command_is_shown_with_its_own_variables_alone(wide):
    command, = shown(wide, "wide", env={"CARGO_HOME": "/c", "OTHER": "x"})["commands"]
    root = str(wide.root)
    assert command["argv"] == ["cargo", "--out=dist/x86", "<files of input 'app'>",
                               "<addresses of input 'link'>", "-F", "a", "-F", "b"]
    assert command["env"]["INPUT_LINK_URLS"] == "<addresses of input 'link'>"
    assert (command["script"], command["shell"]) == (None, None)
    assert command["workdir"] == f"{root}/sub"
    assert command["env"]["EXTRA"] == "<linux-x64>"
    assert command["env"]["INPUT_APP"] == f"{root}/in/app"
    assert command["env"]["INPUT_MAYBE"] == f"{root}/in/maybe"
    assert command["env"]["INPUT_NEVER"] == ""
    assert (command["env"]["GONE"], command["env"]["VAR_FLAG"]) == (None, None)
    assert not {"CARGO_HOME", "OTHER", "PATH"} & set(command["env"])
    assert command["inherits_all"] is False
    assert {"CARGO_HOME", "PATH"} <= set(command["inherited"]) and "OTHER" not in command["inherited"]


def test_a_script_is_shown_with_its_shell(pair):
    command, = shown(pair, "build")["commands"]
    assert command["argv"] is None
    assert command["script"].startswith("mkdir -p out\n")
    assert command["shell"] == ["bash", "--noprofile", "--norc", "-euo", "pipefail"]
    assert command["inherits_all"] is True and command["inherited"] == []


def test_what_does_not_apply_is_null_or_empty(pair):
    pair.manifest("plain", "command: [echo]\n")
    document = shown(pair, "plain")
    assert document["params"] == document["vars"] == document["inputs"] == document["outputs"] == []
    assert document["clean"] == []
    assert document["ci"] is document["timeout_ms"] is None
    assert document["commands"][0]["stdout"] is None
    assert document["requires"] == {"platform": [], "tools": [], "env": [], "clean_tree": False, "lfs": [],
                                    "history": None, "disk_bytes": None}


def test_the_text_says_the_same(wide):
    out = wide.run("show", "wide", "--platform", "linux-arm64").ok().out
    for line in ("  platform = linux-arm64 (command line)", "  flag = --arm", "  tools no-such-tool",
                 "  disk 20.0 GiB", "  all[platform=linux-x64]: output 'bin' of job 'build'",
                 "  maybe: output 'bin' of job 'build', optional", "    lands at in/app",
                 "    lands at in/maybe", "    else source.txt", "    lands at in/tree/, unpacked from a tar.gz",
                 "    '<addresses of input '\\''link'\\''>'", "  logs: logs/, packed as tar.zst",
                 f"    {wide.url}/dev/{wide.head}/build/platform=linux-arm64/receipt.json",
                 "  never: not with these params", "removes first:\n  dist/arm", "    --arm",
                 "    GONE is unset", "  standard output also to dist/arm/log", "  for at most 90 s",
                 "  wheel: dist/arm/*.whl", "ci:\n  {", '    "runner": "runs-on-linux-arm64"'):
        assert f"{line}\n" in out or f"{line},\n" in out, (line, out)
    assert "met" not in out


# --- ci ---

def test_ci_is_printed_with_the_values_of_the_params(wide):
    ci = shown(wide, "wide", "--platform", "linux-arm64")["ci"]
    assert ci == {"runner": "runs-on-linux-arm64", "retry": "true",
                  "container": {"image": f"img:{wide.head[:7]}", "options": ["--cpus", "4", "dev", "--arm"]}}
    assert list(ci) == ["runner", "container", "retry"]


def test_a_null_cell_leaves_its_place_in_ci_out(wide):
    assert shown(wide, "wide")["ci"]["container"]["options"] == ["--cpus", "4", "dev"]
    wide.manifest("nulls", """\
        params: {on: {type: enum, values: [a, b], default: a, help: O}}
        select: {on: {a: {label: null}, b: {label: x}}}
        ci: {label: "${vars.label}", kept: y}
        command: [echo, "${vars.label}"]
        """)
    assert shown(wide, "nulls")["ci"] == {"kept": "y"}
    assert shown(wide, "nulls", "--on", "b")["ci"] == {"label": "x", "kept": "y"}


def test_ci_may_be_as_deep_as_a_manifest(pair):
    deep = "{a: " * 62 + "x" + "}" * 62
    pair.manifest("deep", f"ci: {deep}\ncommand: [echo]\n")
    ci = shown(pair, "deep")["ci"]
    for _ in range(62):
        ci = ci["a"]
    assert ci == "x"


def test_what_ci_becomes_has_a_limit(pair):
    pair.manifest("much", "params: {x: {type: string, default: x, help: X}}\n"
                  f"ci: {{a: [{', '.join(['${params.x}'.join('``').replace('`', chr(34))] * 400)}]}}\n"
                  "command: [echo]\n")
    assert shown(pair, "much", "--x", "y" * 2000)["ci"]["a"] == ["y" * 2000] * 400
    result = pair.run("show", "much", "--x", "y" * 3000).fails(120)
    assert "the texts of 'ci' become more than 1048576 bytes" in result.err


def test_ci_changes_nothing_of_a_run(pair):
    pair.manifest("noted", "ci: {runner: big}\ncommand: [echo, done]\n")
    assert pair.run("noted").ok().out == "done\n"


# --- what it needs, and does not ---

def test_it_needs_no_store_no_clean_tree_and_no_machine(wide):
    wide.write("source.txt", "changed\n")
    other = "linux-arm64" if HOST == "linux-x64" else "linux-x64"
    result = wide.run("show", "wide", "--platform", other, "--json", "--store", "/proc/nowhere").ok()
    assert json.loads(result.out)["store"] == "/proc/nowhere"
    assert json.loads(wide.run("show", "wide", "--json", "--store", "gs://b/p").ok().out)["url"].startswith(
        f"gs://b/p/dev/{wide.head}/wide/")
    assert not wide.store.exists()
    assert not (wide.root / ".jobrun").exists()


def test_the_options_that_choose_an_address(pair):
    pair.commit("second")
    first = pair.git("rev-parse", "HEAD~1")
    document = shown(pair, "use", "--env", "nightly", "--commit", "HEAD~1", "-P", "platform=linux-arm64")
    assert document["address"] == f"nightly/{first}/use/platform=linux-arm64"
    assert document["inputs"][0]["address"] == f"nightly/{first}/build/platform=linux-arm64"
    pair.write("params.json", '{"platform": "linux-arm64"}')
    document = shown(pair, "use", "--params-file", "params.json")
    assert document["params"][0]["origin"] == "params file"


def test_a_path_names_a_job_too(pair):
    assert shown(pair, "manifests/use.yaml")["job"] == "use"
    assert shown(pair, "./use.yaml", cwd=pair.root / "manifests")["manifest"]["path"] == "manifests/use.yaml"


def test_problems_are_told_as_for_a_run(pair):
    assert "is not one of" in pair.run("show", "use", "--platform", "amiga").fails(2).err
    assert "there is no job 'biuld'" in pair.run("show", "biuld").fails(2).err
    result = pair.run("show").fails(2)
    assert "no job is named" in result.err and "jobrun show manifests/JOB.yaml" in result.err
    pair.manifest("wrong", "command: [echo, '${params.none}']\n")
    result = pair.run("show", "wrong", "--json").fails(120)
    assert result.out == "" and "there is no param 'none'" in result.err


def test_constraints_hold_for_it_too(pair):
    pair.manifest("bound", """\
        params: {mode: {type: enum, values: [a, b], default: a, help: M}}
        constraints: [{require: {mode: a}, message: only a}]
        command: [echo, "${params.mode}"]
        """)
    pair.run("show", "bound").ok()
    assert "only a" in pair.run("show", "bound", "--mode", "b").fails(2).err


@pytest.mark.parametrize("option", ["--force", "--dry-run", "--no-fetch", "--log=x"])
def test_the_other_options_of_a_run_are_not_its(pair, option):
    assert pair.run("show", "use", option).fails(2).out == ""


def test_json_is_an_option_of_show_alone(pair):
    pair.run("build", "--json").fails(2)


def test_a_param_named_json_is_given_in_another_way(pair):
    pair.manifest("json", "params: {json: {type: string, default: x, help: J}}\ncommand: [echo, '${params.json}']\n")
    assert pair.run("json", "--json", "y").ok().out == "y\n"
    assert shown(pair, "json", "-P", "json=z")["params"][0]["value"] == "z"


def test_its_help_shows_its_options(pair):
    told = pair.run("show", "--help").ok().out
    assert "jobrun show JOB [--param VALUE ...] [options]" in told and "--json" in told
    assert "--force" not in told and "--commit REV" in told
    assert pair.run("help", "show").ok().out == told
    assert "params:" in pair.run("show", "use", "--help").ok().out


def test_what_a_job_of_many_keys_is(pair):
    pair.manifest("many", """\
        once: true
        inputs:
          app: {from: build, output: bin, to: in/, unpack: tar.gz, optional: true, else: source.txt}
        steps:
          - {name: test, script: make, continue-on-error: true, secrets: [TOKEN, {name: KEY, optional: true}]}
          - {name: tell, command: [tell], effect: true, always: true}
        outputs:
          tree: {path: out/, pack: tar.zst}
          log: {path: log, on: failure}
        """)
    pair.commit()
    document = shown(pair, "many", env={"TOKEN": "correct-horse"})
    test, tell = document["commands"]
    assert (test["name"], test["continue_on_error"], test["effect"], test["always"]) == ("test", True, False, False)
    assert test["secrets"] == [{"name": "TOKEN", "optional": False}, {"name": "KEY", "optional": True}]
    assert "TOKEN" not in test["env"]
    assert (tell["name"], tell["continue_on_error"], tell["effect"], tell["always"]) == ("tell", False, True, True)
    assert document["once"] is True
    assert [(o["on"], o["pack"]) for o in document["outputs"]] == [("success", "tar.zst"), ("failure", None)]
    assert (document["inputs"][0]["unpack"], document["inputs"][0]["else"]) == ("tar.gz", "source.txt")
    text = pair.run("show", "many", env={"TOKEN": "correct-horse"}).ok().out
    assert "  step 'test', going on if it fails, in " in text and "  secret KEY, optional\n" in text
    assert "  step 'tell', an effect, after a failure too, in " in text
    assert "  tree: out/, packed as tar.zst\n" in text
    assert "in failed/:\n  log: log\n" in text and "correct-horse" not in text
