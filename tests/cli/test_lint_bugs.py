"""Bugs that real projects had for months, as manifests: lint finds each, and says it so
that somebody who reads it at the end of a long day knows what to change."""
import pytest

PLATFORMS = "[linux-x64, linux-arm64, macos-arm64, windows-x64]"


@pytest.fixture(autouse=True)
def ignored(workspace):
    """What the jobs make and land, which is the matter of other tests."""
    workspace.ignore("*")


def lint(workspace, name=None):
    return workspace.run("lint", *([f"manifests/{name}.yaml"] if name else [])).fails(1).err


def said(err, *parts):
    for part in parts:
        assert part in err, err


def test_a_param_that_is_not_set_gives_no_path_that_ends_in_a_slash(workspace):
    for path, becomes, which in (
            ("docs/cpp/${params.version}/**", "docs/cpp//**", "has an empty segment"),
            ("docs/cpp/${params.version}", "docs/cpp/", "ends in '/'"),
            ("docs/${vars.place}", "docs/cpp/", "ends in '/'")):
        workspace.manifest("publish-docs", f"""\
            params:
              version: {{type: string, min-length: 0, default: "", help: Version of the docs}}
            vars: {{place: "cpp/${{params.version}}"}}
            command: [make, docs, "PLACE=${{vars.place}}"]
            outputs: {{site: "{path}"}}
            """)
        workspace.commit()
        err = lint(workspace)
        said(err, "warning[default-path]: unless a value is given, the path of output 'site' becomes "
                  f"'{becomes}', which {which}",
             "note: with version=''",
             "help: let the param be required, or give it a default that a path can hold")
        assert err.count("warning[") == 1
        refused = workspace.run("publish-docs", "--dry-run").fails(2)
        said(refused.err, "error[path]: ", "it is empty")
        workspace.run("publish-docs", "--version", "1.2", "--dry-run").ok()


def test_an_empty_default_is_refused_by_a_producer_that_wants_a_value(workspace):
    workspace.manifest("docs", """\
        params:
          version: {type: string, pattern: '\\d+\\.\\d+', default: "1.0", help: Version}
        command: [make, docs, "VERSION=${params.version}"]
        outputs: {site: docs/}
        """)
    workspace.manifest("publish", """\
        params:
          version: {type: string, min-length: 0, default: "", help: Version of the docs}
        inputs:
          site: {from: docs, with: {version: "${params.version}"}, to: site/}
        command: [ls, site/]
        """)
    err = lint(workspace)
    said(err, "error[with]: value '' of param 'version' of job 'docs' does not match the pattern",
         "manifests/publish.yaml:6")
    assert err.count("error[") == 1


def test_two_modes_do_not_share_one_address(workspace):
    workspace.manifest("build-wheel", f"""\
        params:
          platform: {{type: enum, values: {PLATFORMS}, default: host, help: Platform}}
          mode: {{type: enum, values: [pypi, pr, extra], default: pr, variant: false, help: Mode}}
          jobs: {{type: int, min: 1, default: 4, variant: false, help: Threads}}
          verbose: {{type: bool, default: false, variant: false, help: Print more}}
        select:
          mode: {{pypi: {{folder: release}}, pr: {{folder: debug}}, extra: {{folder: extra}}}}
        command:
          - maturin
          - build
          - -j${{params.jobs}}
          - --platform=${{params.platform}}
          - {{when: {{verbose: true}}, args: [-v]}}
          - --out=dist/${{vars.folder}}
        outputs:
          wheel: {{path: "dist/${{vars.folder}}/*.whl", count: 1}}
        """)
    err = lint(workspace)
    said(err, "warning[shared-address]: param 'mode' changes where the outputs of the job lie, and "
              "all its values share one address",
         "it has 'variant: false'",
         "help: leave 'variant: false' out, so that each value has an address of its own")
    assert "jobs" not in err.replace("jobrun", "") and "verbose" not in err


def test_a_consumer_does_not_ask_for_a_platform_that_nobody_builds(workspace):
    workspace.manifest("build-c", """\
        params:
          platform: {type: enum, values: [linux-x64, linux-arm64, macos-arm64], default: host, help: P}
        command: [make, "PLATFORM=${params.platform}"]
        outputs: {lib: out/lib.a}
        """)
    workspace.manifest("bundle", f"""\
        params:
          platforms: {{type: list, of: {{type: enum, values: {PLATFORMS}}}, default: all, help: P}}
        inputs:
          libs:
            from: build-c
            with: {{platform: "${{params.platforms}}"}}
            to: "lib/${{with.platform}}/"
        command: [ls, lib/]
        """)
    workspace.manifest("test-c", f"""\
        params:
          platform: {{type: enum, values: {PLATFORMS}, default: host, help: Platform}}
          fast: {{type: bool, default: false, help: Leave the long tests out}}
        inputs:
          lib:
            from: build-c
            with: {{platform: "${{params.platform}}"}}
            to: lib/
        command: [./run, "${{params.fast}}"]
        """)
    err = lint(workspace)
    assert err.count("error[with]: value 'windows-x64' of param 'platform' of job 'build-c' is not "
                     "one of linux-x64, linux-arm64, macos-arm64") == 2
    said(err, "note: job 'test-c' gives it for platform=windows-x64\n",
         "[linux-x64, linux-arm64, macos-arm64]", "the values of job 'build-c'", "2 errors")
    assert "fast" not in err


