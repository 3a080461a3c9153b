"""`secrets`: who sees them, what is shown of them, and what is never published."""
import base64
import json
import os
import pathlib
import pty
import re
import shlex
import subprocess
import urllib.parse

import pytest

from conftest import wait_until

pytestmark = pytest.mark.store

VALUE = "correct-horse/battery+staple"


def log_of(workspace):
    (log,) = (workspace.root / ".jobrun" / "logs").glob("*.log")
    return log.read_bytes()


@pytest.fixture
def show(workspace):
    """Runs a script that has the secret TOKEN, and returns what it showed."""
    workspace.ignore("/data", "/dist/")
    workspace.commit()

    def run(script, *arguments, value=VALUE, more="", status=0, job="say"):
        workspace.manifest(job, f"secrets: [TOKEN]\n{more}script: |\n"
                           + "".join(f"  {line}\n" for line in script.splitlines()))
        return workspace.run(job, *arguments, env={"TOKEN": value}).fails(status)
    run.workspace = workspace
    return run


# --- who sees them ---


def test_only_the_step_that_lists_a_secret_sees_it(workspace):
    workspace.commit()
    workspace.manifest("j", """\
        steps:
          - {name: without, script: 'test "${TOKEN-none}${OTHER-none}" = nonenone'}
          - {name: with, secrets: [TOKEN], script: 'test "$TOKEN${OTHER-none}" = abcdefnone'}
          - {name: both, secrets: [TOKEN, OTHER], script: 'test "$TOKEN$OTHER" = abcdefghijkl'}
          - {name: after, script: 'test "${TOKEN-none}" = none'}
        """)
    workspace.run("j", env={"TOKEN": "abcdef", "OTHER": "ghijkl"}).ok()


@pytest.mark.parametrize("inherit", ["true", "false", '["*"]', "[TOKEN]", "[OTHER]"])
def test_inherit_env_does_not_matter_to_them(workspace, inherit):
    workspace.commit()
    workspace.manifest("j", f"""\
        inherit-env: {inherit}
        steps:
          - {{name: without, script: 'test "${{TOKEN-none}}" = none'}}
          - {{name: with, secrets: [TOKEN], script: 'test "$TOKEN" = abcdef'}}
        """)
    workspace.run("j", env={"TOKEN": "abcdef"}).ok()


def test_a_step_may_set_a_variable_that_another_has_as_a_secret(workspace):
    workspace.commit()
    workspace.manifest("j", """\
        steps:
          - {name: fake, env: {TOKEN: pretend}, script: 'test "$TOKEN" = pretend'}
          - {name: real, secrets: [TOKEN], script: 'test "$TOKEN" = abcdef'}
        """)
    workspace.run("j", env={"TOKEN": "abcdef"}).ok()


def test_a_value_is_in_no_argument_and_in_the_environment_of_its_step_alone(workspace):
    workspace.ignore("/ready*", "/go")
    workspace.commit()
    wait = 'for i in $(seq 1500); do [ -e go ] && exit; sleep 0.02; done'
    workspace.manifest("j", f"""\
        steps:
          - {{name: with, secrets: [TOKEN], script: ': > ready1; {wait}'}}
          - {{name: without, script: 'rm go; : > ready2; {wait}'}}
        """)
    process = workspace.spawn("j", env={"TOKEN": VALUE})

    def sample():
        found = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                environ = (folder / "environ").read_bytes()
                if b"JOB_ROOT=" + bytes(workspace.root) + b"\0" in environ:
                    found[folder.name] = VALUE.encode() in environ
                assert VALUE.encode() not in (folder / "cmdline").read_bytes()
            except OSError:
                pass
        return set(found.values())
    for name, sees in (("ready1", True), ("ready2", False)):
        wait_until((workspace.root / name).exists, "the step does not start")
        assert sample() == {sees}
        workspace.write("go")
        if sees:
            wait_until(lambda: not (workspace.root / "go").exists(), "the next step does not start")
    assert process.wait(timeout=30) == 0


