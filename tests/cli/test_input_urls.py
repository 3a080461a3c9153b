"""Inputs without `to`, and {urls: INPUT}: addresses in the place of files."""
import pytest

pytestmark = pytest.mark.store


@pytest.fixture
def built(workspace):
    workspace.ignore("/out/", "/in/", "/used/")
    workspace.manifest("build", """\
        params: {platform: {type: enum, values: [x, y], default: x, help: P}}
        script: |
          mkdir -p out/sub/empty
          for name in b sub/c a; do echo "$PARAM_PLATFORM $name" > "out/$name"; done
          ln -sf a out/link
        outputs: {files: out/}
        """)
    workspace.manifest("use", """\
        inputs: {apps: {from: build, with: {platform: [y, x]}}}
        command: [printf, '%s\\n', {urls: apps}]
        """)
    workspace.commit()
    return workspace


def addresses(built, platform, *names):
    content = next(p for p in built.address("build", f"platform={platform}").iterdir() if p.is_dir())
    return "".join(f"{built.shown(content)}/files/{name}\n" for name in names)


def build_both(built):
    for platform in "xy":
        built.run("build", "--platform", platform).ok()


def test_each_file_has_its_address_by_element_and_path(built):
    build_both(built)
    expected = "".join(addresses(built, platform, "a", "b", "sub/c") for platform in "yx")
    assert built.run("use").ok().out == expected
    assert not (built.root / "in").exists()
    for line in expected.splitlines():
        place = built.store / line.removeprefix(f"{built.url}/")
        assert place.read_text().startswith(("x ", "y "))


def test_a_script_has_them_in_a_variable_and_no_path(built):
    built.manifest("use", """\
        inputs: {apps: {from: build}, landed: {from: build, to: in/}}
        script: |
          echo "$INPUT_APPS_URLS"
          echo "${INPUT_APPS-unset} ${INPUT_LANDED_URLS-unset}"
        """)
    built.commit()
    build_both(built)
    assert built.run("use").ok().out == addresses(built, "x", "a", "b", "sub/c") + " unset\n"
    assert built.read("in/sub/c") == "x sub/c\n"


def test_an_input_that_lands_has_addresses_too(built):
    built.manifest("use", """\
        inputs: {apps: {from: build, to: in/}}
        command: [printf, '%s\\n', {urls: apps}, {files: apps}]
        """)
    built.commit()
    build_both(built)
    files = "".join(f"{built.root}/in/{name}\n" for name in ("a", "b", "link", "sub/c"))
    assert built.run("use").ok().out == addresses(built, "x", "a", "b", "sub/c") + files


def test_a_missing_one_stops_the_run_and_is_a_stand_in_for_a_dry_one(built):
    result = built.run("use").fails(122)
    assert "pixi run build --platform x" in result.err and "--platform y" in result.err
    dry = built.run("use", "--dry-run").ok()
    assert "'<addresses of input '\\''apps'\\''>'" in dry.out or "<addresses of input" in dry.out
    built.run("build", "--platform", "y").ok()
    dry = built.run("use", "--dry-run").ok()
    assert addresses(built, "y", "a").strip() in dry.out and "<addresses of input" in dry.out


def test_an_optional_one_that_is_absent_gives_nothing(built):
    built.manifest("use", """\
        inputs: {apps: {from: build, optional: true}}
        command: [sh, -c, 'echo "$# [$INPUT_APPS_URLS]"', sh, {urls: apps}]
        """)
    built.commit()
    assert built.run("use").ok().out == "0 []\n"


def test_a_file_that_is_gone_is_damage_though_nothing_is_fetched(built):
    build_both(built)
    next(built.address("build", "platform=y").rglob("c")).unlink()
    assert "damaged" in built.run("use").fails(123).err


def test_a_local_input_gives_local_paths(built):
    build_both(built)
    local = built.top / "mine"
    (local / "sub").mkdir(parents=True)
    (local / "z").write_text("1")
    (local / "sub" / "y").write_text("1")
    result = built.run("use", "--input", f"apps[platform=y]={local}").ok()
    assert result.out == f"{local}/sub/y\n{local}/z\n" + addresses(built, "x", "a", "b", "sub/c")
    one = built.run("use", "--input", f"apps[platform=y]={local}/z").ok()
    assert one.out.startswith(f"{local}/z\n")


def test_the_addresses_are_part_of_what_is_compared(built):
    built.manifest("use", """\
        inputs: {apps: {from: build}}
        command: [sh, -c, 'mkdir -p used; echo "$INPUT_APPS_URLS" > used/list']
        outputs: {list: used/list}
        """)
    built.commit()
    build_both(built)
    built.run("use").ok()
    assert "nothing to do" in built.run("use").ok().err
    built.write("manifests/build.yaml", built.read("manifests/build.yaml").replace("b sub", "bb sub"))
    built.run("build").ok()
    assert "input 'apps' was made anew" in built.run("use").ok().err


def test_the_help_says_that_nothing_lands(built):
    assert "from job 'build', its addresses alone" in built.run("use", "--help").ok().out


def test_files_and_paths_of_it_are_refused(built):
    built.manifest("use", """\
        inputs: {apps: {from: build}}
        env: {APPS: "${inputs.apps.path}"}
        command: [cat, {files: apps}]
        """)
    result = built.run("lint", "use").fails(1)
    assert result.err.count("input 'apps' has no 'to', so none of its files are here") == 2
    assert "{urls: apps}" in result.err


@pytest.mark.folder_store(reason="the store is a file:// address")
def test_a_folder_that_is_named_as_an_address_gives_paths_all_the_same(built):
    build_both(built)
    built.environment["JOBRUN_STORE"] = f"file://{built.store}"
    assert built.run("use").ok().out.startswith(f"{built.store}/dev/")
