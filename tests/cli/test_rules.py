"""The rules of lint: each is explained, and its examples show it and nothing else."""
import os
import pty
import re
import shlex
import shutil
import sys

import pytest
from conftest import JOBRUN, REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))
import rules  # noqa: E402

RULES = rules.listed(JOBRUN)
SHELLCHECK = shutil.which("shellcheck")
HEAD = re.compile(r"^(error|warning)\[([^\]]*)\]: ", re.MULTILINE)


def problems(result):
    """Severity and rule of each that was reported."""
    return set(HEAD.findall(result.err))


def run_line(workspace, line):
    """A line "VARIABLE=value ... jobrun ..." of an example."""
    words = shlex.split(line)
    env = {}
    while "=" in words[0]:
        name, env[name] = words.pop(0).split("=", 1)
    assert words[0] == "jobrun", line
    return workspace.run(*words[1:], env=env)


@pytest.fixture
def lay_out(workspace, request):
    """A repository with the files of an example, in which git ignores all else."""
    def lay_out(example):
        assert example.files
        for path, text in {".gitignore": "*\n", **example.files}.items():
            workspace.write(path, text)
        workspace.git("add", "--force", ".gitignore", *example.files)
        workspace.commit()
        del workspace.environment["JOBRUN_STORE"]
        if "explained" in request.fixturenames and request.getfixturevalue("explained").rule.id == "shellcheck":
            if SHELLCHECK is None:
                pytest.skip("shellcheck is not installed: make install-deps")
            workspace.environment["JOBRUN_SHELLCHECK"] = SHELLCHECK
        return workspace
    return lay_out


@pytest.fixture(params=RULES, ids=lambda rule: rule.id)
def explained(request):
    return rules.explained(JOBRUN, request.param)


def test_the_bad_example_shows_the_rule_and_no_other(explained, lay_out):
    example = rules.Example(explained.bad)
    workspace = lay_out(example)
    expected = {(explained.rule.severity, explained.rule.id)}
    shown = run_line(workspace, example.command)
    assert problems(shown) == expected, shown
    assert shown.status != 0
    assert problems(workspace.run("lint")) <= expected


def test_the_good_example_shows_none(explained, lay_out):
    example = rules.Example(explained.good)
    workspace = lay_out(example)
    linted = workspace.run("lint").ok()
    assert problems(linted) == set(), linted
    shown = run_line(workspace, example.command).ok()
    assert explained.rule.id not in {rule for _, rule in problems(shown)}, shown


def test_a_rule_is_explained_in_plain_words(explained):
    assert explained.text.strip() and explained.bad.strip() and explained.good.strip()
    paragraphs = [text for text in explained.text.split("\n\n") if not text.startswith("    ")]
    assert len(paragraphs) <= 3
    assert max(map(len, explained.text.splitlines())) <= 80
    assert max(map(len, (explained.bad + explained.good).splitlines())) <= 100
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", explained.rule.id)
    assert re.match(r"[a-z']", explained.rule.summary) and not explained.rule.summary.endswith(".")


def test_the_good_example_is_not_the_bad_one(explained):
    assert explained.good != explained.bad


def test_an_id_is_one_rules_and_a_group_stands_together():
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids)) >= 37
    groups = [rule.group for rule in RULES]
    changes = [group for before, group in zip([None, *groups], groups) if group != before]
    assert len(changes) == len(set(changes))


def test_what_lint_says_of_the_golden_manifests_is_in_the_table():
    """Each rule is shown by an example (above); these show nothing that is no rule."""
    severities = {rule.id: rule.severity for rule in RULES}
    said = set()
    for path in sorted((REPOSITORY / "tests/cli").glob("diagnostics*/**/*.txt")):
        said.update((path.stem, *found) for found in HEAD.findall(path.read_text()))
    assert len(said) > 100
    assert [found for found in said if severities.get(found[2]) != found[1]] == []