def test_a_credential_of_the_store_is_a_secret_like_others(workspace):
    workspace.commit()
    workspace.manifest("j", """\
        steps:
          - {name: with, secrets: [AWS_SESSION_TOKEN], script: 'test "$AWS_SESSION_TOKEN" = abcdef'}
          - {name: without, script: 'test "${AWS_SESSION_TOKEN-none}" = none'}
        """)
    workspace.run("j", env={"AWS_SESSION_TOKEN": "abcdef"}).ok()


@pytest.mark.parametrize("url,name", [("gs://b", "GOOGLE_APPLICATION_CREDENTIALS"),
                                      ("s3://b/p", "AWS_SECRET_ACCESS_KEY")])
def test_a_credential_that_the_store_needs_is_shown_by_nothing(workspace, url, name):
    """As far as such a store can be named today: it is not opened yet."""
    workspace.commit()
    workspace.manifest("j", f"secrets: [{name}]\ncommand: ['true']\n")
    for arguments in ([], ["--dry-run"], ["--no-publish"]):
        result = workspace.run("j", "--store", url, *arguments, env={name: VALUE})
        assert VALUE not in result.out + result.err


# --- what must be there ---


def test_all_that_is_missing_is_told_at_once_before_anything_runs(workspace):
    workspace.commit()
    workspace.manifest("j", """\
        clean: [gone]
        steps:
          - {name: one, script: ': > ran', secrets: [FIRST, {name: MAYBE, optional: true}]}
          - {name: two, script: ': > ran', secrets: [FIRST, EMPTY, SHORT]}
        """)
    workspace.write("gone")
    result = workspace.run("j", env={"EMPTY": "", "SHORT": "xyz"}).fails(121)
    assert "secret 'FIRST' is not set\n --> manifests/j.yaml:5:46" in result.err
    assert "secret 'EMPTY' is empty\n --> manifests/j.yaml:6:53" in result.err
    assert "secret 'SHORT' is shorter than 4 bytes, and could not be masked\n" in result.err
    assert "help: it is taken from the environment: FIRST=... pixi run j\n" in result.err
    assert result.err.count("'FIRST'") == 1 and "MAYBE" not in result.err.replace(
        "{name: MAYBE", "") and "xyz" not in result.err
    assert not (workspace.root / "ran").exists() and (workspace.root / "gone").exists()


def test_the_command_that_gives_one_has_what_the_run_was_given(workspace):
    workspace.manifest("j", """\
        params:
          release: {type: string, required: true, help: R}
          dry: {type: bool, default: false, help: D}
          of: {type: string, default: a, env: OF, help: O}
        secrets: [TOKEN]
        command: [x, "--release=${params.release}", {when: {dry: true}, args: ["-n${params.of}"]}]
        """)
    workspace.commit()
    result = workspace.run("j", "--release", "a b", "--dry", "--env", "try", env={"OF": "b"}).fails(121)
    assert "TOKEN=... pixi run j --release 'a b' --dry --env try\n" in result.err


def test_what_one_step_must_have_another_may_do_without(workspace):
    workspace.commit()
    workspace.manifest("j", """\
        steps:
          - {name: one, command: [env], secrets: [{name: TOKEN, optional: true}]}
          - {name: two, command: [env], secrets: [TOKEN]}
        """)
    assert "j.yaml:5:43" in workspace.run("j").fails(121).err


@pytest.mark.parametrize("value", [None, ""])
def test_an_optional_one_may_be_missing_or_empty(workspace, value):
    workspace.commit()
    workspace.manifest("j", "secrets: [{name: TOKEN, optional: true}]\n"
                            'script: test "${TOKEN-none}" = none\n')
    workspace.run("j", env={"TOKEN": value}).ok()


def test_an_optional_one_that_is_too_short_is_refused(workspace):
    workspace.commit()
    workspace.manifest("j", "secrets: [{name: TOKEN, optional: true}]\ncommand: ['true']\n")
    assert "shorter than 4 bytes" in workspace.run("j", env={"TOKEN": "abc"}).fails(121).err
    workspace.run("j", env={"TOKEN": "abcd"}).ok()


