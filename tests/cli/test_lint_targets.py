"""What `jobrun lint` reads: files, folders, jobs by name."""
import pytest


@pytest.fixture
def shared(pair):
    pair.write("manifests/shared/platforms.yaml", "params:\n  p: {type: string, default: x}\n")
    return pair


def test_a_fragment_in_a_folder_is_no_manifest(shared):
    for arguments in ((), ("manifests",), (".",)):
        said = shared.run("lint", *arguments).ok().err
        assert "2 manifests checked" in said and "checked where a manifest includes it: manifests/shared/pl" in said
    result = shared.run("lint", "manifests/shared/platforms.yaml").fails(1)
    assert "'job'" in result.err


def test_a_job_is_named_as_a_run_names_it(pair):
    assert "1 manifest checked" in pair.run("lint", "build").ok().err
    below = pair.root / "below"
    below.mkdir()
    assert "2 manifests checked" in pair.run("lint", "build", "use", cwd=below).ok().err
    (pair.root / "build").mkdir()
    assert "1 manifest checked" in pair.run("lint", "build").ok().err
    result = pair.run("lint", "biuld").fails(3)
    assert "there is no job 'biuld'" in result.err and "did you mean 'build'?" in result.err


def test_nothing_to_check_is_an_error_that_names_the_folder(shared):
    (shared.root / "empty").mkdir()
    assert "there is no manifest in 'empty'" in shared.run("lint", "empty").fails(3).err
    assert "'manifests/shared'" in shared.run("lint", "manifests/shared").fails(3).err
    shared.write("jobrun.yaml", "manifests: empty\n")
    assert "'empty'" in shared.run("lint").fails(3).err


def test_a_manifest_that_ends_in_yml_is_reported(pair):
    pair.write("manifests/other.yml", "job: other\nhelp: O\ncommand: [echo]\n")
    pair.write(".github/workflows/ci.yml", "jobs: {test: {runs-on: x}}\n")
    for arguments in ((), (".",)):
        result = pair.run("lint", *arguments).fails(1)
        assert "other.yml' is not found as a job" in result.err
        assert "other.yaml'" in result.err and "ci.yml" not in result.err


def test_what_jobrun_and_git_keep_is_not_read(pair):
    pair.write(".jobrun/store/x.yaml", "job: broken\n")
    pair.write(".git/x.yaml", "job: broken\n")
    assert "2 manifests checked" in pair.run("lint", ".").ok().err


@pytest.mark.parametrize("size", [(1 << 20) + 1, 5 << 20])
def test_a_manifest_that_is_too_large_is_a_finding(pair, size):
    pair.write("manifests/big.yaml", "job: big\n#" + "x" * size)
    for arguments, status in ((("lint",), 1), (("lint", "manifests/big.yaml"), 1), (("lint", "big"), 1),
                              (("big",), 120), (("manifests/big.yaml",), 120)):
        result = pair.run(*arguments).fails(status)
        assert "error[limit]: the file has more than the 1048576 bytes" in result.err
        assert "--> manifests/big.yaml" in result.err


def test_a_broken_job_that_is_named_twice_is_told_about_once(workspace):
    workspace.write("manifests/broken.yaml", "job: broken\nhelp: [x\n")
    result = workspace.run("lint", "broken", "broken").fails(1)
    assert result.err.count("error[") == 1 and "there is no job" not in result.err
