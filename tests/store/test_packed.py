"""Outputs that are packed into one archive, and what lands of them."""
import json
import os
import random
import resource
import signal
import subprocess
import tarfile
import time

import pytest

from archives import member, tar, temporary_files
from conftest import Workspace, peak_kib
from test_trees import snapshot

pytestmark = pytest.mark.store

FORMATS = ["tar.zst", "tar.gz"]


def set_up(workspace, form="tar.zst", more=""):
    workspace.ignore("/tree/", "/copy/")
    workspace.manifest("make", f"""\
        command: ['true']
        outputs: {{tree: {{path: tree/, pack: {form}{more}}}}}
        """)
    workspace.manifest("take", "inputs: {tree: {from: make, to: copy/}}\nscript: test -d copy\n")
    workspace.commit()
    return workspace


@pytest.fixture
def packed(workspace):
    return set_up(workspace)


def archive_of(workspace):
    (found,) = [p for p in workspace.store.rglob("tree.tar.*") if p.is_file()]
    return found


def entry_of(workspace):
    (entry,) = json.loads(workspace.receipts()[0].read_text())["predicate"]["jobrun_receipt"]["entries"]
    return entry


def round_trip(workspace):
    workspace.run("make").ok()
    workspace.run("take").ok()
    assert snapshot(workspace.root / "copy") == snapshot(workspace.root / "tree")
    assert temporary_files(workspace.top) == []


def odd_files():
    """Everything that a tar of the old kind could not hold, and more."""
    deep = "/".join(f"folder-{i:02}" for i in range(40))
    yield "n" * 150, "over 100 bytes", 0o644
    yield "n" * 255, "as long as a name can be", 0o644
    yield f"{deep}/{'d' * 200}", "a path over 255 bytes", 0o600
    for mode in (0o755, 0o444, 0o700, 0o640):
        yield f"modes/m{mode:o}", f"{mode}", mode
    for name in ("with space", "ünïcödé 漢字", ".hidden", "a=b,c", "$(id)", "*", "-x", "quote'\""):
        yield f"names/{name}", name, 0o644
    yield "ü" * 60 + "/" + "漢" * 80, "long and not ASCII", 0o644
    yield "empty", "", 0o644


