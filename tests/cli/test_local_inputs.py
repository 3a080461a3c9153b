"""`--input`: an input from a path of one's own, for one run."""
import pytest

pytestmark = pytest.mark.store

CI = {"CI": "true", "GITHUB_RUN_ID": "42"}


@pytest.fixture
def fan(workspace):
    workspace.ignore("/out/", "/lib/", "/made/")
    workspace.manifest("build", """\
        params: {platform: {type: enum, values: [x, y], default: x, help: P}}
        script: mkdir -p out; echo "store $PARAM_PLATFORM" > out/tool
        outputs: {tool: out/tool}
        """)
    workspace.manifest("use", """\
        inputs: {tools: {from: build, with: {platform: [x, y]}, to: "lib/${with.platform}/"}}
        script: mkdir -p made; cat lib/*/tool > made/all
        outputs: {all: made/all}
        """)
    workspace.commit()
    workspace.local = workspace.top / "mine"
    workspace.local.write_text("local\n")
    return workspace


def test_one_element_of_a_fan_in_has_the_producers_name(fan):
    fan.run("build", "--platform", "x").ok()
    result = fan.run("use", "--input", f"tools[platform=y]={fan.local}").ok()
    assert "input 'tools' (platform=y) is taken from" in result.err
    assert fan.read("made/all") == "store x\nlocal\n"
    assert str(fan.local) in fan.receipts()[-1].read_text()


def test_the_other_elements_are_still_asked_for(fan):
    result = fan.run("use", "--input", f"tools[platform=y]={fan.local}").fails(122)
    assert "--platform x" in result.err and "--platform y" not in result.err


def test_a_folder_stands_for_the_whole_output(fan):
    fan.run("build").ok()
    folder = fan.top / "tree"
    (folder / "sub").mkdir(parents=True)
    (folder / "tool").write_text("one\n")
    (folder / "sub/more").write_text("two\n")
    fan.run("use", "--input", f"tools[platform=y]={folder}").ok()
    assert fan.read("lib/y/sub/more") == "two\n"


@pytest.mark.parametrize("given, words", [
    ("tools=PATH", "several artifacts"), ("tools[platform=z]=PATH", "no artifact 'platform=z'"),
    ("tool=PATH", "did you mean 'tools'?"), ("tools[platform=x]=/nowhere", "cannot be taken from '/nowhere'"),
    ("tools[platform=x", "is not NAME=PATH"), ("tools[platform=x]=", "is not NAME=PATH")])
def test_what_fits_no_input_is_refused(fan, given, words):
    assert words in fan.run("use", "--input", given.replace("PATH", str(fan.local))).fails(2).err


def test_an_input_is_given_once(fan):
    one = f"tools[platform=x]={fan.local}"
    assert "was given before" in fan.run("use", "--input", one, "--input", one).fails(2).err


def test_a_protected_environment_takes_none(fan):
    result = fan.run("use", "--input", f"tools[platform=x]={fan.local}", env=CI).fails(121)
    assert "--input must not be used" in result.err and "help:" in result.err
    assert not (fan.root / "made").exists()


def test_the_next_run_without_it_is_not_the_same(fan):
    for platform in "xy":
        fan.run("build", "--platform", platform).ok()
    arguments = ["--input", f"tools[platform=y]={fan.local}"]
    fan.run("use", *arguments).ok()
    assert "nothing to do" in fan.run("use", *arguments).ok().err
    assert "input 'tools' (platform=y) is another one" in fan.run("use").ok().err
    fan.local.write_text("changed\n")
    assert "runs again" in fan.run("use", *arguments).ok().err
