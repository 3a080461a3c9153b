"""What a fetch may touch, and what a store that is not as it should be leads to."""
import hashlib
import json
import os
import subprocess
import time

import pytest

pytestmark = pytest.mark.store


@pytest.fixture
def pair(workspace):
    """`build` publishes out/, `use` takes it into in/."""
    workspace.ignore("/out/", "/in/", "/fin")
    workspace.manifest("build", "command: ['true']\noutputs: {o: out/}\n")
    workspace.manifest("use", "inputs: {i: {from: build, to: in/}}\nscript: echo done > fin\noutputs: {u: fin}\n")
    workspace.commit()
    workspace.write("out/a/one", "first")
    workspace.write("out/two", "second")
    return workspace


def receipt_of(workspace, job):
    path = workspace.address(job) / "receipt.json"
    return path, json.loads(path.read_text())


def sealed(document):
    """The receipt with the content's name made anew, and its subjects."""
    record = document["predicate"]["jobrun_receipt"]
    record["entries"].sort(key=lambda e: f"{e['output']}/{e['path']}".encode())
    lines = b""
    for entry in record["entries"]:
        kind = entry["kind"]
        mode = entry["mode"] if kind == "file" else {"link": "link", "folder": "dir"}[kind]
        last = entry.get("sha256", "") if kind == "file" else entry.get("target", "")
        lines += f"{entry['output']}/{entry['path']}\0{mode}\0{entry.get('size', 0)}\0{last}\n".encode()
    record["content"] = hashlib.sha256(lines).hexdigest()[:16]
    return json.dumps(document)


