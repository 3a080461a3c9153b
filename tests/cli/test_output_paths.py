"""Outputs whose `path` is a list."""
import pytest


@pytest.fixture
def lists(workspace):
    workspace.ignore("/dist/", "/notes.txt")
    workspace.manifest("pack", """\
        script: |
          rm -rf dist && mkdir -p dist/doc
          echo wheel > dist/a.whl
          echo page > dist/doc/index.html
          echo "$OUTPUT_ALL" > notes.txt
        outputs:
          all: [notes.txt, "dist/*.whl", "dist/*.tar.gz", dist/doc/]
        """)
    workspace.commit()
    return workspace


def test_all_that_the_paths_name_is_published_by_its_path_in_the_output(lists):
    lists.run("pack").ok()
    content = next(lists.receipts()[0].parent.glob("*/all"))
    assert sorted(p.name for p in content.iterdir()) == ["a.whl", "index.html", "notes.txt"]


def test_the_variable_of_the_output_is_the_place_of_its_first_path(lists):
    lists.run("pack").ok()
    assert lists.read("notes.txt") == f"{lists.root}/notes.txt\n"


def test_the_products_do_not_make_the_tree_look_changed(lists):
    lists.write(".gitignore", "")
    lists.commit()
    lists.run("pack").ok()
    assert "nothing to do" in lists.run("pack").ok().err


def test_a_plain_path_that_is_not_there_is_an_error_though_others_match(lists):
    lists.manifest("pack", """\
        script: mkdir -p dist && echo wheel > dist/a.whl
        outputs:
          all: ["dist/*.whl", dist/b.whl, "dist/*.zip"]
        """)
    lists.commit()
    result = lists.run("pack").fails(118)
    assert "nothing matches 'dist/b.whl'" in result.err
    assert "dist/*.zip" not in result.err.replace('all: ["dist/*.whl", dist/b.whl, "dist/*.zip"]', "")
    assert lists.receipts() == []


def test_a_dry_run_and_the_help_show_every_path(lists):
    shown = lists.run("pack", "--dry-run").ok().out
    for path in ("notes.txt", "dist/*.whl", "dist/*.tar.gz", "dist/doc/"):
        assert f"all: {path}\n" in shown
    assert "notes.txt, dist/*.whl, dist/*.tar.gz, dist/doc/" in lists.run("pack", "--help").ok().out
