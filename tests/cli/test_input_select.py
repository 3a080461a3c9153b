"""`select` inside an input: a table by a `with` name; and fan-in by lists of all kinds."""
import pytest

pytestmark = pytest.mark.store


@pytest.fixture
def libs(workspace):
    workspace.ignore("/out/", "/lib/")
    workspace.manifest("build", """\
        params:
          platform: {type: enum, values: [linux-x64, linux-arm64, macos-arm64], default: linux-x64, help: P}
          mode: {type: enum, values: [debug, release], default: debug, help: M}
        script: mkdir -p out; echo "$PARAM_PLATFORM $PARAM_MODE" > out/lib.a
        outputs: {lib: out/lib.a}
        """)
    workspace.commit()

    def build(*platforms, modes=("debug",)):
        for platform in platforms:
            for mode in modes:
                workspace.run("build", "--platform", platform, "--mode", mode).ok()
    workspace.build = build
    return workspace


def landed(workspace):
    return {str(p.relative_to(workspace.root / "lib")): p.read_text().strip()
            for p in (workspace.root / "lib").rglob("*") if p.is_file()}


def test_a_table_renames_by_a_literal_list(libs):
    libs.manifest("use", """\
        inputs:
          libs:
            from: build
            with: {platform: [linux-x64, linux-arm64]}
            select:
              platform:
                linux-x64: {file: a.a, folder: deep/x64}
                linux-arm64: {file: b.a, folder: arm}
            to: lib/${with.folder}/${with.file}
        command: [cat, {files: libs}]
        """)
    libs.commit()
    libs.build("linux-x64", "linux-arm64")
    assert libs.run("use").ok().out == "linux-x64 debug\nlinux-arm64 debug\n"
    assert landed(libs) == {"deep/x64/a.a": "linux-x64 debug", "arm/b.a": "linux-arm64 debug"}


def test_a_table_follows_an_enum_param_and_may_hold_placeholders(libs):
    libs.manifest("use", """\
        params:
          platform: {type: enum, values: [linux-x64, macos-arm64], default: linux-x64, help: P}
          tag: {type: string, default: t, help: T}
        inputs:
          lib:
            from: build
            with: {platform: "${params.platform}"}
            select: {platform: {linux-x64: {file: "x/${params.tag}.a"}, macos-arm64: {file: m.a}}}
            to: lib/${with.file}
        command: [cat, {files: lib}]
        """)
    libs.commit()
    libs.build("linux-x64", "macos-arm64")
    libs.run("use", "--tag", "v1").ok()
    libs.run("use", "--platform", "macos-arm64").ok()
    assert landed(libs) == {"x/v1.a": "linux-x64 debug", "m.a": "macos-arm64 debug"}
    refused = libs.run("use", "--tag", "../../x").fails(2)
    assert "cannot stand in a path" in refused.err


def test_two_tables_in_a_cross_product(libs):
    libs.manifest("use", """\
        inputs:
          libs:
            from: build
            with: {platform: [linux-x64, macos-arm64], mode: [debug, release]}
            select:
              platform: {linux-x64: {file: l}, macos-arm64: {file: m}}
              mode: {debug: {suffix: -d}, release: {suffix: ""}}
            to: lib/${with.file}${with.suffix}.a
        command: [cat, {files: libs}]
        """)
    libs.commit()
    libs.build("linux-x64", "macos-arm64", modes=("debug", "release"))
    libs.run("use").ok()
    assert sorted(landed(libs)) == ["l-d.a", "l.a", "m-d.a", "m.a"]


def test_a_value_without_a_row_is_refused_when_it_is_known(libs):
    libs.manifest("use", """\
        params: {platform: {type: string, default: linux-x64, help: P}}
        inputs:
          lib:
            from: build
            with: {platform: "${params.platform}"}
            select: {platform: {linux-x64: {file: a}}}
            to: lib/${with.file}
        command: [cat, {files: lib}]
        """)
    libs.commit()
    libs.build("linux-x64")
    assert "error[" not in libs.run("lint", "use").fails(1).err
    libs.run("use").ok()
    result = libs.run("use", "--platform", "linux-arm64").fails(120)
    assert "the table of 'platform' has no row for 'linux-arm64'" in result.err
    assert "manifests/use.yaml:8" in result.err


def test_rows_that_a_when_leaves_out_are_not_asked_for(libs):
    libs.manifest("use", """\
        params: {platform: {type: enum, values: [linux-x64, linux-arm64, macos-arm64], default: macos-arm64, help: P}}
        inputs:
          lib:
            from: build
            when: {platform: {not: macos-arm64}}
            with: {platform: "${params.platform}"}
            select: {platform: {linux-x64: {file: a}, linux-arm64: {file: b}}}
            to: lib/${with.file}
        command: [echo, {files: lib}]
        """)
    libs.commit()
    assert "no problems" in libs.run("lint", "use").ok().err
    assert libs.run("use").ok().out == "\n"


def test_what_lands_by_a_table_does_not_make_the_tree_dirty(libs):
    libs.ignore("/out/", "/made")
    libs.manifest("use", """\
        inputs:
          lib:
            from: build
            with: {platform: linux-x64}
            select: {platform: {linux-x64: {file: a}}}
            to: lib/${with.file}
        script: cat lib/a > made
        outputs: {o: made}
        """)
    libs.commit()
    libs.build("linux-x64")
    libs.run("use").ok()
    assert "nothing to do" in libs.run("use").ok().err


LISTS = {
    "a literal list": ("", "[linux-x64, macos-arm64]", []),
    "an enum list": ("params: {all: {type: list, of: {type: enum, values: [linux-x64, macos-arm64]}, "
                     "default: all, help: A}}", '"${params.all}"', []),
    "values of another param": (
        "params: {platform: {type: enum, values: [linux-x64, macos-arm64, linux-arm64], default: linux-x64, help: P}, "
        "all: {type: list, of: {values-of: platform}, default: [linux-x64], help: A}}", '"${params.all}"',
        ["--all", "linux-x64", "--all", "macos-arm64", "--platform", "linux-x64"]),
}


@pytest.mark.parametrize("kind", LISTS)
def test_every_kind_of_list_fans_in_and_all_missing_members_are_reported(libs, kind):
    params, value, arguments = LISTS[kind]
    libs.manifest("use", f"""\
{params}
inputs:
  libs:
    from: build
    with: {{platform: {value}, mode: [release, debug]}}
    to: "lib/${{with.platform}}/${{with.mode}}/"
command: [cat, {{files: libs}}]
""")
    libs.commit()
    libs.build("macos-arm64", modes=("release",))
    result = libs.run("use", *arguments).fails(122)
    for platform, mode in (("linux-x64", "release"), ("linux-x64", "debug"), ("macos-arm64", "debug")):
        assert f"pixi run build --platform {platform} --mode {mode}" in result.err
    assert result.err.count("has not published") == 3
    libs.build("linux-x64", "macos-arm64", modes=("release", "debug"))
    assert libs.run("use", *arguments).ok().out == (
        "linux-x64 release\nlinux-x64 debug\nmacos-arm64 release\nmacos-arm64 debug\n")
