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


@pytest.mark.parametrize("what, manifest", [
    ("keys of a job", f"{UNKNOWN}: 1"),
    ("of an input", f"command: [x]\ninputs: {{a: {{{UNKNOWN}: 1}}}}"),
    ("of an output", f"command: [x]\noutputs: {{a: {{{UNKNOWN}: 1}}}}"),
    ("of a step", f"steps: [{{{UNKNOWN}: 1}}]"),
], ids=lambda text: text.split("\n")[0] if UNKNOWN not in text else "")
def test_the_keys_that_it_lists_are_those_that_there_are(own, what, manifest):
    listed = re.search(rf"^- {what}: `(.*?)`", README, re.S | re.M).group(1).split()
    own.write("manifests/wrong.yaml", f"job: wrong\n{manifest}\n")
    known = re.search(r"known keys are: (.*)", own.run("lint", "manifests/wrong.yaml").err).group(1)
    assert sorted(listed) == sorted(known.split(", "))
