"""`jobrun lint`: what lands or is published is ignored by git."""
import shutil

import pytest

JOB = """\
    params:
      mode: {type: enum, values: [a, b], default: a, help: M}
      text: {type: string, default: x, help: T}
    inputs:
      app: {from: build, to: in/app/}
    command: [make, "MODE=${params.mode}", "TEXT=${params.text}"]
    stdout: logs/out.txt
    outputs:
      wheel: {path: "dist/${params.mode}/*.whl", count: 1}
      tree: build/tree/${params.text}/
    """


@pytest.fixture
def job(workspace):
    workspace.manifest("build", "command: [make]\noutputs: {app: bin/app}\n")
    workspace.manifest("use", JOB)
    return workspace


def test_all_that_is_ignored_is_clean(job):
    for patterns in (("/bin/", "/in/", "/logs/", "/dist/", "/build/"),
                     ("bin/*", "in/", "*.txt", "*.whl", "tree")):
        job.ignore(*patterns)
        job.run("lint").ok()


def test_the_lines_to_add_are_told_once_for_each_job(job):
    job.ignore("/bin/", "/logs/")
    result = job.run("lint").fails(1)
    assert result.err.count("warning[not-ignored]") == 1
    assert "manifests/use.yaml:1:6" in result.err
    for line in ("/in/app/", "/dist/a/", "/dist/b/", "/build/tree/"):
        assert f"add to .gitignore: {line}\n" in result.err
    assert "/logs" not in result.err


def test_a_pattern_that_takes_it_back_counts(job):
    job.ignore("/bin/", "/in/", "/logs/*", "!/logs/out.txt", "/dist/", "/build/")
    assert "'logs/out.txt'" in job.run("lint").fails(1).err


def test_an_output_that_is_tracked_on_purpose_is_left_alone(job):
    job.ignore("/in/", "/logs/", "/dist/", "/build/")
    assert "'bin/app'" in job.run("lint").fails(1).err
    job.write("bin/app", "x")
    job.commit()
    job.run("lint").ok()


def test_a_file_alone_is_not_compared(job):
    job.run("lint", "use").ok()


def test_outside_of_a_repository_there_is_nothing_to_ask(job):
    shutil.rmtree(job.root / ".git")
    job.run("lint").ok()


def test_a_workspace_below_the_top_gets_lines_that_fit(job):
    below = job.root / "below"
    shutil.move(job.root / "manifests", below / "manifests")
    (below / "jobrun.yaml").write_text("run-prefix: jobrun\n")
    result = job.run("lint", cwd=below).fails(1)
    assert "add to .gitignore: /below/bin/app\n" in result.err
    job.ignore("/below/bin/app", "/below/in/", "/below/logs/", "/below/dist/", "/below/build/")
    job.run("lint", cwd=below).ok()


def test_what_lies_behind_a_link_is_none_of_gits(job):
    job.ignore("/in/", "/logs/", "/dist/", "/build/", "/bin")
    (job.root / "elsewhere").mkdir()
    (job.root / "bin").symlink_to("elsewhere")
    job.run("lint").ok()


def test_the_places_of_another_workspace_begin_at_its_root(workspace):
    workspace.write(".gitignore", "/.jobrun/\n")
    workspace.manifest("own", "command: [make]\n")
    workspace.write("examples/e/jobrun.yaml", "")
    workspace.write("examples/e/manifests/m.yaml", "job: m\nhelp: M\ncommand: [make]\noutputs: {x: out/x}\n")
    workspace.run("lint", ".").ok()