def write_tree(workspace, count, order, age):
    tree = workspace.root / "tree"
    files = list(odd_files())
    files += [(f"d{i % 100}/f{i}", f"content {i}\n", 0o755 if i % 7 == 0 else 0o644) for i in range(count)]
    order(files)
    folders = {os.path.dirname(path) for path, _, _ in files}
    for folder in folders:
        (tree / folder).mkdir(parents=True, exist_ok=True)
    for path, text, mode in files:
        file = tree / path
        with open(file, "w") as stream:
            stream.write(text)
        os.chmod(file, mode)
        os.utime(file, (age, age))
    for folder in ("empty-folder/below", "d1/empty"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    for i in range(50):
        os.symlink(f"../d{i}/f{i}", tree / f"names/link{i}")
    os.symlink("no-such-target", tree / "dangling")
    os.symlink("ünïcödé/" + "t" * 120, tree / "long-target")
    os.symlink("names", tree / "to-folder")


@pytest.mark.parametrize("form", FORMATS)
def test_modes_links_empty_folders_and_odd_names_survive(workspace, form):
    set_up(workspace, form)
    write_tree(workspace, 10, lambda files: None, 1)
    round_trip(workspace)
    entry = entry_of(workspace)
    assert (entry["path"], entry["packed"]) == (f"tree.{form}", form)
    assert entry["packed_files"] == 10 + len(list(odd_files())) + 53
    assert archive_of(workspace).stat().st_size == entry["size"]


def test_fifty_thousand_files_are_one_object_and_come_back(packed):
    write_tree(packed, 50000, lambda files: None, 1)
    round_trip(packed)
    assert [p.name for p in packed.store.rglob("*") if p.is_file()].count("receipt.json") == 1
    assert len([p for p in packed.store.rglob("*") if p.is_file()]) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_files_are_the_same_bytes_wherever_they_lie(tmp_path, form):
    one = set_up(Workspace(tmp_path / "one"), form)
    other = set_up(Workspace(tmp_path / "elsewhere"), form)
    write_tree(one, 2000, lambda files: None, 1)
    write_tree(other, 2000, random.Random(1).shuffle, 1_000_000_000)
    one.run("make").ok()
    other.run("make", env={"LC_ALL": "C", "TZ": "Asia/Tokyo"}).ok()
    assert archive_of(one).read_bytes() == archive_of(other).read_bytes()
    before = archive_of(one).read_bytes()
    one.run("make", "--force").ok()
    assert archive_of(one).read_bytes() == before


def test_an_archive_says_nothing_of_who_made_it(workspace):
    set_up(workspace, "tar.gz")
    workspace.write("tree/b/f", "text", mode=0o640)
    workspace.write("tree/a", "text")
    (workspace.root / "tree/b/e").mkdir()
    workspace.run("make").ok()
    with tarfile.open(archive_of(workspace)) as archive:
        found = [(m.name, m.mode, m.mtime, m.uid, m.gid, m.uname, m.gname, m.type) for m in archive]
    assert found == [("a", 0o644, 0, 0, 0, "", "", b"0"), ("b/e", 0o755, 0, 0, 0, "", "", b"5"),
                     ("b/f", 0o640, 0, 0, 0, "", "", b"0")]
    assert archive_of(workspace).read_bytes()[3:8] == b"\0" * 5


@pytest.mark.slow
def test_three_gibibytes_are_packed_and_unpacked_with_flat_memory(packed):
    size = 3 << 30
    packed.manifest("make", f"script: mkdir -p tree && truncate -s {size} tree/big && printf end >> tree/big\n"
                            "outputs: {tree: {path: tree/, pack: tar.zst}}\n")
    for job in ("make", "take"):
        process = packed.spawn(job)
        peak = peak_kib(process)
        assert process.returncode == 0
        if "asan" not in str(os.environ.get("JOBRUN", "")):
            assert 0 < peak < 64 * 1024, f"{peak} KiB"
    assert (packed.root / "copy/big").stat().st_size == size + 3


@pytest.mark.parametrize("more, said", [
    (", count: 2", None), (", count: 3", "2 files matched, and the manifest wants 3"),
    (", min: 3", "at least 3"), (", max: 1", "at most 1"),
])
def test_a_count_is_of_the_files_inside(workspace, more, said):
    set_up(workspace, more=more)
    workspace.write("tree/a")
    workspace.write("tree/d/b")
    if said is None:
        workspace.run("make").ok()
    else:
        assert said in workspace.run("make").fails(118).err
        assert workspace.receipts() == [] and temporary_files(workspace.top) == []


def test_a_second_run_skips_and_says_what_there_is(packed):
    packed.write("tree/a", "x")
    assert "make: packed 1 file, 1 B, into 'tree.tar.zst', " in packed.run("make").ok().err
    assert "nothing to do" in packed.run("make").ok().err


def test_its_files_do_not_make_the_tree_look_changed(packed):
    packed.write(".gitignore", "")
    packed.commit()
    packed.write("tree/a", "x")
    packed.run("make").ok()
    assert "nothing to do" in packed.run("make").ok().err


def test_a_tracked_file_in_it_counts_as_changed(packed):
    packed.ignore("/copy/")
    packed.write("tree/a", "tracked")
    packed.manifest("make", "script: date +%N > tree/a\noutputs: {tree: {path: tree/, pack: tar.zst}}\n")
    packed.commit()
    assert "warning: tracked files changed" in packed.run("make").ok().err
    assert "runs again" in packed.run("make").ok().err


def test_what_is_right_is_left_alone(packed):
    packed.write("tree/a", "a")
    packed.write("tree/b", "b")
    round_trip(packed)
    kept = packed.root / "copy/a"
    before = kept.stat().st_mtime_ns, kept.stat().st_ino
    (packed.root / "copy/b").write_text("wrong")
    packed.write("copy/other", "not the archive's")
    err = packed.run("take").ok().err
    assert "fetched 1 file, 1 B" in err and "; 1 more in place already" in err
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == before
    assert packed.read("copy/b") == "b" and packed.read("copy/other") == "not the archive's"
    assert "all files of the inputs are in place already" in packed.run("take").ok().err


def test_the_path_of_the_input_is_the_folder(packed):
    packed.write("tree/a", "a")
    packed.run("make").ok()
    packed.manifest("take", 'inputs: {tree: {from: make, to: copy/}}\ncommand: [cat, "${inputs.tree.path}/a"]\n')
    assert packed.run("take").ok().out == "a"


def test_the_plan_has_one_landing_and_fetches_nothing(packed):
    packed.write("tree/a", "a")
    assert "tree: tree/, packed as tar.zst" in packed.run("make", "--dry-run").ok().out
    packed.run("make").ok()
    out = packed.run("take", "--dry-run").ok().out
    assert "copy/ (" in out and "from input 'tree', unpacked from a tar.zst)" in out
    assert not (packed.root / "copy").exists()
    assert "packed as a tar.zst" in packed.run("make", "--help").ok().out


# --- what may not be ---


def test_the_place_of_a_packed_output_is_a_folder(packed):
    packed.manifest("take", "inputs: {tree: {from: make, to: copy}}\nscript: test -d copy\n")
    err = packed.run("take").fails(120).err
    assert "input 'tree' is unpacked, and 'copy' is the name of one file\n --> manifests/take.yaml:3:33\n" in err
    assert "has 'pack'" in err and "end 'to' with '/'" in err


def test_a_packed_output_is_not_unpacked_once_more(packed):
    packed.manifest("take", "inputs: {tree: {from: make, to: copy/, unpack: tar.zst}}\nscript: test -d copy\n")
    err = packed.run("take").fails(120).err
    assert "'unpack' is for an archive that the producer makes itself" in err
    assert "\n --> manifests/take.yaml:3:40\n" in err
    assert "leave 'unpack' out" in err


def test_the_files_of_a_packed_output_are_not_known(packed):
    packed.write("tree/a", "a")
    packed.manifest("take", "inputs: {tree: {from: make, to: copy/}}\ncommand: [cat, {files: tree}]\n")
    for _ in range(2):
        err = packed.run("take", "--dry-run").fails(120).err
        assert "input 'tree' is packed, so its files are not known" in err
        assert "\n --> manifests/take.yaml:4:24\n" in err
        assert "use the folder: ${inputs.tree.path}" in err
        packed.run("make").ok()


def test_a_folder_with_tracked_files_is_not_unpacked_into(packed):
    packed.write("tree/a", "new")
    packed.ignore("/tree/")
    packed.write("copy/mine", "mine")
    packed.commit()
    packed.run("make").ok()
    err = packed.run("take").fails(121).err
    assert "input 'tree' would be unpacked into 'copy/', which holds files that git tracks: 'copy/mine'\n" \
           " --> manifests/take.yaml:3:23\n" in err
    assert "in a folder of its own" in err
    assert os.listdir(packed.root / "copy") == ["mine"]


def test_a_repository_of_its_own_below_the_folder_is_not_written_to(packed):
    packed.write("tree/sub/d/a", "new")
    packed.write("tree/b", "b")
    packed.run("make").ok()
    subprocess.run(["git", "init", "-q", str(packed.root / "copy/sub")], env=packed.environment, check=True)
    err = packed.run("take").fails(123).err
    assert "input 'tree' would land on 'copy/sub/d/a', in a git repository of its own: 'copy/sub'" in err
    assert os.listdir(packed.root / "copy") == ["sub"] and os.listdir(packed.root / "copy/sub") == [".git"]


def test_archives_that_bring_the_same_file_are_a_clash(packed):
    packed.manifest("more", "command: ['true']\noutputs: {tree: {path: tree/d/, pack: tar.gz}}\n")
    packed.manifest("take", """\
        inputs:
          one: {from: make, to: copy/}
          two: {from: more, to: copy/d/}
        command: [ls, copy]
        """)
    packed.write("tree/d/a", "a")
    packed.run("make").ok()
    packed.run("more").ok()
    err = packed.run("take").fails(120).err
    assert "inputs 'one' and 'two' cannot both land" in err and "'copy/d/a'" in err
    assert not (packed.root / "copy").exists() and temporary_files(packed.top) == []


def test_archives_that_bring_different_files_share_a_folder(packed):
    packed.manifest("more", "command: ['true']\noutputs: {o: {path: tree/d/*.txt, pack: tar.gz}, p: tree/d/plain}\n")
    packed.manifest("take", """\
        inputs:
          one: {from: make, to: copy/}
          two: {from: more, output: o, to: copy/}
          three: {from: more, output: p, to: copy/d/other}
        command: [find, copy, -type, f]
        """)
    packed.write("tree/d/a.txt", "a")
    packed.write("tree/d/plain", "p")
    packed.run("make").ok()
    packed.run("more").ok()
    assert sorted(packed.run("take").ok().out.split()) == \
        ["copy/a.txt", "copy/d/a.txt", "copy/d/other", "copy/d/plain"]


def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_is_written(packed):
    packed.write("tree/a/b", "b")
    packed.write("tree/c", "c")
    packed.write("copy/a", "in the way")
    packed.run("make").ok()
    assert "copy/a" in packed.run("take").fails(123).err
    assert os.listdir(packed.root / "copy") == ["a"] and packed.read("copy/a") == "in the way"
    assert temporary_files(packed.top) == []


# --- from this machine ---


def test_a_local_folder_stands_for_what_is_in_the_archive(packed):
    packed.write("mine/d/a", "mine")
    packed.run("take", "--input", "tree=mine").ok()
    assert packed.read("copy/d/a") == "mine"


def test_a_local_archive_is_unpacked(packed):
    packed.write("tree/a", "a")
    packed.run("make").ok()
    archive = archive_of(packed).rename(packed.top / "mine.tar.zst")
    packed.run("take", "--input", f"tree={archive}").ok()
    assert packed.read("copy/a") == "a"
    assert temporary_files(packed.top) == []
    (packed.top / "mine.tar.zst").write_bytes(tar(member("a", b"a")))
    err = packed.run("take", "--input", f"tree={archive}").fails(2).err
    assert f"cannot unpack '{archive}', which stands for input 'tree': it is not a 'tar.zst'" in err
    assert "help: name the archive, or a folder that stands for what is in it" in err
    assert err.count("is taken from") == 1


def test_without_a_fetch_the_folder_is_taken_as_it_lies(packed):
    packed.write("copy/d/a", "as it lies")
    packed.run("take", "--no-fetch").ok()
    assert packed.read("copy/d/a") == "as it lies"


# --- what is cut off ---


FULL_DISK = """
#define _GNU_SOURCE
#include <sys/statvfs.h>
int fstatvfs64(int fd, struct statvfs64 *room)
{
    (void)fd;
    *room = (struct statvfs64){.f_frsize = 4096, .f_blocks = 1000000, .f_bavail = 2};
    return 0;
}
"""


def test_what_the_disk_has_no_room_for_is_refused_before_the_first_file(packed):
    packed.write("tree/a", "a" * 5000)
    packed.write("tree/b", "b" * 5000)
    packed.run("make").ok()
    source = packed.top / "full.c"
    source.write_text(FULL_DISK)
    library = packed.top / "full.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    full = {"LD_PRELOAD": str(library), "ASAN_OPTIONS": "verify_asan_link_order=0"}
    err = packed.run("take", env=full).fails(123).err
    assert "cannot unpack the inputs: 9.8 KiB are needed, and the disk has 8.0 KiB left" in err
    assert not (packed.root / "copy").exists() and temporary_files(packed.top) == []
    packed.write("copy/a", "a" * 5000, mode=0o644)
    packed.run("take", env=full).ok()


def limit(bytes_max):
    def apply():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))
    return apply


