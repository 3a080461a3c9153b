"""What jobrun says of the rules of lint: the list, and each with its examples.

    rules.py JOBRUN         prints the page schema/rules.md

An example is the text of a small repository (src/manifest/rule.def says how it is
written); `Example` takes it apart.
"""
import re
import subprocess
import sys
import typing

LINT = "jobrun lint"
SECTIONS = ("bad example:", "good example:")

PAGE_HEAD = """\
# The rules of jobrun lint

What `jobrun lint` finds, and `jobrun lint --explain RULE` explains. This page is made
from the table of the rules by `make reference`.

The examples are shown by `jobrun lint`, unless another command is named. An error also
stops a run of the job, a warning does not.
"""


class Rule(typing.NamedTuple):
    id: str
    group: str
    severity: str
    summary: str


class Explained(typing.NamedTuple):
    rule: Rule
    text: str   # its paragraphs
    bad: str
    good: str


class Example:
    """The files of an example, and the command that shows what it is an example of."""

    def __init__(self, text):
        self.files = {}
        self.command = LINT
        if text.startswith("$ "):
            line, text = text.split("\n", 1)
            self.command = line[2:]
        first, *parts = re.split(r"^--- (\S+)\n", text, flags=re.MULTILINE)
        self.is_named = not first
        if first:
            self.files[f"manifests/{job_of(first)}.yaml"] = first
        self.files.update(zip(parts[::2], parts[1::2]))


def job_of(manifest):
    named = re.search(r"^job: ([\w.-]+)$", manifest, re.MULTILINE)
    return named[1] if named else "example"


def printed(jobrun, *arguments):
    return subprocess.run([jobrun, "lint", *arguments, "--color", "never"], check=True,
                          capture_output=True, text=True).stdout


def listed(jobrun):
    """All rules, in their order."""
    found, group = [], None
    for line in printed(jobrun, "--list-rules").splitlines():
        if line.startswith("  "):
            id, severity, summary = line.split(maxsplit=2)
            found.append(Rule(id, group, severity, summary))
        elif line:
            group = line
    return found


def indented(lines):
    return "".join(line[4:] + "\n" for line in lines).strip("\n") + "\n"


def explained(jobrun, rule):
    text = printed(jobrun, "--explain", rule.id)
    head, group, empty, *lines = text.splitlines()
    assert head == f"{rule.severity}[{rule.id}]: {rule.summary}", head
    assert (group, empty) == (f"group: {rule.group}", ""), group
    bad, good = (lines.index(section) for section in SECTIONS)
    return Explained(rule, "\n".join(lines[:bad]).strip("\n") + "\n", indented(lines[bad + 1:good]),
                     indented(lines[good + 1:]))


def heading(group):
    """Not the group's name alone, which may be a rule's too: the anchors must differ."""
    return f"Group: {group}"


def plain(text):
    """Markdown that shows the text as it is."""
    text = re.sub(r"([\\`*\[\]<>|]|(?<!\w)_|_(?!\w))", r"\\\1", text)
    return re.sub(r"^([#+-]|\d+\.)", r"\\\1", text, flags=re.MULTILINE)


def blocks(head, example):
    """The files of an example, with their names where it gives them."""
    by = "" if example.command == LINT else f", shown by `{example.command}`"
    parts = [f"{head}{by}:\n"]
    for path, text in example.files.items():
        suffix = path.rpartition(".")[2]
        language = {"yml": "yaml", "yaml": "yaml", "toml": "toml"}.get(suffix, "text")
        parts += [f"`{path}`\n"] if example.is_named else []
        parts.append(f"```{language}\n{text}```\n")
    return parts


def section(jobrun, rule):
    parts = explained(jobrun, rule)
    return "\n".join([f"### {rule.id}\n", f"{rule.severity.capitalize()}: {plain(rule.summary)}.\n",
                      plain(parts.text), *blocks("Bad", Example(parts.bad)),
                      *blocks("Good", Example(parts.good))])


def page(jobrun):
    rules = listed(jobrun)
    parts = [PAGE_HEAD, "| rule | severity | what it finds |\n|---|---|---|\n" + "".join(
        f"| [{rule.id}](#{rule.id}) | {rule.severity} | {plain(rule.summary)} |\n" for rule in rules)]
    group = None
    for rule in rules:
        if rule.group != group:
            group = rule.group
            parts.append(f"## {heading(group)}\n")
        parts.append(section(jobrun, rule))
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page(sys.argv[1]))
