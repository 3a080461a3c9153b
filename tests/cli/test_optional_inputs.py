"""`optional` and `else`: inputs that may be absent, and what stands for them."""
import pytest

pytestmark = pytest.mark.store


@pytest.fixture
def notes(workspace):
    workspace.ignore("/in/", "/made/", "/out/")
    workspace.manifest("notes", """\
        script: mkdir -p made; echo made > made/NOTES.md
        outputs: {text: made/NOTES.md}
        """)
    workspace.write("docs/empty.md", "none yet\n")

    def use(keys, command="[cat, {files: notes}]", more=""):
        workspace.manifest("use", f"inputs: {{notes: {{from: notes, {keys}}}}}\n"
                           f"command: {command}\n{more}")
        workspace.commit()
        return workspace
    use.workspace = workspace
    use("to: in/NOTES.md, optional: true, else: docs/empty.md")
    return use


def test_else_lands_where_the_input_is_absent_and_not_where_it_is_there(notes):
    workspace = notes("to: in/NOTES.md, optional: true, else: docs/empty.md",
                      "[sh, -c, 'cat \"$INPUT_NOTES\"']")
    result = workspace.run("use").ok()
    assert result.out == "none yet\n"
    assert "input 'notes' is absent: 'docs/empty.md' stands for it" in result.err
    assert workspace.read("in/NOTES.md") == "none yet\n"
    workspace.run("notes").ok()
    assert workspace.run("use").ok().out == "made\n"


def test_a_folder_stands_for_a_whole_output(notes):
    notes.workspace.write("docs/more/a.md", "a\n")
    workspace = notes("to: in/, optional: true, else: docs/")
    assert workspace.run("use").ok().out == "none yet\na\n"
    assert workspace.read("in/more/a.md") == "a\n"


def test_a_file_in_a_folder_has_the_producers_name_for_it(notes):
    workspace = notes("to: in/, optional: true, else: docs/empty.md")
    workspace.run("use").ok()
    assert workspace.read("in/NOTES.md") == "none yet\n"


def test_a_folder_does_not_land_under_the_name_of_one_file(notes):
    notes.workspace.write("docs/two.md")
    workspace = notes("to: in/NOTES.md, optional: true, else: docs")
    assert "2 files" in workspace.run("use").fails(120).err


def test_placeholders_choose_one_for_each_element(workspace):
    workspace.ignore("/in/", "/app")
    workspace.manifest("build", """\
        params: {platform: {type: enum, values: [x, y], required: true, help: P}}
        script: echo made $PARAM_PLATFORM > app
        outputs: {bin: app}
        """)
    workspace.manifest("use", """\
        inputs:
          apps:
            from: build
            with: {platform: [x, y]}
            to: "in/${with.platform}"
            optional: true
            else: "stub/${with.platform}.sh"
        command: [cat, {files: apps}]
        """)
    workspace.write("stub/x.sh", "stub x\n")
    workspace.write("stub/y.sh", "stub y\n")
    workspace.commit()
    assert workspace.run("use").ok().out == "stub x\nstub y\n"
    workspace.run("build", "--platform", "y").ok()
    assert workspace.run("use").ok().out == "stub x\nmade y\n"


def test_what_is_not_there_is_refused_with_everything_else_needed_or_not(notes):
    workspace = notes("to: in/x, optional: true, else: docs/nothing.md",
                      more="clean: [in]\n")
    workspace.write("in/kept")
    workspace.run("notes").ok()
    result = workspace.run("use").fails(120)
    assert "'docs/nothing.md', which is not there" in result.err
    assert "manifests/use.yaml:3" in result.err and "help:" in result.err
    assert (workspace.root / "in/kept").exists()
    assert "which is not there" in workspace.run("lint").fails(1).err


@pytest.mark.parametrize("path, problem", [
    ("docs/", "which is not a folder"), ("link", "leads out of the workspace"),
    ("store/x", "not a place for a job's files"), ("pipe", "neither a file nor a folder")])
def test_places_that_are_not_of_the_repository_are_refused(notes, path, problem):
    import os
    workspace = notes.workspace
    (workspace.root / "link").symlink_to("/etc/hostname")
    workspace.write("store/x")
    workspace.environment["JOBRUN_STORE"] = str(workspace.root / "store")
    if path == "docs/":
        (workspace.root / "docs/empty.md").unlink()
        (workspace.root / "docs").rmdir()
        workspace.write("docs", "a file\n")
    notes(f"to: in/, optional: true, else: {path}")
    os.mkfifo(workspace.root / "pipe")
    assert problem in workspace.run("use").fails(120).err


def test_a_path_that_leaves_the_workspace_is_refused_by_its_value(notes):
    workspace = notes("to: in/x, optional: true, else: 'docs/${params.name}'",
                      more="params: {name: {type: string, default: empty.md, help: N}}\n")
    assert workspace.run("use").ok().out == "none yet\n"
    assert "cannot stand in a path" in workspace.run("use", "--name", "..").fails(2).err


def test_damage_is_not_absence_with_else_either(notes):
    workspace = notes.workspace
    workspace.run("notes").ok()
    next(workspace.store.rglob("NOTES.md")).unlink()
    assert "damaged" in workspace.run("use").fails(123).err
    notes("to: in/x, optional: true")
    workspace.run("notes").ok()
    next(workspace.store.rglob("NOTES.md")).write_text("x")
    assert "damaged" in workspace.run("use").fails(123).err


def test_a_change_of_it_makes_the_job_run_again(notes):
    more = "outputs: {o: out/o}\n"
    notes.workspace.ignore("/in/", "/made/", "/out/", "/local.md")
    notes.workspace.write("local.md", "one\n")
    workspace = notes("to: in/x, optional: true, else: local.md",
                      "[sh, -c, 'mkdir -p out; cp in/x out/o']", more)
    workspace.run("use").ok()
    assert "nothing to do" in workspace.run("use").ok().err
    workspace.write("local.md", "two\n")
    assert "runs again: input 'notes'" in workspace.run("use").ok().err
    workspace.run("notes").ok()
    assert "runs again: input 'notes'" in workspace.run("use").ok().err
    assert str(workspace.root) not in workspace.receipts()[-1].read_text().split('"inputs"')[1].split("]")[0]


def test_what_is_cleaned_cannot_be_it(notes):
    workspace = notes("to: in/x, optional: true, else: made/stub", more="clean: [made]\n")
    workspace.write("made/stub")
    assert "which input 'notes' is to be taken from" in workspace.run("use").fails(2).err
    assert (workspace.root / "made/stub").exists()


def test_a_dry_run_and_the_help_say_it(notes):
    workspace = notes.workspace
    dry = workspace.run("use", "--dry-run").ok()
    assert "notes: absent, so its 'else': docs/empty.md" in dry.out
    assert "in/NOTES.md" in dry.out and not (workspace.root / "in").exists()
    assert "where it is absent docs/empty.md lands" in workspace.run("use", "--help").ok().out


def test_it_may_be_used_in_a_protected_environment(notes):
    ci = {"CI": "true", "GITHUB_RUN_ID": "42"}
    assert notes.workspace.run("use", env=ci).ok().out == "none yet\n"