def test_explain_and_the_list_need_no_workspace(workspace):
    bare = workspace.top / "bare"
    bare.mkdir()
    shown = workspace.run("lint", "--explain", "unknown-key", cwd=bare).ok()
    assert shown.out.startswith("error[unknown-key]: a key that the language does not have\ngroup: schema\n")
    assert shown.out == workspace.run("lint", "--explain=unknown-key").out
    assert shown.err == ""
    listed = workspace.run("lint", "--list-rules", cwd=bare).ok()
    assert "\n  unused             warning  a param" in listed.out and listed.err == ""


@pytest.mark.parametrize("arguments, words", [
    (("--explain", "unknwn-key"), ["there is no rule 'unknwn-key'", "did you mean 'unknown-key'?"]),
    (("--explain", "zzzzzzzz"), ["there is no rule 'zzzzzzzz'", "jobrun lint --list-rules"]),
    (("--explain", "missing-input"), ["there is no rule 'missing-input'"]),
    (("--explain", "\x1b[2J"), [r"there is no rule '\x1b[2J'"]),
    (("--explain",), ["--explain needs a value: --explain RULE"]),
    (("--explain", "file", "--explain", "type"), ["--explain is given twice: 'file' and 'type'"]),
    (("--explain", "file", "manifests"), ["--explain checks nothing, but 'manifests' is given"]),
    (("--list-rules", "manifests"), ["--list-rules checks nothing, but 'manifests' is given"]),
    (("--list-rules=all",), ["--list-rules takes no value"]),
    (("--list-rules", "--explain", "file"), ["--explain and --list-rules exclude one another"]),
    (("--list-rules", "--list-rule"), ["'lint' has no option '--list-rule'", "did you mean '--list-rules'?"]),
], ids=repr)
def test_what_cannot_be_explained_is_told_with_what_can(workspace, arguments, words):
    result = workspace.run("lint", *arguments).fails(2)
    assert result.out == ""
    assert all(word in result.err for word in words), result


def test_explain_of_a_run_takes_no_rule(pair):
    assert "runs: " in pair.run("build", "--explain").ok().err
    assert "job 'build' has no" in pair.run("build", "--list-rules").fails(2).err


def test_colours_are_for_a_terminal_or_who_asks_for_them(workspace):
    for arguments in (("--explain", "unused"), ("--list-rules",)):
        assert "\x1b[" not in workspace.run("lint", *arguments).ok().out
        colored = workspace.run("lint", *arguments, "--color", "always").ok().out
        assert "\x1b[1m" in colored
        assert re.sub(r"\x1b\[[\d;]*m", "", colored) == workspace.run("lint", *arguments).out
    assert "\x1b[1;33mwarning\x1b[0m[unused]" in workspace.run("lint", "--explain", "unused", "--color=always").out


def on_a_terminal(workspace, *arguments):
    """What jobrun writes where standard error is a terminal."""
    main, other = pty.openpty()
    process = workspace.spawn(*arguments, stderr=other)
    os.close(other)
    shown = b""
    try:
        while piece := os.read(main, 1 << 16):
            shown += piece
    except OSError:
        pass  # how Linux says that nobody writes any more
    os.close(main)
    process.communicate(timeout=60)
    return shown.decode().replace("\r\n", "\n")


HINT = "more about a rule: jobrun lint --explain unknown-key\n"


def test_a_person_is_told_once_how_to_learn_more(workspace):
    workspace.write("manifests/a.yaml", "job: a\nhelp: A.\nkomand: [x]\ncommand: []\n")
    shown = on_a_terminal(workspace, "lint")
    assert shown.endswith("2 errors\n" + HINT) and shown.count("--explain") == 1
    assert "--explain" not in on_a_terminal(workspace, "lint", "-q")
    assert "--explain" not in workspace.run("lint").fails(1).err
    workspace.write("manifests/a.yaml", "job: a\nhelp: A.\ncommand: [x]\n")
    assert "--explain" not in on_a_terminal(workspace, "lint")


def test_help_names_both(workspace):
    shown = workspace.run("lint", "--help").ok().out
    assert "--explain RULE " in shown and "--list-rules " in shown
