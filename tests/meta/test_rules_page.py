"""schema/rules.md is what the table of the rules gives, and diagnostics use the table."""
import re
import sys

from conftest import JOBRUN, REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))
import rules  # noqa: E402

PAGE = REPOSITORY / "schema" / "rules.md"


def anchor(heading):
    """As the sites that show Markdown make it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_page_is_in_step():
    assert PAGE.read_text() == rules.page(JOBRUN), "make reference"


def test_every_rule_has_an_anchor_of_its_own():
    text = re.sub(r"^```.*?^```$", "", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    anchors = [anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
    assert len(anchors) == len(set(anchors))
    assert {rule.id for rule in rules.listed(JOBRUN)} <= set(anchors)
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= set(anchors)


def test_text_is_shown_as_it_is():
    assert rules.plain("a * b_c _ `d` <e>\n- f\n1. g") == "a \\* b_c \\_ \\`d\\` \\<e\\>\n\\- f\n\\1. g"


def test_an_example_is_taken_apart():
    example = rules.Example("$ A=b jobrun x --dry-run\n--- manifests/x.yaml\njob: x\n--- .gitignore\n/out/\n")
    assert example.command == "A=b jobrun x --dry-run" and example.is_named
    assert example.files == {"manifests/x.yaml": "job: x\n", ".gitignore": "/out/\n"}
    example = rules.Example("help: X\njob: x.y\n---\nsecond\n")
    assert example.command == "jobrun lint" and not example.is_named
    assert example.files == {"manifests/x.y.yaml": "help: X\njob: x.y\n---\nsecond\n"}
    example = rules.Example("job: x\n--- manifests/shared/y.yaml\nparams: {}\n")
    assert list(example.files) == ["manifests/x.yaml", "manifests/shared/y.yaml"]


def test_what_reads_manifests_reports_by_the_table_alone():
    """A severity or an id that is written at its place could be another than the rule's."""
    found = []
    for folder in ("manifest", "lint"):
        for path in sorted((REPOSITORY / "src" / folder).glob("*.c")):
            text = path.read_text()
            found += [f"{path.name}: {call}" for call in re.findall(r"\bdiag_(?:error|warning)\(", text)]
            found += [f"{path.name}: {call}" for call in re.findall(r"\bdiag_from_error\([^;]*\"[a-z-]+\"", text)]
    assert found == []


LITERAL_ID = re.compile(r'\bdiag_(?:error|warning|from_error)\([^"(]*"([a-z-]+)",')
OF_LINT_TOO = ["job/catalog.c", "job/config.c", "job/context*.c", "run/else.c", "cli/cmd_lint.c",
               "cli/explain.c", "cli/options.c", "cli/report.c"]


def test_what_lint_shares_with_a_run_has_ids_of_the_table():
    assert LITERAL_ID.findall('diag_error(diags, STATUS_USAGE, "usage", NOWHERE,\n "%s", x)') == ["usage"]
    found, count = [], 0
    for pattern in OF_LINT_TOO:
        for path in sorted((REPOSITORY / "src").glob(pattern)):
            count += 1
            found += [f"{path.name}: {id}" for id in LITERAL_ID.findall(path.read_text())]
    assert count >= len(OF_LINT_TOO)
    assert found == []


def test_only_errors_are_reported_with_a_status_of_their_own():
    """rule_report() knows the severity; what has an id alone is diag_error()."""
    rows = "".join(path.read_text() for path in sorted((REPOSITORY / "src/manifest").glob("rule_*.def")))
    severities = dict(re.findall(r"^RULE\((\w+), \"[^\"]+\", \"[^\"]+\", (\w+),", rows, re.MULTILINE))
    assert len(severities) == len(rules.listed(JOBRUN))
    used = {(path.name, name) for path in sorted((REPOSITORY / "src").glob("*/*.c"))
            for call in re.findall(r"\bdiag_(?:error|from_error)\([^;\"]*\brule_id\([^()]*\)", path.read_text())
            for name in re.findall(r"\bRULE_(\w+)", call)}
    assert {name for _, name in used} >= {"USAGE", "PATH"}
    assert [(file, name) for file, name in used if severities[name] != "ERROR"] == []
