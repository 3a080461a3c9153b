"""`unpack`: an archive that the producer made itself."""
import pytest

from archives import temporary_files

pytestmark = pytest.mark.store


@pytest.fixture
def archives(workspace):
    workspace.ignore("/out/", "/copy/", "/used")
    workspace.manifest("make", """\
        script: |
          mkdir -p out/tree/d out/tree/empty
          echo a > out/tree/d/a; chmod 750 out/tree/d/a; ln -sf d/a out/tree/link
          tar --create --gzip --file out/tree.tar.gz --directory out/tree .
        outputs: {tgz: out/tree.tar.gz, both: out/tree/}
        """)
    take(workspace, "{from: make, output: tgz, to: copy/, unpack: tar.gz}")
    workspace.commit()
    return workspace


def take(workspace, declared, command='[cat, "${inputs.tree.path}/d/a"]'):
    workspace.manifest("take", f"inputs:\n  tree: {declared}\ncommand: {command}\noutputs: {{u: {{path: used, optional: true}}}}\n")


def test_what_is_in_the_archive_lands(archives):
    archives.run("make").ok()
    assert archives.run("take").ok().out == "a\n"
    copy = archives.root / "copy"
    assert (copy / "d/a").stat().st_mode & 0o7777 == 0o750
    assert (copy / "link").is_symlink() and (copy / "empty").is_dir()
    assert not (copy / "tree.tar.gz").exists()
    assert temporary_files(archives.top) == []


def test_a_zst_is_unpacked_that_another_job_packed(archives):
    """A producer's own archive, made by jobrun itself for the lack of a zstd here."""
    archives.run("make").ok()
    archives.manifest("pack", "command: ['true']\noutputs: {t: {path: out/tree/, pack: tar.zst}}\n")
    archives.run("pack").ok()
    (packed,) = [p for p in archives.store.rglob("t.tar.zst") if p.is_file()]
    archives.write("out/own.tar.zst", packed.read_bytes())
    archives.manifest("make", "command: ['true']\noutputs: {tgz: out/own.tar.zst}\n")
    take(archives, "{from: make, to: copy/, unpack: tar.zst}")
    archives.run("make").ok()
    assert archives.run("take").ok().out == "a\n"


def test_the_plan_and_the_help_say_so(archives):
    archives.run("make").ok()
    assert "copy/ (" in archives.run("take", "--dry-run").ok().out
    assert "unpacked from a tar.gz" in archives.run("take", "--dry-run").ok().out
    assert "lands at copy/, unpacked from a tar.gz" in archives.run("take", "--help").ok().out


def test_a_consumer_skips_until_the_archive_is_another_one(archives):
    archives.write("used", "u")
    archives.run("make").ok()
    archives.run("take").ok()
    assert "nothing to do" in archives.run("take").ok().err


def test_the_format_must_be_the_one_that_is_said(archives):
    archives.run("make").ok()
    take(archives, "{from: make, output: tgz, to: copy/, unpack: tar.zst}")
    err = archives.run("take").fails(123).err
    assert "cannot unpack 'tree.tar.gz' of input 'tree': it is not a 'tar.zst'" in err
    assert not (archives.root / "copy").exists()


def test_one_file_is_unpacked_and_not_several(archives):
    archives.run("make").ok()
    take(archives, "{from: make, output: both, to: copy/, unpack: tar.gz}")
    err = archives.run("take").fails(120).err
    assert "input 'tree' has 3 files, and 'unpack' takes one archive\n --> manifests/take.yaml:4:47\n" in err


def test_a_place_that_becomes_one_files_name_is_refused(archives):
    archives.manifest("take", """\
        params: {place: {type: enum, values: [copy], default: copy, help: P}}
        inputs: {tree: {from: make, output: tgz, to: "${params.place}", unpack: tar.gz}}
        command: [ls]
        """)
    err = archives.run("take").fails(120).err
    assert "input 'tree' is unpacked, and 'copy' is the name of one file" in err
    assert "end 'to' with '/'" in err


def test_an_optional_input_that_is_absent_unpacks_nothing(archives):
    take(archives, "{from: make, output: tgz, to: copy/, unpack: tar.gz, optional: true}", "[echo, done]")
    assert archives.run("take").ok().out == "done\n"
    assert not (archives.root / "copy").exists()


def test_a_local_archive_and_a_local_folder(archives):
    archives.run("make").ok()
    assert archives.run("take", "--input", "tree=out/tree.tar.gz", "--force").ok().out == "a\n"
    assert (archives.root / "copy/link").is_symlink()
    archives.write("mine/d/a", "mine\n")
    assert archives.run("take", "--input", "tree=mine", "--force").ok().out == "mine\n"


def test_it_is_unpacked_into_a_folder_that_is_there(archives):
    archives.write("copy/d/older", "stays")
    archives.run("make").ok()
    archives.run("take").ok()
    assert archives.read("copy/d/older") == "stays"
    assert "in place already" in archives.run("take", "--force").ok().err


def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_is_touched(archives):
    archives.write("out/old", "old")
    archives.run("make").ok()
    archives.write("copy", "in the way")
    archives.ignore("/out/", "/copy", "/used")
    archives.manifest("take", "inputs: {tree: {from: make, output: tgz, to: copy/, unpack: tar.gz}}\n"
                              "clean: [out/old]\ncommand: [ls, copy]\n")
    archives.commit()
    archives.run("make").ok()
    assert "input 'tree' cannot land on 'copy': a file is there" in archives.run("take").fails(121).err
    assert archives.read("out/old") == "old"


def test_of_an_empty_archive_the_folder_is_there(archives):
    archives.manifest("make", "script: mkdir -p out; tar czf out/e.tar.gz -T /dev/null\noutputs: {tgz: out/e.tar.gz}\n")
    take(archives, "{from: make, to: copy/d/, unpack: tar.gz}", '[find, "${inputs.tree.path}"]')
    archives.run("make").ok()
    assert archives.run("take").ok().out == f"{archives.root}/copy/d\n"


def test_an_else_that_is_no_archive_is_named(archives):
    archives.write("default.tar.gz", "no archive")
    take(archives, "{from: make, output: tgz, to: copy/, unpack: tar.gz, optional: true, else: default.tar.gz}")
    archives.commit()
    err = archives.run("take").fails(120).err
    assert "cannot unpack 'default.tar.gz', which stands for input 'tree': it is not a 'tar.gz'" in err
    assert err.count("stands for it") == 1
    assert not (archives.root / "copy").exists()


def test_without_libarchive_the_run_is_refused_before_it_begins(archives):
    """The name of the library is looked for among what there is to load."""
    archives.run("make").ok()
    archives.write("fake/libarchive.so.13", "no library")
    result = archives.run("take", env={"LD_LIBRARY_PATH": str(archives.root / "fake")})
    assert result.status == 121, result
    assert "libarchive, which packs and unpacks, cannot be used" in result.err
    assert "install it: libarchive13 (Debian, Ubuntu)" in result.err
    assert not (archives.root / "copy").exists()
    archives.run("make", env={"LD_LIBRARY_PATH": str(archives.root / "fake")}).ok()