def test_a_step_that_does_not_run_asks_for_none(workspace):
    workspace.commit()
    workspace.manifest("j", """\
        params: {deploy: {type: bool, default: false, help: D}}
        steps:
          - {name: build, script: 'echo "have abcdef"'}
          - {name: deploy, when: {deploy: true}, command: ['true'], secrets: [TOKEN]}
        """)
    workspace.run("j").ok()
    assert "'TOKEN' is not set" in workspace.run("j", "--deploy").fails(121).err
    # It is the job's all the same.
    assert workspace.run("j", env={"TOKEN": "abcdef"}).ok().out == "have ***\n"


def test_a_job_that_is_skipped_asks_for_none(workspace):
    workspace.ignore("/out")
    workspace.manifest("j", "secrets: [TOKEN]\nscript: echo x > out\noutputs: {o: out}\n")
    workspace.commit()
    workspace.run("j").fails(121)
    workspace.run("j", env={"TOKEN": VALUE}).ok()
    assert "nothing to do" in workspace.run("j").ok().err
    workspace.run("j", "--force").fails(121)


def test_more_than_can_be_masked_is_refused(workspace):
    workspace.commit()
    workspace.manifest("j", "secrets: [A, B]\ncommand: ['true']\n")
    workspace.run("j", env={"A": "a" * 32768, "B": "b" * 32768}).ok()
    result = workspace.run("j", env={"A": "a" * 32768, "B": "b" * 32769}).fails(121)
    assert "have 65537 bytes together, and at most 65536 can be masked" in result.err


def test_help_and_a_dry_run_name_them(workspace):
    workspace.commit()
    workspace.manifest("j", """\
        steps:
          - {name: one, command: ['true'], secrets: [TOKEN, {name: MAYBE, optional: true}]}
          - {name: two, command: ['true'], secrets: [OTHER]}
        """)
    plan = workspace.run("j", "--dry-run", env={"TOKEN": VALUE}).ok()
    assert "  secret TOKEN: set\n  secret MAYBE: not set, optional\n" in plan.out
    assert "  secret OTHER: not set\n" in plan.out
    assert VALUE not in plan.out + plan.err
    text = workspace.run("j", "--help").ok().out
    assert "\nsecrets, from your environment:\n" in text
    assert [line.split(maxsplit=1) for line in text.splitlines() if "for step" in line] == [
        ["TOKEN", "required, for step 'one'"], ["MAYBE", "optional, for step 'one'"],
        ["OTHER", "required, for step 'two'"]]
    workspace.manifest("plain", "secrets: [TOKEN]\ncommand: ['true']\n")
    assert "  TOKEN                   required\n" in workspace.run("plain", "--help").ok().out


# --- what is shown ---


def test_it_is_masked_in_both_streams_and_the_log(show):
    result = show('echo "out $TOKEN."; echo "err $TOKEN." >&2')
    assert result.out == "out ***.\n" and "err ***.\n" in result.err
    assert VALUE not in result.err
    log = log_of(show.workspace)
    assert b"out ***.\n" in log and b"err ***.\n" in log and VALUE.encode() not in log


def forms(value):
    text = value.encode()
    bash = subprocess.run(["bash", "-c", 'printf %q "$1"; printf "\n"; x=$1; declare -p x', "-", value],
                          capture_output=True, text=True, check=True).stdout
    return {
        "base64": base64.b64encode(text).decode(),
        "base64 with a line end": base64.b64encode(text + b"\n").decode(),
        "base64 behind one byte": base64.b64encode(b"x" + text).decode(),
        "base64 behind two bytes": base64.b64encode(b"xy" + text).decode(),
        "base64 of an URL": base64.urlsafe_b64encode(b"user:" + text + b"@x").decode(),
        "base64 in lines": base64.encodebytes(text).decode(),
        "quote": urllib.parse.quote(value),
        "quote all": urllib.parse.quote(value, safe=""),
        "quote in lower case": re.sub("%..", lambda m: m[0].lower(), urllib.parse.quote(value)),
        "form": urllib.parse.quote_plus(value),
        "json": json.dumps(value),
        "json in UTF-8": json.dumps(value, ensure_ascii=False),
        "json with slashes": json.dumps(value).replace("/", "\\/"),
        "shlex": shlex.quote(value),
        "bash": bash,
        "upper case json": re.sub(r"u[0-9a-f]{4}", lambda m: "u" + m[0][1:].upper(), json.dumps(value)),
    }