def test_files_that_a_submodule_tracks_are_not_overwritten(pair):
    source = pair.top / "source"
    for command in (["init", "-q", str(source)], ["-C", str(source), "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *command], env=pair.environment, check=True)
    (source / "two").write_text("PRECIOUS")
    subprocess.run(["git", "-C", str(source), "add", "-A"], env=pair.environment, check=True)
    subprocess.run(["git", "-C", str(source), "commit", "-q", "-m", "y"], env=pair.environment, check=True)
    pair.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(source), "sub")
    pair.manifest("use", "inputs: {i: {from: build, to: sub/}}\nscript: echo done > fin\noutputs: {u: fin}\n")
    pair.commit()
    pair.run("build").ok()
    err = pair.run("use").fails(121).err
    assert "in a git repository of its own: 'sub'" in err and "manifests/use.yaml:" in err
    assert err.count("error") == 1
    assert pair.read("sub/two") == "PRECIOUS"


def test_a_lost_first_publish_with_force_is_an_error_and_without_it_is_not(workspace):
    workspace.ignore("/out/", "/go")
    workspace.manifest("j", """\
        script: |
          mkdir -p out; touch out/ready
          while [ ! -e go ]; do sleep 0.02; done
          echo "$PWD" > out/f
        outputs: {o: out/f}
        """)
    for number, (options, status) in enumerate((((), 0), (("--force",), 123))):
        workspace.commit()
        other = workspace.top / f"other{number}"
        workspace.git("clone", "-q", str(workspace.root), str(other))
        (other / "go").touch()
        run = workspace.spawn("j", *options)
        while not (workspace.root / "out/ready").exists():
            time.sleep(0.02)
        workspace.run("j", cwd=other).ok()
        workspace.write("go")
        _, err = run.communicate(timeout=60)
        assert run.returncode == status, err
        assert "another run" in err
        path, document = receipt_of(workspace, "j")
        content = document["predicate"]["jobrun_receipt"]["content"]
        assert (path.parent / content / "o/f").read_text() == f"{other}\n"
        (workspace.root / "go").unlink()
        (workspace.root / "out/ready").unlink()


@pytest.mark.parametrize("name", [".git/hooks/post-commit", "a/.GIT/config", ".jobrun/x", "a/.jobrun"])
def test_a_receipt_that_names_a_reserved_place_is_damage(pair, name):
    pair.run("build").ok()
    path, document = receipt_of(pair, "build")
    document["predicate"]["jobrun_receipt"]["entries"].append({"output": "o", "path": name, "kind": "folder"})
    path.write_text(sealed(document))
    err = pair.run("use").fails(123).err
    assert "is damaged" in err and "where nothing may land" in err and "--force" in err
    assert not (pair.root / "in").exists()


def test_a_reserved_place_is_never_published(pair):
    for name in (".git/x", ".jobrun/x", "a/.git", "a/.jobrun/b"):
        pair.write(f"out/{name}", "no")
    pair.run("build").ok()
    _, document = receipt_of(pair, "build")
    entries = document["predicate"]["jobrun_receipt"]["entries"]
    assert [entry["path"] for entry in entries] == ["a/one", "two"]


@pytest.mark.folder_store(reason="create-only credentials put nothing in the place of a damaged object")
def test_damage_that_a_download_finds_says_what_to_do_and_leaves_nothing(pair):
    pair.run("build").ok()
    damaged = next(pair.address("build").rglob("two"))
    damaged.write_text("SECOND")
    err = pair.run("use").fails(123).err
    assert "help: make and publish it again: " in err and "build --force" in err
    assert not (pair.root / "in").exists()
    pair.run("build", "--force").ok()
    pair.run("use").ok()
    assert pair.read("in/two") == "second"


@pytest.mark.folder_store(reason="a bucket has no folders")
def test_a_folder_in_the_place_of_a_receipt_is_damage_and_not_absence(pair):
    (pair.address("build") / "receipt.json").mkdir(parents=True)
    pair.manifest("use", "inputs: {i: {from: build, to: in/, optional: true}}\nscript: echo done > fin\noutputs: {u: fin}\n")
    err = pair.run("use").fails(123).err
    assert "receipt.json': a folder is in the place of the file" in err
    err = pair.run("build", "--force").fails(123).err
    assert "a folder is in the place of the file" in err and "help: remove that folder" in err
    assert pair.receipts() == [pair.address("build") / "receipt.json"]


@pytest.mark.folder_store(reason="a bucket has no folders")
def test_a_folder_in_the_place_of_a_published_file_is_named(pair):
    pair.run("build").ok()
    path, document = receipt_of(pair, "build")
    path.unlink()
    file = next(pair.address("build").rglob("two"))
    file.unlink()
    file.mkdir()
    err = pair.run("build").fails(123).err
    assert "two': a folder is in the place of the file" in err and "help: remove that folder" in err
    file.rmdir()
    pair.run("build").ok()


def test_what_a_store_above_the_workspace_holds_is_no_output(workspace):
    workspace.store = workspace.root.parent
    workspace.environment["JOBRUN_STORE"] = str(workspace.root.parent)
    workspace.manifest("build", "script: echo 1 > made\noutputs: {o: '**/made'}\n")
    workspace.commit()
    workspace.run("build").ok()
    inside = workspace.root / workspace.head / "job/o/made"
    inside.parent.mkdir(parents=True)
    inside.write_text("of the store")
    workspace.run("build", "--force").ok()
    _, document = receipt_of(workspace, "build")
    entries = document["predicate"]["jobrun_receipt"]["entries"]
    assert [entry["path"] for entry in entries] == ["made"]


def test_inputs_land_in_folders_that_are_there_and_in_deep_new_ones(pair):
    pair.write("out/x/y/z/deep", "deep")
    os.makedirs(pair.root / "out/x/empty/one")
    os.makedirs(pair.root / "in/x")
    pair.write("in/x/mine", "mine")
    pair.run("build").ok()
    pair.run("use").ok()
    assert pair.read("in/x/y/z/deep") == "deep" and pair.read("in/x/mine") == "mine"
    assert (pair.root / "in/x/empty/one").is_dir()
