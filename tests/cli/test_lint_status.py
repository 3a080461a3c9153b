"""The exit status of lint says the same in every format."""
import pytest

CASES = {
    0: ("manifests/good.yaml",),
    1: ("manifests/good.yaml", "manifests/bad.yaml"),
    2: ("manifests/bad.yaml", "--no-such-option"),
    3: ("manifests/bad.yaml", "manifests/absent.yaml"),
}


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github", None])
@pytest.mark.parametrize("status", CASES)
def test_the_status_is_the_same_in_every_format(workspace, format, status):
    workspace.manifest("good", "command: [x]\n")
    workspace.manifest("bad", "timeout: soon\ncommand: [x]\n")
    chosen = ("--format", format) if format else ()
    workspace.run("lint", *chosen, *CASES[status]).fails(status)


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github"])
def test_a_warning_alone_is_a_finding(workspace, format):
    workspace.write("manifests/a.yaml", "job: a\ncommand: [x]\n")
    result = workspace.run("lint", "--format", format).fails(1)
    assert "help" in result.out + result.err


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github"])
def test_a_folder_that_is_a_file_cannot_be_read(workspace, format):
    workspace.write("manifests", "no folder")
    result = workspace.run("lint", "--format", format).fails(3)
    assert "manifests" in result.out + result.err
