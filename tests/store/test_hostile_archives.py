"""Archives that no one should unpack are refused before anything is written."""
import gzip
import io
import json
import lzma
import os
import shutil
import tarfile
import zipfile

import pytest

from conftest import Workspace

from archives import member, replace_archive, tar, temporary_files

pytestmark = pytest.mark.store

LONG = "/".join(["x" * 200] * 21)
SPARSE = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "holes",
          "GNU.sparse.realsize": str(1 << 40)}
SPARSE_MAP = b"1\n1099511627775\n1\n".ljust(512, b"\0") + b"x"
GOOD = tar(member("good", b"good"))
LINK, HARD, FOLDER = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE


def huge():
    """A header that promises more than any disk has, and nothing behind it."""
    info, _ = member("huge")
    info.size = 1 << 59
    return gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 10240)


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "a")
    return buffer.getvalue()


HOSTILE = {
    "an absolute path": (tar(member("/etc/x")), "is absolute"),
    "a path that climbs": (tar(member("../x")), "has a '..' segment"),
    "a path that climbs later": (tar(member("a/../../x")), "has a '..' segment"),
    "a path that climbs behind dots": (tar(member("./../x")), "has a '..' segment"),
    "a segment that is a dot": (tar(member("a/./b")), "has a '.' segment"),
    "an empty segment": (tar(member("a//b")), "has an empty segment"),
    "an empty name": (tar(member(".", kind=LINK, target="a")), "is empty"),
    "a backslash": (tar(member("a\\b")), "has a backslash"),
    "a control character": (tar(member("a\x1b[2Jb")), "has a control character"),
    "a line end": (tar(member("a\nb")), "has a control character"),
    "a name that is not UTF-8": (tar(member("\udcff\udcfe"), form=tarfile.USTAR_FORMAT), "not UTF-8"),
    "git's folder": (tar(member(".git/hooks/pre-commit", b"x", mode=0o755)), "'.git' or '.jobrun'"),
    "jobrun's folder": (tar(member("a/.JobRun/x")), "'.git' or '.jobrun'"),
    "one path twice": (tar(member("a", b"1"), member("a", b"2")), "two entries have the path"),
    "one path twice with a dot": (tar(member("a", b"1"), member("./a", b"2")), "two entries have the path"),
    "a folder that is a file too": (tar(member("a", kind=FOLDER), member("a")), "two entries have the path"),
    "something below a file": (tar(member("a"), member("a/b")), "which is a file"),
    "something below a link": (tar(member("a", kind=LINK, target="b"), member("a/x")), "which is a link"),
    "a hard link": (tar(member("a"), member("b", kind=HARD, target="a")), "is a hard link"),
    "a hard link that leaves": (tar(member("b", kind=HARD, target="../../x")), "is a hard link"),
    "a character device": (tar(member("null", kind=tarfile.CHRTYPE)), "is neither a file"),
    "a block device": (tar(member("disk", kind=tarfile.BLKTYPE)), "is neither a file"),
    "a fifo": (tar(member("pipe", kind=tarfile.FIFOTYPE)), "is neither a file"),
    "a file of holes": (tar(member("holes", SPARSE_MAP, pax=SPARSE)), "is a file with holes"),
    "an absolute link": (tar(member("l", kind=LINK, target="/etc/passwd")), "leaves the output"),
    "a link that climbs": (tar(member("d/l", kind=LINK, target="../../x")), "leaves the output"),
    "a link that climbs later": (tar(member("l", kind=LINK, target="d/../../x")), "leaves the output"),
    "a link to nothing": (tar(member("l", kind=LINK, target="")), "leaves the output"),
    "a control character in a target": (tar(member("l", kind=LINK, target="a\tb")), "is in its target"),
    "a path that is too long": (tar(member(LONG)), "is too long"),
    "a name that is too long": (tar(member("d/" + "x" * 256)), "has a name that is too long"),
    "more than the disk has": (huge(), "than the "),
    "no end": (gzip.compress(gzip.decompress(GOOD)[:1024]), "cut off"),
    "a cut within a file": (gzip.compress(gzip.decompress(tar(member("a", b"x" * 2000)))[:1600]), "cannot be read"),
    "a cut within the compression": (GOOD[:-12], "truncated"),
    "something behind the tar": (gzip.compress(gzip.decompress(GOOD) + b"x" * 512), "behind its end"),
    "a second archive behind the first": (GOOD + GOOD, "behind its end"),
    "something behind the compression": (GOOD + b"garbage", "behind its end"),
    "another format": (lzma.compress(gzip.decompress(GOOD)), "it is not a 'tar.gz'"),
    "no compression": (gzip.decompress(GOOD), "it is not a 'tar.gz'"),
    "compression twice": (gzip.compress(GOOD), "it is not a 'tar.gz'"),
    "a zip": (gzip.compress(zipped()), "it "),
    "nothing": (b"", "it "),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A workspace for all of them: what differs is in the store alone."""
    workspace = Workspace(tmp_path_factory.mktemp("stage"))
    workspace.ignore("/tree/", "/x.tar.gz", "/copy/")
    workspace.manifest("pack", """\
        script: mkdir -p tree && echo good > tree/good
        outputs: {tree: {path: tree/, pack: tar.gz}}
        """)
    workspace.manifest("make", "command: ['true']\noutputs: {tree: x.tar.gz}\n")
    workspace.manifest("take", "inputs: {tree: {from: pack, to: copy/}}\ncommand: [ls, copy]\n")
    workspace.manifest("unpack", """\
        inputs: {tree: {from: make, to: copy/, unpack: tar.gz}}
        command: [ls, copy]
        """)
    workspace.commit()
    workspace.run("pack").ok()
    workspace.store.rename(workspace.root / ".jobrun/packed")
    return workspace


@pytest.fixture
def stage(built):
    yield built
    for path in (built.store, built.root / "copy", built.top / "outside"):
        if path.is_symlink():
            path.unlink()
        shutil.rmtree(path, ignore_errors=True)


def publish(stage, way, data, files=1, size=0):
    if way == "unpack":
        stage.write("x.tar.gz", data)
        stage.run("make").ok()
    else:
        shutil.copytree(stage.root / ".jobrun/packed", stage.store)
        replace_archive(stage.receipts()[0], data, files, size)


@pytest.mark.parametrize("way", ["take", "unpack"])
@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.replace(" ", "-"))
def test_an_archive_with(stage, way, case):
    data, said = HOSTILE[case]
    publish(stage, way, data)
    result = stage.run(way).fails(123)
    assert said in result.err, result
    assert "of input 'tree'" in result.err and "cannot unpack" in result.err, result
    assert "\x1b" not in result.err
    assert not (stage.root / "copy").exists()
    assert temporary_files(stage.top) == []
    assert set(os.listdir(stage.top)) - {"cache"} == {"store", "work"}


@pytest.mark.parametrize("way", ["take", "unpack"])
def test_the_same_ways_unpack_a_good_one(stage, way):
    data = tar(member("./", kind=FOLDER), member("./d/", kind=FOLDER),
               member("./d/a", b"text", mode=0o6755), member("d/l", kind=LINK, target="../d/a"))
    publish(stage, way, data, files=2, size=4)
    assert stage.run(way).ok().out == "d\n"
    assert stage.read("copy/d/a") == "text"
    assert (stage.root / "copy/d/a").stat().st_mode & 0o7777 == 0o755
    assert os.readlink(stage.root / "copy/d/l") == "../d/a"


def test_a_name_ends_where_a_nul_is(stage):
    """What is behind a NUL reaches nobody: not a path that climbs either."""
    publish(stage, "unpack", tar(member("x", b"text", pax={"path": "name\0/../../../up"})))
    result = stage.run("unpack")
    assert result.status in (0, 123), result
    assert set(os.listdir(stage.top)) - {"cache"} == {"store", "work"}
    assert sorted(os.listdir(stage.root / "copy")) == ["name"] if result.status == 0 else \
        not (stage.root / "copy").exists()


@pytest.mark.parametrize("files, size", [(2, 4), (1, 5), (0, 4)])
def test_an_archive_that_is_not_what_its_receipt_says(stage, files, size):
    publish(stage, "take", tar(member("a", b"text")), files, size)
    result = stage.run("take").fails(123)
    assert f"it holds 1 files of 4 bytes, its receipt says {files} of {size}" in result.err
    assert "make and publish it again" in result.err and "pack --force" in result.err
    assert not (stage.root / "copy").exists()


@pytest.mark.parametrize("change, said", [
    (lambda e: e.update(packed="zip"), "an archive is none that jobrun makes"),
    (lambda e: e.update(packed="tar.zst"), "an archive is none that jobrun makes"),
    (lambda e: e.update(packed_files=-1), "what an archive holds is no number"),
    (lambda e: e.pop("packed_size"), "what an archive holds is no number"),
])
def test_a_receipt_with_a_wrong_archive(stage, change, said):
    shutil.copytree(stage.root / ".jobrun/packed", stage.store)
    receipt = stage.receipts()[0]
    document = json.loads(receipt.read_text())
    change(document["predicate"]["jobrun_receipt"]["entries"][0])
    receipt.write_text(json.dumps(document))
    assert said in stage.run("take").fails(123).err


def test_what_is_refused_names_the_way_out(stage):
    publish(stage, "unpack", tar(member("a"), member("b", kind=HARD, target="a")))
    assert "tar --hard-dereference" in stage.run("unpack").fails(123).err


def test_a_landing_folder_behind_a_link_is_not_unpacked_into(stage):
    publish(stage, "unpack", GOOD)
    outside = stage.top / "outside"
    outside.mkdir()
    os.symlink(outside, stage.root / "copy")
    assert stage.run("unpack").status != 0
    assert list(outside.iterdir()) == []
    assert temporary_files(stage.top) == []
