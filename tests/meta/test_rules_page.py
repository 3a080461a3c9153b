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
    assert rules.plain("a * b_c `d` <e>\n- f\n1. g") == "a \\* b\\_c \\`d\\` \\<e\\>\n\\- f\n\\1. g"


def test_what_reads_manifests_reports_by_the_table_alone():
    """A severity or an id that is written at its place could be another than the rule's."""
    found = []
    for folder in ("manifest", "lint"):
        for path in sorted((REPOSITORY / "src" / folder).glob("*.c")):
            text = path.read_text()
            found += [f"{path.name}: {call}" for call in re.findall(r"\bdiag_(?:error|warning)\(", text)]
            found += [f"{path.name}: {call}" for call in re.findall(r"\bdiag_from_error\([^;]*\"[a-z-]+\"", text)]
    assert found == []
