"""`outputs`: how many files there are, and whether there have to be any."""
import pytest

pytestmark = pytest.mark.store


@pytest.fixture
def make(workspace):
    """Runs a job that leaves these files in out/ and publishes this output."""
    workspace.ignore("/out/")
    workspace.commit()

    def run(files, output, *arguments, more=""):
        workspace.manifest("make", f"{more}script: |\n  rm -rf out; mkdir -p out\n"
                           + "".join(f"  mkdir -p out/{f}\n" if f.endswith("/") else
                                     f"  mkdir -p $(dirname out/{f}) && echo {f} > out/{f}\n" for f in files)
                           + f"outputs: {{o: {output}}}\n")
        return workspace.run("make", "--force", *arguments)
    run.workspace = workspace
    return run


def published(workspace):
    return sorted(str(p.relative_to(p.parents[[q.name for q in p.parents].index("o")]))
                  for p in workspace.store.rglob("o/**/*") if p.is_file())


@pytest.mark.parametrize("output,good,bad", [
    ("{path: out/*.x, count: 2}", ["a.x", "b.x"], [["a.x"], ["a.x", "b.x", "c.x"], []]),
    ("{path: out/*.x, min: 2}", ["a.x", "b.x", "c.x"], [["a.x"], []]),
    ("{path: out/*.x, max: 1}", ["a.x"], [["a.x", "b.x"], []]),
    ("{path: out/*.x, min: 1, max: 2}", ["a.x", "b.x"], [["a.x", "b.x", "c.x"], []]),
    ("{path: [out/*.x, out/*.y], count: 2}", ["a.x", "b.y"], [["a.x"], ["a.x", "b.x", "b.y"]]),
], ids=["count", "min", "max", "min and max", "of a list"])
def test_the_number_of_files_is_as_declared(make, output, good, bad):
    assert "published" in make(good, output).ok().err
    for files in bad:
        result = make(files, output).fails(118)
        assert "manifests/make.yaml:" in result.err
        for name in files:
            assert name in result.err


def test_what_an_optional_output_matches_is_published_or_nothing_is(make):
    make([], "{path: out/*.x, optional: true}").ok()
    assert published(make.workspace) == []
    make(["a.x"], "{path: out/*.x, optional: true}").ok()
    assert published(make.workspace) == ["a.x"]
    make([], "{path: out/*.x}").fails(118)


def test_an_output_with_a_condition_is_made_only_where_it_holds(make):
    more = "params: {on: {type: bool, default: false, help: O}}\n"
    output = "{path: out/a, when: {on: true}}"
    assert "published" not in make(["a"], output, more=more).ok().err
    assert "published 1 file" in make(["a"], output, "--on", more=more).ok().err
    make([], output, "--on", more=more).fails(118)


@pytest.mark.parametrize("path,files,named", [
    ("out/a", ["a"], ["a"]), ("out/", ["a", ".h", "d/e"], [".h", "a", "d/e"]), ('"out/**"', ["a", "d/e"], ["a", "d/e"]),
    ('"out/?.x"', ["a.x", "ab.x"], ["a.x"]), ('"out/[ab].x"', ["a.x", "c.x"], ["a.x"]), ('"out/**/*.x"', ["a.x", "d/b.x"], ["a.x", "d/b.x"]),
], ids=["file", "folder", "all below", "?", "[...]", "**"])
def test_a_path_is_a_file_a_folder_or_a_glob(make, path, files, named):
    make(files, f"{{path: {path}, help: H}}").ok()
    assert published(make.workspace) == named
    assert "H" in make.workspace.run("make", "--help").ok().out


@pytest.mark.parametrize("output,said", [
    ("{path: out/x, count: 0}", "count"), ("{path: out/x, count: 1, min: 1}", "count"), ("{path: out/x, min: 3, max: 2}", "min"),
    ("{path: out/x, max: 0}", "max"), ("{path: out/x, count: many}", "whole number"), ("{path: out/x, optional: 1}", "true or false"),
    ("{path: out/x, when: {no: 1}}", "'no'"), ("{path: out/x, help: [a]}", "must be text"), ("{path: []}", "empty"), ("{}", "path"),
    ("{paht: out/x}", "did you mean 'path'?"), ("/abs", "absolute"), ("../x", "'..'"), ("'out/[a'", "unclosed"), ("{path: {a: b}}", "must be text"),
    ("null", "null")])
def test_an_output_of_no_form_is_refused_in_its_place(workspace, output, said):
    workspace.manifest("wrong", f"command: [echo]\noutputs:\n  o: {output}\n")
    result = workspace.run("lint", "manifests/wrong.yaml").fails(1)
    assert said in result.err and "manifests/wrong.yaml:5:" in result.err, result


def test_no_file_belongs_to_two_outputs(workspace):
    workspace.ignore("/out/")
    workspace.manifest("make", "script: mkdir -p out && echo 1 > out/a.x\noutputs: {o: out/*.x, p: out/a.*}\n")
    workspace.commit()
    result = workspace.run("make").fails(118)
    assert "'o'" in result.err and "'p'" in result.err and "out/a.x" in result.err
