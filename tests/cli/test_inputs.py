"""`inputs`: what each key of an input refuses, against the job that makes it."""
import pytest


@pytest.fixture
def made(workspace):
    """`build` has two outputs, a param with a default and one that is required."""
    workspace.manifest("build", """\
        params:
          platform: {type: enum, values: [linux-x64, linux-arm64], default: linux-x64, help: P}
          release: {type: string, pattern: '\\d+', required: true, help: R}
        script: mkdir -p out && touch out/bin out/doc
        outputs: {bin: out/bin, doc: out/doc}
        """)
    workspace.commit()
    return workspace


GOOD = "with: {release: '1'}, output: bin, to: in/"


@pytest.mark.parametrize("given,said", [
    (f"from: biuld, {GOOD}", "did you mean 'build'?"),
    (f"from: [build], {GOOD}", "must be text"),
    ("from: build, with: {release: '1'}, to: in/", "'output'"),
    ("from: build, with: {release: '1'}, output: bni, to: in/", "did you mean 'bin'?"),
    ("from: build, with: {release: '1'}, output: null, to: in/", "null"),
    ("from: build, output: bin, to: in/", "'release'"),
    ("from: build, with: {release: x}, output: bin, to: in/", "pattern"),
    ("from: build, with: {release: '1', platform: [linux-x64, lunix]}, output: bin, to: in/", "'lunix'"),
    ("from: build, with: {release: '1', plattform: linux-x64}, output: bin, to: in/", "did you mean 'platform'?"),
    ("from: build, with: [release], output: bin, to: in/", "must be a mapping"),
    ("from: build, with: {release: '1'}, output: bin, to: /in/", "absolute"),
    ("from: build, with: {release: '1'}, output: bin, to: .git/x", "git"),
    ("from: build, with: {release: '1'}, output: bin, to: [in/]", "must be text"),
    (f"from: build, {GOOD}, when: {{mode: relase}}", "'relase'"),
    (f"from: build, {GOOD}, when: {{no: 1}}", "'no'"),
    (f"from: build, {GOOD}, optional: maybe", "must be true or false"),
    (f"from: build, {GOOD}, optinal: true", "did you mean 'optional'?"),
    (f"from: build, {GOOD}, commit: [HEAD]", "must be text"),
    (f"from: build, {GOOD}, unpack: true", "'tar.zst' or 'tar.gz'"),
])
def test_what_is_wrong_with_an_input_is_told_in_its_place(made, given, said):
    made.manifest("use", "params: {mode: {type: enum, values: [debug, release], default: debug, help: M}}\n"
                  f"inputs:\n  x: {{{given}}}\ncommand: [echo, '${{params.mode}}']\n")
    result = made.run("use").fails(120)
    assert said in result.err and "--> manifests/use.yaml:5:" in result.err, result


def test_the_same_input_without_a_fault_is_looked_for(made):
    made.manifest("use", f"inputs:\n  x: {{from: build, {GOOD}}}\ncommand: [echo]\n")
    assert "build --release 1\n" in made.run("use").fails(122).err


def test_an_output_with_a_condition_is_no_input_where_it_is_not_made(workspace):
    workspace.manifest("build", """\
        params: {kind: {type: enum, values: [small, full], default: small, help: K}}
        command: [mkdir, "out-${params.kind}"]
        outputs: {doc: {path: out-full/, when: {kind: full}}}
        """)
    workspace.manifest("use", """\
        params: {kind: {type: enum, values: [small, full], default: full, help: K}}
        inputs: {x: {from: build, with: {kind: "${params.kind}"}, to: in/}}
        command: [echo]
        """)
    workspace.commit()
    assert "build --kind full\n" in workspace.run("use").fails(122).err
    result = workspace.run("use", "--kind", "small").fails(120)
    assert "'doc'" in result.err and "--> manifests/use.yaml:4:" in result.err, result