def test_a_full_disk_leaves_nothing_of_an_archive_that_is_packed(packed):
    packed.write("tree/big", random.Random(1).randbytes(4 << 20))
    assert "cannot pack output 'tree'" in packed.run("make", preexec_fn=limit(1 << 20)).fails(123).err
    assert packed.receipts() == [] and temporary_files(packed.top) == []
    round_trip(packed)


def test_a_full_disk_leaves_nothing_of_an_archive_that_is_unpacked(packed):
    """A file that compresses well: its archive fits, and it does not."""
    packed.write("copy/first", "old")
    packed.write("tree/first", "new")
    packed.write("tree/middle", b"\0" * (4 << 20))
    packed.write("tree/z", "z")
    packed.run("make").ok()
    assert "cannot unpack" in packed.run("take", preexec_fn=limit(1 << 20)).fails(123).err
    assert os.listdir(packed.root / "copy") == ["first"] and packed.read("copy/first") == "old"
    assert temporary_files(packed.top) == []


def wait_for_temporary_file(folder, process):
    while not temporary_files(folder):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.001)


@pytest.mark.parametrize("job, folder", [("make", ".jobrun/tmp"), ("take", "copy")])
def test_what_a_killed_run_left_is_swept_by_the_next(packed, job, folder):
    os.truncate(packed.write("tree/d/big"), 128 << 20)
    packed.write("tree/d/a", "a")
    if job == "take":
        packed.run("make").ok()
    process = packed.spawn(job, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for_temporary_file(packed.root / folder, process)
    process.kill()
    process.wait()
    assert [p.name for p in (packed.root / "copy").rglob("*") if p.is_file()
            and not p.name.startswith(".jobrun-tmp-")] == []
    round_trip(packed)