@pytest.mark.parametrize("value", [
    VALUE, "it's \"a\" $tricky `one`\\", 'tab\tand "quote"', "caf\u00e9 \U0001f600 au lait",
    "a?b&c=d <e> f%g", "x>>>y???z~~~0", "\x01\x02control\x7f",
    "-----BEGIN KEY-----\nMIIB'x\"zz==\nqwer\\tzui\n-----END KEY-----\n",
    "long " + "0123456789abcdef" * 20])
def test_its_forms_are_masked(show, value):
    """What other programs write of it: but for what stands around it, only stars."""
    for name, text in forms(value).items():
        show.workspace.write("data", text)
        shown = show("cat data", value=value).out
        assert "***" in shown, (name, text)
        for line in shown.splitlines():
            assert len(line.replace("***", "")) <= len("declare -- x=$'\\n'"), (name, text, shown)


def test_each_line_of_several_is_masked_alone(show):
    value = "first line\n\n   second line  \nabc\nthird line\n"
    result = show('printf %s "$TOKEN" | while read -r l; do echo "<$l>"; done', value=value)
    assert result.out == "<***>\n<>\n<***>\n<abc>\n<***>\n"
    assert show('printf "<%s>" "$TOKEN"', value=value, job="whole").out == "<***>"
    assert show('echo $TOKEN', value=value, job="words").out == "*** *** abc ***\n"


def test_bytes_that_come_one_by_one_are_masked(show):
    result = show('for ((i = 0; i < ${#TOKEN}; i++)); do printf %s "${TOKEN:i:1}"; done; echo .')
    assert result.out == "***.\n"


def test_a_pause_within_a_value_shows_nothing_of_it(show):
    """What is idle is shown, but for what may be the beginning of a secret."""
    workspace = show.workspace
    workspace.ignore("/go*")
    workspace.manifest("j", """\
        secrets: [TOKEN]
        script: |
          wait_for() { for i in $(seq 1500); do [ -e "$1" ] && return; sleep 0.02; done; }
          printf 'token: %s' "${TOKEN:0:10}"
          wait_for go1
          printf 'x%s' "${TOKEN:0:5}"
          wait_for go2
          printf %s "${TOKEN:5}"
          wait_for go3
        """)
    main, other = pty.openpty()
    process = workspace.spawn("j", env={"TOKEN": VALUE}, stdout=other, stderr=subprocess.DEVNULL)
    os.close(other)
    shown = b""
    for expected, go in ((b"token: ", "go1"), (VALUE[:10].encode() + b"x", "go2"), (b"***", "go3")):
        while len(shown) < len(expected):
            shown += os.read(main, 1)
        assert shown == expected
        shown = b""
        workspace.write(go)
    assert process.wait(timeout=30) == 0
    os.close(main)


def test_what_is_held_comes_at_the_end(show):
    assert show('printf "%s" "${TOKEN:0:10}"').out == VALUE[:10]


def test_long_lines_and_nul_bytes(show):
    result = show(r'head -c 70000 /dev/zero | tr "\0" c; printf "%s\0%s\0\n" "$TOKEN" "$TOKEN"')
    assert result.out == "c" * 70000 + "***\0***\0\n"


def test_several_values_of_which_one_begins_another(workspace):
    workspace.commit()
    workspace.manifest("j", "secrets: [SHORT, LONG, OTHER]\n"
                            'script: echo "$SHORT, $LONG, ${LONG}x, ${LONG%?}, ${LONG%ghi}$OTHER"\n')
    env = {"SHORT": "abcdef", "LONG": "abcdefghi", "OTHER": "ghijkl"}
    assert workspace.run("j", env=env).ok().out == "***, ***, ***x, ***gh, ***\n"


