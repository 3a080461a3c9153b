"""The local cache of what was fetched from gs://, as a user sees it."""
import shutil

import pytest


@pytest.fixture
def tree(workspace, gcs):
    """`make` publishes three files, and `take` brings them to in/."""
    gcs.settings(write_limit=False)
    workspace.environment.update(gcs.environment)
    workspace.environment["JOBRUN_STORE"] = "gs://bucket/team"
    workspace.environment["JOBRUN_STORE_TIMEOUT"] = "20"
    workspace.ignore("/out/", "/in/")
    workspace.manifest("make", "command: ['true']\noutputs: {tree: out/}\n")
    workspace.manifest("take", "inputs: {tree: {from: make, to: in/}}\ncommand: ['true']\n")
    for name in "abc":
        workspace.write(f"out/{name}", f"{name} of the tree")
    workspace.commit()
    workspace.run("make").ok()
    return workspace


def cached(workspace):
    return sorted(workspace.top.glob("cache/jobrun/content/*/*"))


def take(workspace):
    shutil.rmtree(workspace.root / "in", ignore_errors=True)
    result = workspace.run("take").ok()
    assert [workspace.read(f"in/{name}") for name in "abc"] == [f"{n} of the tree" for n in "abc"]
    return result.err



def files_read(gcs):
    return [entry["name"] for entry in gcs.log() if entry["kind"] == "get-media"
            and not entry["name"].endswith("/receipt.json")]


def test_what_was_fetched_once_is_not_fetched_again(tree, gcs):
    assert "fetched 3 files, 39 B\n" in take(tree)
    assert len(cached(tree)) == len(files_read(gcs)) == 3
    assert "fetched 3 files, 39 B (3 from the cache)" in take(tree)
    assert len(files_read(gcs)) == 3


def test_a_damaged_entry_is_fetched_again(tree):
    take(tree)
    entry = cached(tree)[0]
    entry.write_text("x" * len(entry.read_text()))
    assert "(2 from the cache)" in take(tree)
    assert "(3 from the cache)" in take(tree)


def test_its_size_is_kept(tree):
    tree.write("jobrun.yaml", "cache: {size: 30B}\n")
    tree.commit()
    tree.run("make").ok()
    take(tree)
    assert len(cached(tree)) == 2
    assert "(2 from the cache)" in take(tree)


def test_a_size_of_nothing_turns_it_off(tree):
    tree.write("jobrun.yaml", "cache: {size: 0B}\n")
    tree.commit()
    tree.run("make").ok()
    for _ in range(2):
        assert "fetched 3 files, 39 B\n" in take(tree)
    assert not (tree.top / "cache").exists()


def test_it_is_in_the_home_folder_where_nothing_else_is_said(tree):
    del tree.environment["XDG_CACHE_HOME"]
    tree.environment["HOME"] = str(tree.top / "home")
    take(tree)
    assert len(list(tree.top.glob("home/.cache/jobrun/content/*/*"))) == 3


def test_where_it_cannot_be_used_one_line_says_so(tree):
    (tree.top / "cache").write_text("mine")
    said = take(tree)
    assert said.count("note: nothing is kept in the cache '") == 1
    assert "to do without one: 'cache: {size: 0B}' in jobrun.yaml" in said
    assert "fetched 3 files, 39 B\n" in said


def test_a_folder_store_needs_none(tree):
    store = ["--store", str(tree.store)]
    tree.run("make", *store).ok()
    tree.run("take", *store).ok()
    assert not (tree.top / "cache").exists()
