"""`jobrun schema`: prints the files of schema/, for an editor to use."""
import pytest
from conftest import REPOSITORY

NAMES = ("job", "jobrun", "fragment")


def schema_file(name):
    return (REPOSITORY / "schema" / f"{name}.schema.json").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_printed_as_it_lies_in_the_repository(workspace, name):
    result = workspace.run("schema", name).ok()
    assert result.out == schema_file(name)
    assert result.err == ""


def test_without_a_name_it_is_that_of_manifests(workspace):
    assert workspace.run("schema").ok().out == schema_file("job")


def test_no_workspace_is_needed(workspace, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    assert workspace.run("schema", "fragment", cwd=folder).ok().out == schema_file("fragment")


def test_it_has_a_help(workspace):
    for line in (("schema", "--help"), ("schema", "-h"), ("help", "schema")):
        shown = workspace.run(*line).ok().out
        assert shown.startswith("jobrun schema: ")
        assert "jobrun schema [job|jobrun|fragment]" in shown
    assert "jobrun schema" in workspace.run("--help").ok().out


@pytest.mark.parametrize("arguments, message, hint", [
    (("jbo",), "there is no schema 'jbo'", "did you mean 'job'?"),
    (("manifest-of-mine",), "there is no schema 'manifest-of-mine'", "the schemas are: job, jobrun, fragment"),
    (("",), "there is no schema ''", "the schemas are: job, jobrun, fragment"),
    (("--json",), "'schema' has no option '--json'", "the schemas are: job, jobrun, fragment"),
    (("job", "fragment"), "'schema' takes one name, but is also given 'fragment'", "fragment"),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else None)
def test_what_it_does_not_know_is_refused(workspace, arguments, message, hint):
    result = workspace.run("schema", *arguments).fails(2)
    assert f"error: {message}\n" in result.err
    assert hint in result.err.split("help: ")[1]
    assert result.out == ""


def test_a_job_may_have_its_name(workspace):
    workspace.manifest("schema", "command: [echo, the job]\n")
    workspace.commit()
    assert workspace.run("run", "schema").ok().out == "the job\n"