def test_a_job_without_secrets_shows_everything(workspace):
    workspace.commit()
    workspace.manifest("j", 'command: [sh, -c, "echo $TOKEN"]\n')
    assert workspace.run("j", env={"TOKEN": VALUE}).ok().out == VALUE + "\n"


def test_jobruns_own_words_are_masked(show):
    more = "params: {x: {type: string, default: a, pattern: '.*', help: X}}\nenv: {COPY: '${params.x}'}\n"
    for arguments in (["-v"], ["--explain"], ["--dry-run"], ["-v", "--dry-run"]):
        result = show("exit 3", "--x", VALUE, *arguments, more=more,
                      status=0 if "--dry-run" in arguments else 3)
        assert VALUE not in result.out + result.err
    assert "COPY='***'" in result.out or "COPY=***" in result.out
    result = show("exit 3", "--x", VALUE, more=more.replace(".*", "a+"), status=2)
    assert VALUE not in result.err and "***" in result.err
    result = show("exit 3", "--x", "ok", "--log", f"/no/{VALUE}", more=more, status=2)
    assert VALUE not in result.err and "***" in result.err


def test_a_program_that_cannot_be_started_is_named_without_it(workspace):
    workspace.commit()
    workspace.manifest("j", "params: {x: {type: string, default: a, help: X}}\nsecrets: [TOKEN]\n"
                            "command: ['./${params.x}']\n")
    result = workspace.run("j", "--x", "abcdefgh", env={"TOKEN": "abcdefgh"}).fails(127)
    assert "cannot start './***'" in result.err and "abcdefgh" not in result.err


def test_the_manifests_own_lines_are_masked(workspace):
    workspace.commit()
    workspace.manifest("j", "secrets: [TOKEN]\ncommand: [echo]\nworkdri: abcdefgh\n")
    result = workspace.run("j", env={"TOKEN": "abcdefgh"}).fails(120)
    assert "workdri: ***" in result.err and "abcdefgh" not in result.err


# --- what is published ---

MAKE = "outputs: {o: dist/}\n"


def refused(show, script, **options):
    result = show("mkdir -p dist; " + script, more=MAKE, status=121, **options)
    assert show.workspace.receipts() == []
    assert not list(show.workspace.store.rglob("o/*"))
    return result.err


def test_a_file_with_a_secret_in_it_is_not_published(show):
    err = refused(show, 'echo one > dist/a; echo "x=$TOKEN" > dist/b')
    assert "output 'o': file 'dist/b' holds the value of secret 'TOKEN', so nothing is published" in err
    assert "say.yaml:4:14" in err and "dist/a" not in err and VALUE not in err
    assert "help: change the command so that it does not write TOKEN there" in err


def test_all_such_files_are_told_at_once(workspace):
    workspace.ignore("/dist/")
    workspace.commit()
    workspace.manifest("j", "secrets: [A, B]\noutputs: {o: dist/}\nscript: |\n"
                            '  mkdir -p dist; echo "$A" > dist/a; echo "$B" > dist/b\n')
    err = workspace.run("j", env={"A": "aaaaaa", "B": "bbbbbb"}).fails(121).err
    assert "'dist/a' holds the value of secret 'A'" in err
    assert "'dist/b' holds the value of secret 'B'" in err


@pytest.mark.parametrize("before", [0, 1, 65530, 1048570, 4194300])
def test_it_is_found_over_the_borders_of_blocks(show, before):
    err = refused(show, f'(head -c {before} /dev/zero; printf "%s" "$TOKEN") > dist/a')
    assert "file 'dist/a' holds the value of secret 'TOKEN'" in err


def test_a_line_end_of_the_value_is_not_asked_for(show):
    assert "holds the value" in refused(show, 'printf %s "${TOKEN%?}" > dist/a', value=VALUE + "\n")


def test_a_name_and_the_target_of_a_link_are_looked_at_too(show):
    err = refused(show, 'echo > "dist/x-$TOKEN"', value="abcdefgh")
    assert "the name 'dist/x-***' holds the value of secret 'TOKEN'" in err and "abcdefgh" not in err
    err = refused(show, 'rm dist/*; echo > dist/abcd; ln -s ./././abcd dist/l', value="././", job="link")
    assert "the target of link 'dist/l' holds the value of secret 'TOKEN'" in err


