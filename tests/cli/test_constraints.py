"""`constraints`: values of params that are not allowed together."""
import pytest

MANIFEST = """\
params:
  mode: {type: enum, values: [pypi, pr], default: pr}
  release: {type: string, min-length: 0, default: ""}
  web: {type: bool, default: true}
vars:
  channel: "${params.mode}-channel"
constraints:
  - when: {mode: pypi}
    require: {release: {not: ""}}
    message: pypi needs a release
  - {when: {mode: pypi}, require: {web: true}, message: pypi embeds the viewer}
  - {require: {channel: {not: pr-channel-x}}, message: never}
command: [echo, "${params.release}", "${vars.channel}"]

"""


@pytest.fixture
def constrained(workspace):
    workspace.manifest("build", MANIFEST)
    workspace.commit()
    return workspace


def test_values_that_are_allowed_run(constrained):
    constrained.run("build").ok()
    constrained.run("build", "--no-web").ok()
    constrained.run("build", "--mode", "pypi", "--release", "1.0").ok()


def test_a_constraint_that_does_not_hold_is_shown_with_its_message_and_the_values(constrained):
    result = constrained.run("build", "--mode=pypi").fails(2)
    assert "error[constraint]: pypi needs a release" in result.err
    assert "manifests/build.yaml:11:14" in result.err
    assert "where this holds" in result.err
    assert "mode is 'pypi', release is ''" in result.err
    assert "viewer" not in result.err


def test_all_that_do_not_hold_are_shown_at_once(constrained):
    result = constrained.run("build", "--mode=pypi", "--no-web").fails(2)
    assert "pypi needs a release" in result.err
    assert "pypi embeds the viewer" in result.err
    assert "never" not in result.err


def test_nothing_has_run_by_then(constrained):
    constrained.manifest("touch", """\
        params:
          mode: {type: enum, values: [a, b], default: a}
        constraints:
          - {require: {mode: b}, message: only b}
        command: [touch, "${params.mode}"]
        """)
    constrained.commit()
    constrained.run("touch").fails(2)
    assert not (constrained.root / "a").exists()
    constrained.run("touch", "--mode", "b").ok()
    assert (constrained.root / "b").exists()


def test_a_dry_run_is_refused_too(constrained):
    assert "pypi needs" in constrained.run("build", "--mode=pypi", "--dry-run").fails(2).err


def test_a_constraint_that_asks_for_a_var_sees_its_value(constrained):
    constrained.manifest("vars", """\
        params:
          mode: {type: enum, values: [a, b], default: a}
        select:
          mode:
            a: {kind: plain}
            b: {kind: null}
        constraints:
          - {require: {kind: plain}, message: only plain ones}
        command: [echo, "${vars.kind}"]
        """)
    constrained.commit()
    constrained.run("vars").ok()
    result = constrained.run("vars", "--mode", "b").fails(2)
    assert "only plain ones" in result.err and "kind is null" in result.err


def test_help_shows_what_must_hold(constrained):
    told = constrained.run("build", "--help").ok().out
    assert "constraints:\n  pypi needs a release\n" in told
    assert "release is not '', when mode is pypi" in told


def test_lint_takes_them(constrained):
    constrained.run("lint").ok()
