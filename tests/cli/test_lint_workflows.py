"""`jobrun lint` and GitHub workflows: what a step runs is a job that takes it."""
import pytest

WORKFLOW = """\
name: ci
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v6
      - run: |
          sudo apt-get update
          LINE
"""


@pytest.fixture
def workflow(workspace):
    workspace.manifest("build", """\
        params:
          mode: {type: enum, values: [debug, release], default: debug, help: M}
          jobs: {type: int, min: 1, default: 1, help: J}
          fast: {type: bool, default: false, help: F}
          names: {type: list, of: {type: enum, values: [a, b]}, default: [a], help: N}
        command: [make, "${params.mode}", "${params.jobs}", "${params.fast}", {each: "${params.names}", args: ["${each}"]}]
        """)
    workspace.write("pixi.toml", '[tasks]\nbuild = "jobrun build"\nformat = "make format"\n')

    def lint(line, name="ci.yml"):
        workspace.write(f".github/workflows/{name}", WORKFLOW.replace("LINE", line))
        return workspace.run("lint")
    lint.workspace = workspace
    return lint


@pytest.mark.parametrize("line", [
    "pixi run build --mode release --jobs=2 --fast --names a --names b",
    "pixi run -e ci build --mode=${{ inputs.mode }} --jobs $JOBS --no-fast",
    "jobrun run manifests/build.yaml --env CI --store gs://x --mode 'release'",
    "pixi run format && pixi run python x.py --moed", "jobrun lint --x", "echo jobrun biuld",
    "build/jobrun build --mode ${{ github.event_name == 'push' && 'release' || 'debug' }}",
])
def test_what_the_job_takes_is_clean(workflow, line):
    workflow(line).ok()


@pytest.mark.parametrize("line, said, hint, column", [
    ("jobrun biuld", "there is no job 'biuld'", "did you mean 'build'?", 18),
    ("jobrun manifests/biuld.yaml", "there is no job 'biuld'", "did you mean 'build'?", 18),
    ("pixi run biuld --mode x", "there is no job 'biuld'", "did you mean 'build'?", 20),
    ("pixi run build --moed release", "job 'build' has no param 'moed'", "did you mean 'mode'?", 26),
    ("pixi run build --mode relaese", "value 'relaese' of param 'mode' is not one of debug, release",
     "did you mean 'release'?", 33),
    ("pixi run build --jobs=0", "value '0' of param 'jobs' is less than 1", "", 26),
    ("if x; then jobrun build --names c; fi", "value 'c' of param 'names' is not one of a, b", "", 43),
])
def test_what_it_does_not_take_is_told_at_its_place(workflow, line, said, hint, column):
    result = workflow(line).fails(1)
    assert f"error[workflow]: {said}" in result.err and hint in result.err
    assert f".github/workflows/ci.yml:10:{column}" in result.err
    assert result.err.count("error[") == 1


def test_a_file_alone_and_other_files_are_not_looked_at(workflow):
    workflow("jobrun biuld", "notes.txt").ok()
    workflow("jobrun biuld").fails(1)
    workflow.workspace.run("lint", "build").ok()


def test_a_workflow_that_is_no_manifests_yaml_is_left_alone(workflow):
    workflow("x: &a\n\t- <<: *b\n").ok()
    workflow.workspace.write(".github/workflows/ci.yml", "jobs: [a]\n")
    workflow.workspace.run("lint").ok()


def test_a_step_in_another_folder_is_not_looked_at(workflow):
    workflow("jobrun biuld\n        working-directory: other").ok()


@pytest.mark.parametrize("line", [
    "jobrun --env CI build --mode release", "jobrun -P mode=debug build", "cd sub; jobrun biuld",
    "jobrun run --store s manifests/build.yaml",
])
def test_options_and_folders_before_the_job_are_no_job(workflow, line):
    workflow(line).ok()


@pytest.mark.parametrize("place", ["on:", "    steps:"])
def test_steps_of_another_folder_are_left_alone(workflow, place):
    indent = " " * (len(place) - len(place.lstrip()))
    text = WORKFLOW.replace("LINE", "jobrun biuld")
    workflow.workspace.write(".github/workflows/ci.yml", text.replace(
        place, f"{indent}defaults: {{run: {{working-directory: sub}}}}\n{place}", 1))
    workflow.workspace.run("lint").ok()
