"""The corpus: texts of manifests, fragments and jobrun.yaml, with what is to be said of each.

A file holds several, each below a line

    === NAME good              both lint and the schema take it
    === NAME bad RULE          lint finds this rule's problem, and the schema refuses it
    === NAME lint RULE: WHY    lint alone refuses it; WHY is a key of REASONS
    === NAME schema: WHY       the schema alone refuses it

A manifest gets `job: NAME`, `help` and, where it executes nothing, a command; with
`whole` at the end of the line it is taken as it is, as other kinds always are.
"""
import base64
import pathlib
import re

FOLDER = pathlib.Path(__file__).parent
DIAGNOSTICS = FOLDER.parent / "cli" / "diagnostics"

# Why one of the two can say what the other cannot.
REASONS = {
    "file": "a schema does not know the name of the file",
    "reference": "a schema cannot compare a value with what stands elsewhere in the file",
    "number": "YAML readers give a number and not its spelling (1.0, 01, 0x1F)",
    "word": "YAML readers give true for True, and null for NULL and ~",
    "reader": "YAML readers take it, and a schema does not see it any more",
    "inside": "a schema cannot compute with a number or pattern inside of a text",
    "twice": "uniqueItems would take 3.1 and 3.10, plain numbers, for the same",
    "empty": "a file without a value has nothing that a schema could look at",
}
HEADER = re.compile(r"=== (\S+) (good|bad|lint|schema)(?: (?!whole$)([a-z-]+))?(?:: (\w+))?( whole)?")


class Entry:
    def __init__(self, kind, header, text):
        match = HEADER.fullmatch(header)
        assert match, f"not the head of an entry: {header}"
        self.kind = kind
        self.name, self.verdict, self.rule, self.reason, whole = match.groups()
        self.text = text if whole or kind != "job" else self.complete(text)
        assert (self.rule is not None) == (self.verdict in ("bad", "lint")), header
        assert (self.reason is not None) == (self.verdict in ("lint", "schema")), header
        assert self.reason is None or self.reason in REASONS, header

    def complete(self, text):
        command = "" if re.search(r"^(command|script|steps):", text, re.MULTILINE) else "command: [tool]\n"
        return f"job: {self.name}\nhelp: A test.\n{text}{command}"

    def for_judge(self):
        return {"name": self.name, "kind": self.kind, "bytes": encode(self.text.encode())}


def encode(data):
    return base64.b64encode(data).decode()


def read():
    entries = []
    for path in sorted(FOLDER.glob("*.txt")):
        kind = path.stem if path.stem in ("jobrun", "fragment") else "job"
        pieces = re.split(r"^(=== .*)\n", path.read_text(), flags=re.MULTILINE)
        assert pieces[0] == "", f"{path.name} does not begin with an entry"
        entries += [Entry(kind, head, text) for head, text in zip(pieces[1::2], pieces[2::2])]
    return entries


def rule_groups(repository):
    """The group of each rule, from the table that lint itself is made of."""
    table = "".join(path.read_text() for path in sorted((repository / "src/manifest").glob("rule_*.def")))
    return dict(re.findall(r'^RULE\(\w+, "([\w-]+)", "([\w ]+)"', table, re.MULTILINE))


def found_rules(shown):
    """{file: rules} of what lint wrote."""
    found = {}
    for rule, name in re.findall(r"^(?:error|warning)\[([\w-]+)\]: .*\n *--> (.*?):\d+:\d+$", shown,
                                 re.MULTILINE):
        found.setdefault(name, set()).add(rule)
    return found
