"""Params as flags: bytes arrive as they were given, or are refused with a reason."""
import json

import pytest

HOSTILE = ["$(id)", "`id`", "; rm x", "-x", "-q", "*", "a b", "'", '"', "a'b\"c", "two\nlines",
           "tab\there", "${params.text}", "$${x}", "$HOME", "\\", "a\\nb", "é 漢字", "a=b", "#no", "&", "%s"]

SHOW = r"""
import json, os, sys
print(json.dumps([sys.argv[1:], os.environ["PARAM_TEXT"], os.environ["EXTRA"]]))
"""


@pytest.fixture
def shows(workspace):
    workspace.write("show.py", SHOW)
    workspace.manifest("told", """\
        params:
          text: {type: string, min-length: 0, default: '', help: T, variant: false}
        env: {EXTRA: "<${params.text}>"}
        command: [python3, show.py, "${params.text}", "--text=${params.text}"]
        """)
    workspace.commit()
    return workspace


@pytest.mark.parametrize("value", HOSTILE + ["", "--force"])
def test_values_arrive_byte_for_byte(shows, value):
    result = shows.run("told", f"--text={value}").ok()
    assert json.loads(result.out) == [[value, f"--text={value}"], value, f"<{value}>"]


@pytest.mark.parametrize("value", HOSTILE)
def test_values_as_an_argument_of_their_own_arrive_too(shows, value):
    result = shows.run("told", "--text", value).ok()
    assert json.loads(result.out)[1] == value


@pytest.mark.parametrize("value", HOSTILE)
def test_values_reach_a_script_as_variables_only(workspace, value):
    workspace.manifest("say", """\
        params: {text: {type: string, default: x, help: T, variant: false}}
        script: printf '%s|' "$PARAM_TEXT"
        """)
    workspace.commit()
    assert workspace.run("say", f"--text={value}").ok().out == value + "|"


@pytest.mark.parametrize("value", ["a/b", "..", "", "a\nb", "*", "../../x", "\x01"])
def test_a_value_cannot_bring_a_path_that_the_author_did_not_write(workspace, value):
    workspace.manifest("make", """\
        params: {name: {type: string, min-length: 0, default: x, help: N}}
        vars: {dir: "out/${params.name}"}
        script: mkdir -p "$VAR_DIR" && echo x > "$VAR_DIR/f"
        outputs: {o: "${vars.dir}/f"}
        """)
    workspace.commit()
    result = workspace.run("make", f"--name={value}").fails(2)
    assert "'name'" in result.err
    assert not (workspace.root / "out").exists()


def test_a_placeholder_in_a_script_is_refused(workspace):
    workspace.manifest("bad", """\
        params: {text: {type: string, default: x, help: T}}
        script: |
          echo "${params.text}"
        """)
    workspace.commit()
    result = workspace.run("bad").fails(120)
    assert "shell-placeholder" in result.err and "$PARAM_TEXT" in result.err


@pytest.fixture
def typed(workspace):
    workspace.manifest("typed", """\
        params:
          mode: {type: enum, values: [debug, release], default: debug, help: M, variant: false}
          jobs: {type: int, min: 1, max: 64, default: 4, help: J, variant: false}
          ratio: {type: number, min: 0, max: 1, default: 0.5, help: R, variant: false}
          release: {type: string, pattern: '\\d+\\.\\d+', required: true, help: The version to make, variant: false}
          verbose: {type: bool, default: false, help: V, variant: false}
          features: {type: list, of: {type: string}, min-length: 0, default: [], help: F, variant: false}
          token: {type: string, default: none, env: MY_TOKEN, help: K, variant: false}
        command:
          - python3
          - -c
          - "import sys; print(sys.argv[1:])"
          - "${params.mode}"
          - "${params.jobs}"
          - "${params.ratio}"
          - "${params.release}"
          - "${params.token}"
          - {when: {verbose: true}, args: [-v]}
          - {each: "${params.features}", args: [-f, "${each}"]}
        """)
    workspace.commit()
    return workspace


def argv(result):
    return eval(result.ok().out)


def test_every_type_is_a_flag(typed):
    result = typed.run("typed", "--release", "1.2", "--mode=release", "--jobs", "8", "--ratio", "0.25",
                       "--verbose", "--features", "a", "--features", "b c")
    assert argv(result) == ["release", "8", "0.25", "1.2", "none", "-v", "-f", "a", "-f", "b c"]


def test_defaults_no_flags_and_one_leading_dashes(typed):
    assert argv(typed.run("typed", "--", "--release=1.2", "--no-verbose")) == \
        ["debug", "4", "0.5", "1.2", "none"]


def test_params_files_and_assignments_and_variables(typed):
    typed.write("p.yaml", "release: 1.10\nverbose: true\nfeatures: [x, no]\n")
    typed.write("p.json", json.dumps({"release": "2.0", "jobs": 7, "features": ["y"], "verbose": False}))
    assert argv(typed.run("typed", "--params-file", "p.yaml")) == \
        ["debug", "4", "0.5", "1.10", "none", "-v", "-f", "x", "-f", "no"]
    assert argv(typed.run("typed", "--params-file", "p.json", "-P", "mode=release", env={"MY_TOKEN": "t"})) == \
        ["release", "7", "0.5", "2.0", "t", "-f", "y"]
    assert argv(typed.run("typed", "--params-file", "p.json", "-Pjobs=9", "--token", "u",
                          env={"MY_TOKEN": "t"})) == ["debug", "9", "0.5", "2.0", "u", "-f", "y"]


