"""What goes into the store comes out of it unchanged."""
import hashlib
import os
import stat

import pytest
from conftest import peak_kib

pytestmark = pytest.mark.store


def snapshot(folder):
    """Everything that must survive: kinds, modes, targets, bytes."""
    seen = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            seen[name] = ("link", os.readlink(path))
        elif path.is_dir():
            seen[name] = ("folder",)
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            seen[name] = ("file", stat.S_IMODE(path.stat().st_mode), digest)
    return seen


@pytest.fixture
def trees(workspace):
    workspace.ignore("/tree/", "/copy/", "/seed/")
    workspace.manifest("make", "script: rm -rf tree && cp -a seed tree\noutputs: {tree: tree/}\n")
    workspace.manifest("take", "inputs: {tree: {from: make, to: copy/}}\nscript: test -d copy\n")
    workspace.commit()
    return workspace


def round_trip(workspace):
    workspace.run("make").ok()
    workspace.run("take").ok()
    assert snapshot(workspace.root / "copy") == snapshot(workspace.root / "seed")


def test_modes_links_empty_folders_and_odd_names_survive(trees):
    for mode in (0o644, 0o755, 0o600, 0o444, 0o700):
        trees.write(f"seed/modes/m{mode:o}", f"{mode}", mode=mode)
    for name in ("with space", "quote'\"", "ünïcödé 漢字", ".hidden", "a=b,c", "$(id)", "*", "new~name", "-x", "#"):
        trees.write(f"seed/names/{name}", name)
    trees.write("seed/zero", "")
    trees.write("seed/binary", bytes(range(256)) * 100)
    (trees.root / "seed/empty/below").mkdir(parents=True)
    os.symlink("../zero", trees.root / "seed/names/up")
    os.symlink("no-such-target", trees.root / "seed/dangling")
    os.symlink("modes", trees.root / "seed/to-folder")
    round_trip(trees)


def test_ten_thousand_files_survive(trees):
    for i in range(10000):
        trees.write(f"seed/d{i % 100}/f{i}", f"content {i}\n")
    round_trip(trees)


def test_a_second_fetch_leaves_what_is_right_alone(trees):
    trees.write("seed/a", "a")
    trees.write("seed/b", "b")
    round_trip(trees)
    kept = trees.root / "copy/a"
    before = kept.stat().st_mtime_ns, kept.stat().st_ino
    (trees.root / "copy/b").write_text("wrong")
    trees.run("take").ok()
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == before
    assert (trees.root / "copy/b").read_text() == "b"


def test_the_store_is_never_a_hard_link_of_the_workspace(trees):
    trees.write("seed/a", "right")
    round_trip(trees)
    (trees.root / "tree/a").write_text("overwritten in place")
    (trees.root / "copy/a").write_text("overwritten in place")
    trees.run("take").ok()
    assert (trees.root / "copy/a").read_text() == "right"


def test_a_link_that_leaves_the_output_is_refused(trees):
    (trees.root / "seed").mkdir()
    os.symlink("../../outside", trees.root / "seed/leaves")
    result = trees.run("make").fails(118)
    assert "leaves" in result.err and "manifests/make.yaml:" in result.err
    assert trees.receipts() == []


def test_a_fifo_is_refused(trees):
    (trees.root / "seed").mkdir()
    trees.manifest("make", "script: mkdir -p tree && mkfifo tree/pipe\noutputs: {tree: tree/}\n")
    assert "pipe" in trees.run("make").fails(118).err


def test_globs_find_what_they_say(workspace):
    workspace.ignore("/dist/", "/got/")
    workspace.manifest("make", """\
        script: |
          mkdir -p dist/a/b
          touch dist/x.whl dist/y.whl dist/.h.whl dist/z.txt dist/a/deep.txt dist/a/b/deeper.txt
        outputs:
          wheels: {path: "dist/*.whl", count: 3}
          texts: {path: "dist/**/*.txt", min: 2}
        """)
    workspace.manifest("take", """\
        inputs:
          wheels: {from: make, output: wheels, to: got/w/}
          texts: {from: make, output: texts, to: got/t/}
        command: [find, got, -type, f]
        """)
    workspace.commit()
    workspace.run("make").ok()
    found = sorted(workspace.run("take").ok().out.split())
    assert found == ["got/t/a/b/deeper.txt", "got/t/a/deep.txt", "got/t/z.txt", "got/w/.h.whl",
                     "got/w/x.whl", "got/w/y.whl"]