def test_the_file_of_stdout_is_as_the_command_wrote_it_and_so_not_published(show):
    result = show('echo "$TOKEN"', more="stdout: data\noutputs: {o: data}\n", status=121)
    assert result.out == "***\n"
    assert show.workspace.read("data") == VALUE + "\n"
    assert "file 'data' holds the value of secret 'TOKEN'" in result.err


def test_without_publishing_it_is_refused_as_well(show):
    assert "holds the value" in show('mkdir -p dist; echo "$TOKEN" > dist/a', "--no-publish",
                                     more=MAKE, status=121).err


def test_the_receipt_has_nothing_of_it(show):
    show('mkdir -p dist; echo "$TOKEN" | sha256sum > dist/a; echo "$TOKEN"', more=MAKE)
    (receipt,) = show.workspace.receipts()
    assert VALUE not in receipt.read_text()
    assert VALUE not in "".join(p.read_text() for p in (show.workspace.root / ".jobrun").rglob("*")
                                if p.is_file())


def test_a_literal_that_is_the_secret_is_masked_in_the_receipt(workspace):
    workspace.ignore("/dist/")
    workspace.commit()
    workspace.manifest("j", "secrets: [TOKEN]\noutputs: {o: dist/}\ncommand: [touch, dist/abcdefg, abcdefgh]\n"
                            "clean: [abcdefgh]\n")
    workspace.write("dist/x")
    workspace.run("j", env={"TOKEN": "abcdefgh"}).ok()
    (receipt,) = workspace.receipts()
    assert "abcdefgh" not in receipt.read_text() and "***" in receipt.read_text()


@pytest.mark.parametrize("param,value", [
    ("{type: string, default: a, help: X}", VALUE.replace("/", "-")),
    ("{type: string, default: a, variant: false, help: X}", f"x{VALUE}x".replace("/", "-")),
    ("{type: list, of: {type: string}, default: [a], help: X}", VALUE.replace("/", "-"))])
def test_a_param_with_its_value_is_not_published(show, param, value):
    more = f"params: {{x: {param}}}\n{MAKE}"
    token = VALUE.replace("/", "-")
    script = 'mkdir -p dist; echo "${PARAM_X:0:1}" > dist/a'
    err = show(script, "--x", value, more=more, value=token, status=121).err
    assert "param 'x' has the value of secret 'TOKEN'" in err and token not in err
    assert not (show.workspace.root / "dist").exists()
    show(script, "--x", "other", more=more, value=token)
    show(script, "--x", value, "--no-publish", more=more, value=token)


def test_a_param_with_its_value_is_not_published_of_a_failure_either(show):
    more = ("params: {x: {type: string, default: a, help: X}}\n"
            "outputs: {log: {path: dist/, on: failure}}\n")
    err = show("mkdir -p dist; touch dist/a; exit 3", "--x", "abcdefgh", more=more, value="abcdefgh",
               status=121).err
    assert "param 'x' has the value of secret 'TOKEN'" in err and "abcdefgh" not in err
    assert not show.workspace.store.exists()
    show("mkdir -p dist; touch dist/a; exit 3", "--x", "abcdefgh", "--no-publish", more=more,
         value="abcdefgh", status=3)


# --- after it ---


def test_a_job_that_is_killed_leaves_no_value_behind(workspace):
    workspace.ignore("/ready")
    workspace.commit()
    workspace.manifest("j", "secrets: [TOKEN]\nscript: |\n  echo \"<$TOKEN\"; : > ready; sleep 60\n")
    process = workspace.spawn("j", env={"TOKEN": VALUE})
    wait_until((workspace.root / "ready").exists, "the job does not start")
    process.terminate()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 143 and out == "<***\n" and VALUE not in err
    for path in workspace.root.rglob("*"):
        assert not path.is_file() or VALUE.encode() not in path.read_bytes(), path
