"""`jobrun lint` and pixi: each job has a task, and no job runs a job."""
import pytest

HEAD = '[workspace]\nname = "t"\nchannels = []\nplatforms = ["linux-64"]\n'


@pytest.fixture
def tasks(workspace):
    workspace.manifest("build", "command: [make]\n")
    workspace.manifest("use", "command: [make, use]\n")

    def write(text, file="pixi.toml"):
        workspace.write(file, text)
        return workspace
    return write


def test_a_task_for_each_job_is_clean(tasks):
    workspace = tasks(HEAD + '[tasks]\nbuild = "jobrun manifests/build.yaml"\n'
                             'use = {cmd = ["build/jobrun", "run", "use"], depends-on = ["build"]}\n'
                             'other = {cmd = "make {{ x }}", args = ["x"]}\n')
    assert "2 manifests checked, no problems" in workspace.run("lint").ok().err


@pytest.mark.parametrize("text", [
    '[feature.ci.tasks]\nbuild = "jobrun build"\n[target.linux-64.tasks]\nuse = "jobrun use"\n',
    '[tasks]\nbuild = "env A=b jobrun ./manifests/build.yaml"\n'
    '[feature.ci.target.osx.tasks]\nuse.cmd = "cd x && jobrun use"\n',
])
def test_tasks_of_features_and_targets_count(tasks, text):
    tasks(HEAD + text).run("lint").ok()


def test_a_job_without_a_task_is_told_the_line_to_add(tasks):
    result = tasks(HEAD + '[tasks]\nbuild = "jobrun build"\n').run("lint").fails(1)
    assert "error[pixi-task]: pixi.toml has no task 'use'" in result.err
    assert "manifests/use.yaml:1:6" in result.err
    assert 'add to [tasks]: use = "jobrun manifests/use.yaml"' in result.err
    assert result.err.count("error[") == 1


def test_a_task_that_declares_args_is_refused_at_its_place(tasks):
    result = tasks(HEAD + '[tasks]\nbuild = "jobrun build"\n'
                          'use = {cmd = "jobrun use", args = [{arg = "x"}]}\n').run("lint").fails(1)
    assert "task 'use' declares 'args'" in result.err and "pixi.toml:7:35" in result.err


def test_a_task_that_does_another_thing_is_refused(tasks):
    result = tasks(HEAD + '[tasks]\nbuild = "make build"\nuse = "jobrun build"\n').run("lint").fails(1)
    assert "task 'build' has the name of a job and does not run it" in result.err
    assert "task 'use' runs job 'build', not the one of its name" in result.err


def test_a_task_whose_manifest_is_gone_is_refused(tasks):
    result = tasks(HEAD + '[tasks]\nbuild = "jobrun build"\nuse = "jobrun use"\n'
                          'old = "jobrun manifests/biuld.yaml"\n').run("lint").fails(1)
    assert "task 'old' runs job 'biuld', which does not exist" in result.err
    assert "did you mean 'build'?" in result.err and "pixi.toml:8:7" in result.err


def test_pyproject_is_read_where_there_is_no_pixi_toml(tasks):
    workspace = tasks('[project]\nname = "t"\n[tool.pixi.tasks]\nbuild = "jobrun build"\n', "pyproject.toml")
    result = workspace.run("lint").fails(1)
    assert "add to [tool.pixi.tasks]: use =" in result.err
    tasks('[project]\nname = "t"\n', "pyproject.toml").run("lint").ok()


def test_a_file_that_is_no_toml_is_one_problem_with_its_place(tasks):
    result = tasks(HEAD + "[tasks]\nbuild = jobrun\n").run("lint").fails(1)
    assert "'pixi.toml' is not TOML: a value that is none of TOML's" in result.err
    assert "pixi.toml:6:9" in result.err and result.err.count("error[") == 1


def test_only_the_whole_workspace_is_compared_with_tasks(tasks):
    workspace = tasks(HEAD + "[tasks]\n")
    workspace.run("lint", "build").ok()
    assert workspace.run("lint", "manifests").fails(1).err.count("has no task") == 2
    assert workspace.run("lint", ".").fails(1).err.count("has no task") == 2
    workspace.write("jobrun.yaml", "run-prefix: jobrun\n")
    workspace.run("lint").ok()


@pytest.mark.parametrize("command, said", [
    ("command: [pixi, run, build]", "job 'all' runs job 'build'"),
    ("command: [pixi, run, -e, ci, make-it]", "job 'all' runs job 'build'"),
    ("command: [pixi, run, all]", "job 'all' runs itself"),
    ("command: [jobrun, run, manifests/build.yaml]", "job 'all' runs job 'build'"),
    ("script: |\n  if true; then\n    pixi run build --x\n  fi", "job 'all' runs job 'build'"),
    ("command: [sh, -c, 'exec jobrun build']", "job 'all' runs job 'build'"),
])
def test_a_job_that_runs_a_job_is_refused(tasks, command, said):
    workspace = tasks(HEAD + '[tasks]\nbuild = "jobrun build"\nuse = "jobrun use"\nall = "jobrun all"\n'
                             'make-it = "jobrun build"\n')
    workspace.manifest("all", command + "\n")
    for arguments in ((), ("all",)):
        result = workspace.run("lint", *arguments).fails(1)
        assert f"error[runs-job]: {said}" in result.err and result.err.count("error[") == 1
    workspace.write("pixi.toml", HEAD)
    assert "make-it" in command or said in workspace.run("lint", "all").fails(1).err


@pytest.mark.parametrize("command", [
    "command: [pixi, run, format]", "command: [jobrun, lint, manifests]", "command: [echo, jobrun, build]",
    "script: |\n  pixi run format\n  echo jobrun build\n  \"$x/jobrun\" build\n  jobrun version",
])
def test_what_is_no_job_may_be_run(tasks, command):
    workspace = tasks(HEAD + '[tasks]\nformat = "make"\n')
    workspace.manifest("all", command + "\n")
    workspace.run("lint", "all").ok()


@pytest.mark.parametrize("command", [
    "jobrun --env CI use", "jobrun -P a=b use", "jobrun {{ job }}", "cd sub && jobrun elsewhere",
    "pixi run --manifest-path sub/pixi.toml elsewhere",
])
def test_a_task_whose_job_is_not_named_first_is_clean(tasks, command):
    tasks(HEAD + '[tasks]\nbuild = "jobrun build"\nuse = "jobrun use"\n'
                 f'other = "{command}"\n').run("lint").ok()


def test_a_job_may_run_the_task_of_another_project(tasks):
    workspace = tasks(HEAD + '[tasks]\nbuild = "jobrun build"\nuse = "jobrun use"\n')
    workspace.manifest("use", "command: [pixi, run, --manifest-path, sub/pixi.toml, build]\n")
    workspace.run("lint").ok()


def test_a_pyproject_without_pixi_is_not_read(tasks):
    tasks("[project\n", "pyproject.toml").run("lint").ok()
    tasks("[tool.pixi\n", "pyproject.toml").run("lint").fails(1)
