"""The layers of src/, and that check_layers.py sees a breach of each rule."""
import shutil

import pytest
from conftest import REPOSITORY

import check_layers


def test_the_sources_keep_the_layers():
    assert check_layers.check(REPOSITORY / "src") == []


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(REPOSITORY / "src", tmp_path / "src")


@pytest.mark.parametrize("path, text, problem", [
    ("base/planted.c", '#include "sys/fs.h"\n', "base/ may not include sys/"),
    ("manifest/planted.h", '#  include "sys/fd.h"\n', "manifest/ may not include sys/"),
    ("store/planted.c", '#include "job/plan.h"\n', "store/ may not include job/"),
    ("job/planted.c", '#include "sys/git.h"\n', "job/ may not include sys/"),
    ("job/contextual.c", '#include "sys/git.h"\n', "job/ may not include sys/"),
    ("run/planted.c", '#include "cli/report.h"\n', "run/ may not include cli/"),
    ("cli/planted.c", '#include "report.h"\n', '"report.h" does not name its floor'),
    ("cli/planted.c", '#include "base/nothing.h"\n', '"base/nothing.h" is not there'),
    ("cli/planted.c", "#include <yaml.h>\n", "<yaml.h> is known to manifest/document.c alone"),
    ("sys/planted.c", "#include <openssl/evp.h>\n",
     "<openssl/evp.h> is known to store/jwt.c alone"),
    ("store/planted.c", "#include <openssl/sha.h>\n",
     "<openssl/sha.h> is known to base/digest.c alone"),
    ("run/planted.c", "void f(void) { exit(1); }\n", "exit() is called in cli/main.c alone"),
    ("cli/planted.c", "void f(void *p) { free (p); }\n", "free() is called in"),
    ("cli/planted.c", "void *f(void) { return malloc(1); }\n", "malloc() is called in"),
    ("other/planted.c", "int x;\n", "is on no floor of the table"),
    ("base/planted.txt", "text\n", "is no source file"),
])
def test_a_planted_breach_is_found(copy, path, text, problem):
    planted = copy / path
    planted.parent.mkdir(exist_ok=True)
    planted.write_text("\n" + text)
    found = check_layers.check(copy)
    assert [p for p, _, _ in found] == [planted]
    assert problem in found[0][2]


@pytest.mark.parametrize("path, text", [
    ("job/context_more.c", '#include "sys/git.h"\n'),
    ("store/planted.c", '#include "sys/fs.h"\n#include <stdlib.h>\n'),
    ("run/planted.c", '/* calls exit(1) and free(p);\n#include "cli/report.h" */\n'
                      'const char *s = "exit(1)"; void f(void) { _exit(1); o->free(p); }\n'),
])
def test_what_is_allowed_is_not_reported(copy, path, text):
    (copy / path).write_text(text)
    assert check_layers.check(copy) == []


def test_a_table_that_is_not_understood_is_a_problem(copy):
    readme = copy / "README.md"
    readme.write_text(readme.read_text().replace("| base, sys |", "| base, cellar |"))
    found = check_layers.check(copy)
    assert [(p.name, text) for p, _, text in found] == [
        ("README.md", "the row of 'store' names no floor: 'cellar'")]
