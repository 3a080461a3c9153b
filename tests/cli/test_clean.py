"""`clean`: what goes before the inputs land, and what must stay."""
import pytest

pytestmark = pytest.mark.store


@pytest.fixture
def make(workspace):
    workspace.ignore("/dist/", "/build*", "/in/")
    workspace.write("src/main.c", "int main;\n")
    workspace.commit()

    def run(clean, *arguments, more="", script="ls -A dist build 2>/dev/null || true", env=None):
        workspace.manifest("make", f"clean: {clean}\n{more}script: {script}\n")
        return workspace.run("make", *arguments, env=env)
    run.root = workspace.root
    run.workspace = workspace
    return run


def test_files_folders_and_globs_are_removed_before_the_command(make):
    write = make.workspace.write
    write("dist/a.whl", "1")
    write("dist/deep/b", "2")
    write("build-x", "3")
    write("build-y/c", "4")
    write("src/gen/keep.c", "5")
    result = make('[dist, "build-*", nothing/there, "no/*.o", "src/**/*.o"]').ok()
    assert "cleaned: removed 4 files\n" in result.err
    assert not (make.root / "dist").exists()
    assert sorted(p.name for p in make.root.glob("build*")) == []
    assert (make.root / "src/gen/keep.c").exists()
    assert "cleaned" not in make("[dist]").ok().err


def test_a_slash_at_the_end_means_folders_alone(make):
    make.workspace.write("build-x", "a file")
    make.workspace.write("build-y/c", "")
    make.workspace.write("dist", "a file")
    make('["build-*/", dist/]').ok()
    assert (make.root / "build-x").exists() and (make.root / "dist").exists()
    assert not (make.root / "build-y").exists()


def test_links_are_removed_and_not_followed(make):
    outside = make.workspace.top / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    (make.root / "dist").mkdir()
    (make.root / "dist/link").symlink_to(outside)
    (make.root / "build").symlink_to(outside)
    make("[dist, build]").ok()
    assert (outside / "kept").exists()
    assert not (make.root / "build").is_symlink()


@pytest.mark.parametrize("path", ["build/kept", '"build/*"'])
def test_a_way_through_a_link_is_refused(make, path):
    outside = make.workspace.top / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    (make.root / "build").symlink_to(outside)
    make.workspace.write("dist/a")
    assert "symbolic link" in make(f"[dist, {path}]").fails(121).err
    assert (outside / "kept").exists() and (make.root / "dist/a").exists()


@pytest.mark.parametrize("pattern", ["src", '"src/*"', "src/main.c", '"**/*.c"', '"sr?"'])
def test_a_tracked_file_is_never_removed_and_named(make, pattern):
    make.workspace.write("dist/a")
    result = make(f"[dist, {pattern}]").fails(121)
    assert "'clean' would remove 'src/main.c', which git tracks" in result.err
    assert (make.root / "dist/a").exists() and (make.root / "src/main.c").exists()


def test_a_tracked_file_that_is_gone_already_is_no_matter(make):
    (make.root / "src/main.c").unlink()
    make.workspace.write("src/new.o")
    make("[src]").ok()
    assert not (make.root / "src").exists()


def test_repositories_and_jobruns_own_files_stay(make):
    make.workspace.write("build/sub/.git/HEAD", "x")
    make.workspace.write("build/sub/a.o", "x")
    assert "repository" in make("[build]").fails(121).err
    assert "repository" in make('["**/*.o"]').fails(121).err
    assert "repository" in make("[build/sub/a.o]").fails(121).err
    assert (make.root / "build/sub/.git/HEAD").exists()
    make.workspace.write("dist/.jobrun/logs/x")
    assert "jobrun's own files" in make("[dist]").fails(121).err
    assert (make.root / "dist/.jobrun/logs/x").exists()


@pytest.mark.parametrize("pattern", ["dist", "dist/store", "dist/store/dev", '"dist/*"'])
def test_the_store_stays(make, pattern):
    kept = make.workspace.write("dist/store/dev/x")
    store = {"JOBRUN_STORE": str(make.root / "dist/store")}
    result = make(f"[{pattern}]", env=store)
    if pattern == '"dist/*"':
        result.ok()
    else:
        assert "store" in result.fails(121).err
    assert kept.exists()


@pytest.mark.parametrize("value", ["..", ".git", "", "a/b", "*"])
def test_a_value_that_leads_astray_is_a_usage_error(make, value):
    make.workspace.write("dist/a")
    params = "params: {dir: {type: string, min-length: 0, default: dist, help: D}}\n"
    make('["${params.dir}", dist]', "--dir", value, more=params).fails(2)
    assert (make.root / "dist/a").exists()
    make('["${params.dir}"]', more=params).ok()
    assert not (make.root / "dist").exists()


def test_a_job_whose_checks_fail_has_removed_nothing(make):
    make.workspace.write("dist/a")
    inputs = "inputs: {x: {from: other, to: in/}}\n"
    make.workspace.manifest("other", "script: echo 1 > build\noutputs: {o: build}\n")
    make("[dist]", more=inputs).fails(122)
    assert (make.root / "dist/a").exists()


def test_inputs_that_land_in_a_cleaned_folder_are_there(make):
    make.workspace.manifest("other", "script: echo 1 > build\noutputs: {o: build}\n")
    make.workspace.commit()
    make.workspace.run("other").ok()
    make.workspace.write("dist/old")
    inputs = "inputs: {x: {from: other, to: dist/}}\n"
    for _ in range(2):
        assert make("[dist]", more=inputs, script="ls -A dist").ok().out == "build\n"
    result = make("[dist]", "--no-fetch", more=inputs).fails(2)
    assert "which input 'x' is to be taken from" in result.err
    assert (make.root / "dist/build").exists()


def test_a_dry_run_lists_what_would_go_and_touches_nothing(make):
    make.workspace.write("dist/a.whl")
    (make.root / "dist/empty").mkdir()
    make.workspace.write("build-x")
    result = make('[dist, "build-*"]', "--dry-run").ok()
    assert "would remove:\n  build-x\n  dist/a.whl\n  dist/empty/\n" in result.out
    assert (make.root / "dist/a.whl").exists()
    (make.root / "build-x").unlink()
    assert "would remove" not in make('["build-*"]', "--dry-run").ok().out
    assert "removes first:\n  build-*\n" in make('["build-*"]', "--help").ok().out


def test_what_is_cleaned_does_not_make_the_tree_look_changed(make):
    make.workspace.ignore("/out")
    more = "outputs: {o: out}\n"
    make("[scratch]", more=more, script="echo 1 > out")
    make.workspace.commit()
    make("[scratch]", more=more, script="echo 1 > out").ok()
    make.workspace.write("scratch/x", "new")
    assert "nothing to do" in make("[scratch]", more=more, script="echo 1 > out").ok().err
    assert (make.root / "scratch/x").exists()


def test_a_skip_removes_nothing(make):
    more = "outputs: {o: dist/o}\n"
    make("[dist]", more=more, script="mkdir dist && echo 1 > dist/o")
    make.workspace.commit()
    for text in ("published", "nothing to do"):
        result = make("[dist]", more=more, script="mkdir dist && echo 1 > dist/o").ok()
        assert text in result.err
        assert (make.root / "dist/o").exists()
