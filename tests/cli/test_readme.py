"""What README shows is so."""
import re

import pytest
from conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text()


@pytest.fixture
def own(workspace):
    """README's repository of one's own."""
    shown = re.findall(r"```yaml\n# (manifests/\S+)\n(.*?)```", README, re.S)
    assert [path for path, _ in shown] == ["manifests/greet.yaml", "manifests/count.yaml"]
    for path, text in shown:
        workspace.write(path, text)
    workspace.ignore("/out/", "/in/")
    workspace.commit()
    return workspace


def test_the_manifests_of_a_first_repository_work(own):
    own.run("lint").ok()
    assert "pixi run greet" in own.run("count").fails(122).err
    own.run("greet").ok()
    assert own.run("count").ok().out.startswith("12 ")
    assert "nothing to do" in own.run("greet").ok().err


UNKNOWN = "qqqqqqqqqq"


def listed(what):
    return sorted(re.search(rf"^- {what}: `(.*?)`", README, re.S | re.M).group(1).split())


def known(result):
    return sorted(re.search(r"known keys are: (.*)", result.err).group(1).split(", "))


@pytest.mark.parametrize("what, manifest", [
    ("keys of a job", f"{UNKNOWN}: 1"),
    ("of an input", f"command: [x]\ninputs: {{a: {{{UNKNOWN}: 1}}}}"),
    ("of an output", f"command: [x]\noutputs: {{a: {{{UNKNOWN}: 1}}}}"),
    ("of a step", f"steps: [{{{UNKNOWN}: 1}}]"),
    ("of a param", f"command: [x]\nparams: {{a: {{{UNKNOWN}: 1}}}}"),
    ("of `requires`", f"command: [x]\nrequires: {{{UNKNOWN}: 1}}"),
    ("of an item of `command` that is not text", f"command: [x, {{{UNKNOWN}: 1}}]"),
    ("of a secret that is not a name alone", f"command: [x]\nsecrets: [{{{UNKNOWN}: 1}}]"),
    ("of a constraint", f"command: [x]\nconstraints: [{{{UNKNOWN}: 1}}]"),
], ids=lambda text: text.split("\n")[0] if UNKNOWN not in text else "")
def test_the_keys_that_it_lists_are_those_that_there_are(own, what, manifest):
    own.write("manifests/wrong.yaml", f"job: wrong\n{manifest}\n")
    assert listed(what) == known(own.run("lint", "manifests/wrong.yaml"))


@pytest.mark.parametrize("what, configuration", [
    ("of `jobrun.yaml`", f"{UNKNOWN}: 1"),
    ("of an environment in it", f"environments: {{dev: {{{UNKNOWN}: 1}}}}"),
], ids=["jobrun.yaml", "environment"])
def test_so_are_those_of_the_configuration(own, what, configuration):
    own.write("jobrun.yaml", f"{configuration}\n")
    assert listed(what) == known(own.run("greet").fails(120))