@pytest.mark.parametrize("spec, said", [
    ('{path: "dist/*.whl", count: 1}', "2"),
    ('{path: "dist/*.none"}', "dist/*.none"),
    ('{path: "absent/x"}', "absent"),
    ('{path: "dist"}', "dist/"),
    ('{path: "dist/*.whl", max: 1}', "at most 1"),
    ('{path: "dist/*.whl", min: 3}', "at least 3"),
])
def test_outputs_that_are_not_as_declared_publish_nothing(workspace, spec, said):
    workspace.manifest("make", f"script: mkdir -p dist && touch dist/a.whl dist/b.whl\noutputs:\n  o: {spec}\n")
    workspace.commit()
    result = workspace.run("make").fails(118)
    assert said in result.err
    assert "manifests/make.yaml:5:" in result.err
    assert workspace.receipts() == []


def test_one_file_cannot_belong_to_two_outputs(workspace):
    workspace.manifest("make", 'script: touch a.x\noutputs: {one: "*.x", two: "a.*"}\n')
    workspace.commit()
    result = workspace.run("make").fails(118)
    assert "'one'" in result.err and "'two'" in result.err and "a.x" in result.err


def test_files_of_credentials_are_never_published(workspace):
    workspace.manifest("make", "script: mkdir -p out && touch out/gha-creds-12ab.json out/a\noutputs: {o: out/}\n")
    workspace.commit()
    workspace.run("make").ok()
    assert [p.name for p in workspace.store.rglob("*") if p.is_file()].count("gha-creds-12ab.json") == 0


def test_conditional_and_optional_outputs(workspace):
    workspace.ignore("*.out")
    workspace.manifest("make", """\
        params: {full: {type: bool, default: false, help: F}}
        script: touch a.out; if [ "$PARAM_FULL" = true ]; then touch b.out; fi
        outputs:
          a: a.out
          b: {path: b.out, when: {full: true}}
          c: {path: c.out, optional: true}
        """)
    workspace.commit()
    assert "published 1 file" in workspace.run("make").ok().err
    assert "published 2 files" in workspace.run("make", "--full").ok().err


def test_two_files_for_one_destination_are_refused(workspace):
    workspace.ignore("*.out", "in")
    for name in "ab":
        workspace.manifest(name, f"script: echo {name} > same.out\noutputs: {{o: same.out}}\n")
    workspace.manifest("both", """\
        inputs: {a: {from: a, to: in/}, b: {from: b, to: in/}}
        command: [ls, in, {files: a}, {files: b}]
        """)
    workspace.commit()
    workspace.run("a").ok()
    workspace.run("b").ok()
    result = workspace.run("both").fails(120)
    assert "in/same.out" in result.err and "'a'" in result.err and "'b'" in result.err
    assert not (workspace.root / "in").exists()


def test_hostile_receipts_are_refused_before_anything_is_written(trees):
    trees.write("seed/a", "a")
    trees.run("make").ok()
    receipt = trees.receipts()[0]
    text = receipt.read_text()
    for name in ("../../escape", "/etc/escape", "x/../../escape", "a/./b", ".git/hooks/x"):
        receipt.write_text(text.replace('"path": "a"', f'"path": "{name}"').replace("tree/a", f"tree/{name}"))
        result = trees.run("take").fails(123)
        assert "damaged" in result.err or "receipt" in result.err
        assert not (trees.root / "copy").exists()


def test_a_landing_place_behind_a_link_is_refused(trees):
    trees.write("seed/a", "a")
    trees.run("make").ok()
    outside = trees.top / "outside"
    outside.mkdir()
    os.symlink(outside, trees.root / "copy")
    assert trees.run("take").status != 0
    assert list(outside.iterdir()) == []


@pytest.mark.slow
def test_three_gibibytes_go_through_with_flat_memory(trees):
    size = 3 << 30
    seed = trees.root / "seed"
    seed.mkdir()
    trees.manifest("make", f"script: mkdir -p tree && truncate -s {size} tree/big && printf end >> tree/big\n"
                           "outputs: {tree: tree/}\n")
    for job in ("make", "take"):
        process = trees.spawn(job)
        peak = peak_kib(process)
        assert process.returncode == 0
        if "asan" not in str(os.environ.get("JOBRUN", "")):
            assert 0 < peak < 64 * 1024, f"{peak} KiB"
    assert (trees.root / "copy/big").stat().st_size == size + 3
