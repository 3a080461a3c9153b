"""`stdout`: the file that the command's standard output also goes to."""
import resource

import pytest

pytestmark = pytest.mark.store


@pytest.fixture
def make(workspace):
    workspace.ignore("/dist/", "/in/")
    workspace.write("src/a.txt", "tracked\n")
    workspace.commit()

    def run(path, *arguments, script="echo out; echo err >&2", more="", **options):
        workspace.manifest("make", f"stdout: {path}\n{more}script: {script}\n")
        return workspace.run("make", *arguments, **options)
    run.root = workspace.root
    run.workspace = workspace
    return run


def test_it_gets_the_bytes_of_standard_output_alone(make):
    result = make("dist/deep/log.txt", script=r"printf 'a\nb\0c'; echo err >&2").ok()
    assert (make.root / "dist/deep/log.txt").read_bytes() == b"a\nb\0c"
    assert result.out.startswith("a\nb") and "err\n" in result.err


def test_what_was_there_is_gone_also_where_nothing_is_written(make):
    make.workspace.write("dist/x", "a long text of an earlier run\n", mode=0o444)
    other = make.root / "dist/other"
    other.hardlink_to(make.root / "dist/x")
    make("dist/x", script="'true'").ok()
    assert (make.root / "dist/x").read_bytes() == b""
    assert other.read_text() == "a long text of an earlier run\n"


def test_it_may_be_an_output(make):
    make("dist/x", more="outputs: {o: dist/x}\n")
    make.workspace.commit()
    make("dist/x", "--force", more="outputs: {o: dist/x}\n").ok()
    content = next(make.workspace.receipts()[-1].parent.glob("*/o/x"))
    assert content.read_text() == "out\n"


def test_it_does_not_make_the_tree_look_changed(make):
    more = "outputs: {o: dist/o}\n"
    script = "echo x; mkdir -p dist; echo 1 > dist/o"
    make("said.txt", more=more, script=script)
    (make.root / "said.txt").unlink()
    make.workspace.commit()
    make("said.txt", "--force", more=more, script=script).ok()
    assert "nothing to do" in make("said.txt", more=more, script=script).ok().err


def test_a_tracked_file_is_refused_before_anything_is_touched(make):
    make.workspace.write("dist/a")
    result = make("src/a.txt", more="clean: [dist]\n").fails(121)
    assert "git tracks it" in result.err
    assert make.workspace.read("src/a.txt") == "tracked\n"
    assert (make.root / "dist/a").exists()


def test_places_that_are_not_for_it_are_refused(make):
    (make.root / "dist/folder").mkdir(parents=True)
    (make.root / "dist/link").symlink_to("folder")
    (make.root / "dist/to-folder").symlink_to("folder")
    make.workspace.write("dist/sub/.git/HEAD")
    make.workspace.write("dist/file")
    for path, why in (("dist/folder", "folder"), ("dist/link", "plain file"),
                      ("dist/to-folder/x", "not a folder"), ("dist/sub/x", "repository"),
                      ("dist/file/x", "not a folder")):
        assert why in make(path).fails(121).err, path
    store = {"JOBRUN_STORE": str(make.root / "dist/store")}
    assert "not a place" in make("dist/store/x", env=store).fails(121).err
    make("dist/folder", more="clean: [dist/folder]\n").ok()
    assert make.workspace.read("dist/folder") == "out\n"


def test_an_input_does_not_land_there(make):
    make.workspace.manifest("other", "script: mkdir -p dist; echo 1 > dist/o\noutputs: {o: dist/o}\n")
    make.workspace.commit()
    make.workspace.run("other").ok()
    more = "inputs: {x: {from: other, to: in/}}\n"
    assert "where input 'x' lands" in make("in/o", more=more).fails(120).err
    make("in/said", more=more).ok()
    assert make.workspace.read("in/said") == "out\n"


def test_a_value_that_leads_astray_is_a_usage_error(make):
    params = "params: {name: {type: string, default: x, help: N}}\n"
    make("dist/${params.name}", "--name", "..", more=params).fails(2)
    make("dist/${params.name}", "--name", "y", more=params).ok()
    assert make.workspace.read("dist/y") == "out\n"


def limit_file_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))


def test_a_disk_that_is_full_fails_the_job(make):
    more = "outputs: {o: dist/x}\n"
    script = "head -c 1000000 /dev/zero; sleep 30"
    make("dist/x", more=more, script=script, timeout=60, preexec_fn=limit_file_size,
         restore_signals=False)
    make.workspace.commit()
    result = make("dist/x", "--force", more=more, script=script, timeout=25,
                  preexec_fn=limit_file_size, restore_signals=False)
    assert result.status not in (0, 141)
    assert "cannot write 'dist/x'" in result.err
    assert make.workspace.receipts() == []


def test_a_dry_run_and_the_help_say_it(make):
    assert "standard output also to dist/x\n" in make("dist/x", "--dry-run").ok().out
    assert not (make.root / "dist").exists()
    assert "standard output also goes to:\n  dist/x\n" in make("dist/x", "--help").ok().out
