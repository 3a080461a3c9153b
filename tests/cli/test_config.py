"""`jobrun.yaml`: every key works, and what is wrong with it is told with its place."""
import pytest

CI = {"CI": "true", "GITHUB_RUN_ID": "42"}

WRONG = {
    "unknown key": ("stroe: x\n", "1:1", "did you mean 'store'?"),
    "store is a list": ("store: [a]\n", "1:8", "'store' must be text"),
    "store is empty": ("store: ''\n", "1:8", "'store'"),
    "manifests leaves": ("manifests: ../x\n", "1:12", "has a '..' segment"),
    "manifests in git": ("manifests: .git\n", "1:12", "folder of git's"),
    "run-prefix is a list": ("run-prefix: [a]\n", "1:13", "'run-prefix' must be text"),
    "environments is a list": ("environments: [a]\n", "1:15", "'environments' must be a mapping"),
    "a name that is none": ("environments: {a/b: {}}\n", "1:16", "not a name for an environment"),
    "unknown key of one": ("environments: {a: {fallbak: [b]}}\n", "1:20", "did you mean 'fallback'?"),
    "protected is no truth": ("environments: {a: {protected: maybe}}\n", "1:31", "'protected'"),
    "fallback is text": ("environments: {a: {fallback: b}}\n", "1:30", "'fallback' must be a list"),
    "fallback to itself": ("environments: {a: {fallback: [a]}}\n", "1:31", "cannot fall back to itself"),
    "fallback is no name": ("environments: {a: {fallback: [b/c]}}\n", "1:31", "not a name"),
    "keep-days below zero": ("environments: {a: {keep-days: -1}}\n", "1:31", "'keep-days'"),
    "keep-last is no number": ("environments: {a: {keep-last: many}}\n", "1:31", "'keep-last'"),
    "recognised-ci is text": ("recognised-ci: A\n", "1:16", "'recognised-ci' must be a list"),
    "recognised-ci is no variable": ("recognised-ci: [A-B]\n", "1:17", "variable"),
    "cache is text": ("cache: 1GiB\n", "1:8", "'cache' must be a mapping"),
    "unknown key of cache": ("cache: {sise: 1GiB}\n", "1:9", "did you mean 'size'?"),
    "cache size without a unit": ("cache: {size: 10}\n", "1:15", "such as 10GiB"),
    "a key twice": ("store: a\nstore: b\n", "2:1", "store"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_its_place_before_anything_runs(pair, case):
    text, place, words = WRONG[case]
    pair.write("jobrun.yaml", text)
    result = pair.run("build")
    assert result.status in (2, 120), result
    assert f"jobrun.yaml:{place}" in result.err and words in result.err
    assert not (pair.root / "out").exists()
    assert f"jobrun.yaml:{place}" in pair.run("lint").fails(1).err


def test_all_problems_are_reported_at_once(pair):
    pair.write("jobrun.yaml", "stroe: x\ncache: {size: 10}\nenvironments: {a: {keep-days: x}}\n")
    err = pair.run("build").err
    assert err.count("--> jobrun.yaml:") == 3


def test_every_key_together(pair):
    del pair.environment["JOBRUN_STORE"]
    pair.write("jobrun.yaml", """\
        store: ../shared
        manifests: ci/jobs
        run-prefix: just
        environments:
          CI: {store: ../ci, protected: true, keep-days: 30, keep-last: 5}
          nightly: {protected: true, fallback: [CI]}
        recognised-ci: [OUR_CI]
        cache: {size: 10GiB}
        """)
    (pair.root / "ci").mkdir()
    (pair.root / "manifests").rename(pair.root / "ci/jobs")
    pair.commit()
    pair.run("build", env=CI).ok()
    assert (pair.top / "ci/CI" / pair.head / "build").is_dir()
    assert "not a recognised CI" in pair.run("use", "--env", "nightly").fails(121).err
    result = pair.run("use", "--env", "nightly", env={"OUR_CI": "7"}).ok()
    assert "comes from environment 'CI'" in result.err
    assert (pair.top / "shared/nightly" / pair.head / "use").is_dir()
    assert "help: just build" in pair.run("use").fails(122).err


def test_ci_may_be_opened_and_another_environment_protected(pair):
    pair.write("jobrun.yaml", "environments: {CI: {protected: false}, prod: {protected: true}}\n")
    pair.commit()
    pair.run("build", "--env", "CI").ok()
    pair.run("build", "--env", "prod").fails(121)


def test_a_protected_environment_does_not_fall_back_to_an_open_one(pair):
    pair.write("jobrun.yaml", "environments: {CI: {fallback: [dev]}}\n")
    pair.commit()
    pair.run("build").ok()
    result = pair.run("use", env=CI).fails(121)
    assert "must not come from 'dev'" in result.err and "jobrun.yaml:1" in result.err