def test_all_errors_come_at_once_with_what_is_allowed_and_the_nearest_name(typed):
    result = typed.run("typed", "--mode", "relase", "--jobs", "0", "--ratio", "x", "--featurs", "a",
                       "--verbose=yes", "stray").fails(2)
    for part in ("debug, release", "did you mean 'release'?", "'jobs'", "'ratio'", "did you mean '--features'?",
                 "'verbose'", "'stray'", "'release'", "The version to make"):
        assert part in result.err, part


def test_flags_are_never_abbreviated(typed):
    assert "'--rel'" in typed.run("typed", "--rel", "1.2").fails(2).err


def test_a_wrong_value_from_a_variable_or_file_says_where_it_came_from(typed):
    typed.write("p.yaml", "release: 1.2\njobs: many\n")
    result = typed.run("typed", "--params-file", "p.yaml").fails(2)
    assert "p.yaml:2:7" in result.err
    typed.write("bad.json", "{")
    assert "bad.json" in typed.run("typed", "--params-file", "bad.json").fails(2).err
    assert "absent.yaml" in typed.run("typed", "--params-file", "absent.yaml").fails(2).err


def test_a_broken_json_file_is_told_in_plain_words_at_its_place(typed):
    typed.write("p.json", '{"release": "1.2",\n "jobs": "\\u0000"}\n')
    result = typed.run("typed", "--params-file", "p.json").fails(2)
    assert "a NUL character cannot stand in a param\n --> p.json:2:11\n" in result.err
    assert "^^^^^^" in result.err and "JSON_" not in result.err and "required" not in result.err
    typed.write("p.json", "")
    result = typed.run("typed", "--params-file", "p.json", "--release=1.2").fails(2)
    assert "the file is empty\n --> p.json:1:1" in result.err


def test_help_of_a_job_is_made_from_its_manifest(typed, pair):
    result = typed.run("typed", "--help").ok()
    for part in ("--mode VALUE", "one of debug, release", "default: debug", "--verbose, --no-verbose", "required",
                 "MY_TOKEN", "The version to make", "--force"):
        assert part in result.out, part
    result = pair.run("use", "--help").ok()
    assert "from job 'build', output 'bin', lands at in/app" in result.out
    assert "used/result" in result.out


def test_lists_are_values_of_their_own_and_enum_lists_have_one_order(workspace):
    workspace.ignore("out")
    workspace.manifest("lists", """\
        params:
          on: {type: list, of: {type: enum, values: [a, b, c]}, default: all, help: O}
        script: echo "$PARAM_ON" > out
        outputs: {o: out}
        """)
    workspace.commit()
    workspace.run("lists").ok()
    assert workspace.read("out") == "a\nb\nc\n"
    workspace.run("lists", "--on", "c", "--on", "a").ok()
    assert workspace.read("out") == "a\nc\n"
    assert "nothing to do" in workspace.run("lists", "--on", "a", "--on", "c").ok().err
    assert sorted(p.parent.name for p in workspace.receipts()) == ["on=a+b+c", "on=a+c"]


def test_a_long_variant_becomes_a_digest(workspace):
    workspace.ignore("out")
    workspace.manifest("long", """\
        params: {text: {type: string, default: x, help: T}}
        script: echo x > out
        outputs: {o: out}
        """)
    workspace.commit()
    workspace.run("long", "--text", "é/ " * 60).ok()
    workspace.run("long", "--text", "a b/c").ok()
    names = sorted(p.parent.name for p in workspace.receipts())
    assert names[1] == "text=a%20b%2Fc"
    assert names[0].startswith("sha256=") and len(names[0]) == 7 + 64


def test_the_platform_of_this_machine_is_a_default(workspace):
    import platform
    name = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}[platform.machine()]
    workspace.manifest("host", """\
        params: {platform: {type: enum, values: [linux-x64, linux-arm64], default: host, help: P, variant: false}}
        command: [echo, "${params.platform}"]
        """)
    workspace.commit()
    assert workspace.run("host").ok().out == name + "\n"


@pytest.mark.parametrize("shell", ["[sh, -c, {}]", "[/bin/bash, -euc, {}, x]", "[bash, --norc, -c, {}]"])
def test_a_placeholder_behind_sh_c_is_refused(workspace, shell):
    command = shell.replace("{}", '"echo ${params.text}"')
    workspace.manifest("bad", f"params: {{text: {{type: string, default: x, help: T}}}}\ncommand: {command}\n")
    result = workspace.run("bad").fails(120)
    assert "shell-placeholder" in result.err and "$PARAM_TEXT" in result.err
    workspace.commit()
    workspace.manifest("good", "params: {text: {type: string, default: x, help: T, variant: false}}\n"
                               "command: [sh, -c, 'echo \"$1 $PARAM_TEXT\"', sh, \"${params.text}\"]\n")
    assert workspace.run("good", "--text", "$(id)").ok().out == "$(id) $(id)\n"


def test_a_list_takes_the_values_of_another_param(workspace):
    workspace.manifest("build", """\
        params:
          platform: {type: enum, values: [linux-x64, macos-arm64, windows-x64], default: linux-x64}
          platforms: {type: list, of: {values-of: platform}, default: all}
        command: [echo, "on ${params.platform}", {each: "${params.platforms}", args: ["${each}"]}]
        """)
    workspace.commit()
    assert "on linux-x64 linux-x64 macos-arm64 windows-x64" in workspace.run("build").ok().out
    some = workspace.run("build", "--platforms", "windows-x64", "--platforms", "linux-x64").ok()
    assert "on linux-x64 linux-x64 windows-x64" in some.out
    wrong = workspace.run("build", "--platforms", "macos-arm65").fails(2)
    assert "is not one of linux-x64, macos-arm64, windows-x64" in wrong.err
    assert "did you mean 'macos-arm64'?" in wrong.err
    told = workspace.run("build", "--help").ok().out
    assert "list, each one of linux-x64, macos-arm64, windows-x64; default: all of them" in told