def test_one_that_guards_its_input_may_have_more_platforms(workspace):
    workspace.manifest("build-c", """\
        params:
          platform: {type: enum, values: [linux-x64, linux-arm64, macos-arm64], default: host, help: P}
        command: [make, "PLATFORM=${params.platform}"]
        outputs: {lib: out/lib.a}
        """)
    workspace.manifest("test-c", f"""\
        params:
          platform: {{type: enum, values: {PLATFORMS}, default: host, help: Platform}}
        inputs:
          lib:
            from: build-c
            with: {{platform: "${{params.platform}}"}}
            when: {{platform: {{not: windows-x64}}}}
            to: lib/
        command: [ls, lib/]
        """)
    workspace.run("lint").ok()


def test_a_bool_is_not_compared_with_text(workspace):
    workspace.manifest("pip-index", """\
        params:
          check: {type: bool, default: true, help: Ask whether all links are there}
        command:
          - python3
          - index.py
          - {when: {check: "True"}, args: [--check]}
        """)
    err = lint(workspace)
    said(err, "error[when]: value 'True' of param 'check' is not true or false", "help: write true")
    assert err.count("error[") == 1


def test_a_bool_is_not_handed_on_as_text_that_nobody_takes(workspace):
    workspace.manifest("index", """\
        params:
          check: {type: enum, values: ["yes", "no"], default: "yes", help: Whether to check}
        command: [make, "CHECK=${params.check}"]
        outputs: {page: out/index.html}
        """)
    workspace.manifest("site", """\
        params:
          check: {type: bool, default: true, help: Whether to check}
        inputs:
          page: {from: index, with: {check: "${params.check}"}, to: in/}
        command: [ls, in/]
        """)
    said(lint(workspace), "value 'true' of param 'check' of job 'index' is not one of yes, no",
         "note: nor does it take 'false'")


def test_no_platform_is_left_out_of_the_list_of_outputs(workspace):
    workspace.manifest("build-c", f"""\
        params:
          platform: {{type: enum, values: {PLATFORMS}, default: host, help: Platform}}
        command: [cargo, build, "--target=${{params.platform}}"]
        outputs:
          archive: {{path: out/librerun_c.a, when: {{platform: [linux-x64, macos-arm64]}}}}
          lib: {{path: out/rerun_c.lib, when: {{platform: windows-x64}}}}
        """)
    err = lint(workspace)
    said(err, "warning[no-output]: no output is made for platform=linux-arm64",
         "made only when this holds", "note: the job runs, publishes nothing, and succeeds",
         "help: add it to a 'when', or say that nothing is made: {platform: {not: linux-arm64}}")
    assert err.count("warning[") == 1


def test_a_platform_that_is_left_out_by_name_is_meant(workspace):
    for when in ("{platform: {not: linux-arm64}}", "{platform: linux-x64}"):
        workspace.manifest("build-c", f"""\
            params:
              platform: {{type: enum, values: {PLATFORMS}, default: host, help: Platform}}
            command: [cargo, build, "--target=${{params.platform}}"]
            outputs: {{archive: {{path: out/librerun_c.a, when: {when}}}}}
            """)
        workspace.run("lint").ok()


def test_a_table_has_a_row_for_each_platform(workspace):
    workspace.manifest("build-c", f"""\
        params:
          platform: {{type: enum, values: {PLATFORMS}, default: host, help: Platform}}
        select:
          platform:
            linux-x64: {{lib: librerun_c.a}}
            macos-arm64: {{lib: librerun_c.a}}
            windows-x64: {{lib: rerun_c.lib}}
        command: [cargo, build, "--target=${{params.platform}}"]
        outputs: {{lib: "out/${{vars.lib}}"}}
        """)
    said(lint(workspace), "error[select]: the table of 'platform' has no row for 'linux-arm64'")


def test_an_artifact_that_only_another_variant_makes_is_not_asked_for(workspace):
    workspace.manifest("build-js", """\
        params:
          mode: {type: enum, values: [pr, main, release], default: pr, help: Mode}
        command: [npm, run, "build:${params.mode}"]
        outputs:
          bundle: out/bundle.js
          assets: {path: out/assets/, when: {mode: pr}}
        """)
    workspace.manifest("sync-assets", """\
        inputs:
          assets: {from: build-js, output: assets, with: {mode: release}, to: assets/}
        command: [ls, assets/]
        """)
    err = lint(workspace, "sync-assets")
    said(err, "error[output-when]: job 'build-js' does not make output 'assets' when mode=release",
         "it is made only when this holds",
         "help: give the input a 'when' of its own, or other values in its 'with'")
